"""The attention heads of week 8: stored weights are MiniLM's, and they are chosen by keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from dlcourse.data.datasets.derive_attention_heads import attention

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "attention_heads"
DOG = "The dog chased the cat because it was hungry."


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def weights_of(page: Any, text: str, layer: int, head: int) -> npt.NDArray[Any]:
    call = """([text, layer, head]) => attentionHeadsFunctions.weightsOf(
        attentionHeadsFunctions.SENTENCES[text], layer, head)"""
    return np.array(page.evaluate(call, [text, layer, head]))


def test_the_stored_weights_are_the_models(page: Any) -> None:
    computed = attention()
    call = """() => Object.entries(attentionHeadsFunctions.SENTENCES).map(
        ([text, { tokens }]) => [text, tokens])"""
    assert dict(page.evaluate(call)) == {text: tokens for text, (tokens, _) in computed.items()}
    for text, (_, weights) in computed.items():
        for layer in range(6):
            for head in range(12):
                found = weights_of(page, text, layer, head)
                np.testing.assert_allclose(found, weights[layer, head], atol=0.005)


def test_what_leaves_a_token_sums_to_one(page: Any) -> None:
    np.testing.assert_allclose(weights_of(page, DOG, 3, 1).sum(axis=1), 1, atol=0.03)


def test_shares_leave_the_special_tokens_out(page: Any) -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(5), size=5)
    found = page.evaluate("w => attentionHeadsFunctions.pattern(w)", weights.tolist())
    inner = range(1, 4)
    expected = {
        "itself": np.mean([weights[i, i] for i in inner]),
        "the token before": sum(weights[i, i - 1] for i in (2, 3)) / 3,
        "the token after": sum(weights[i, i + 1] for i in (1, 2)) / 3,
        "[CLS]": weights[1:4, 0].mean(),
        "[SEP]": weights[1:4, 4].mean(),
    }
    assert found == pytest.approx(expected)


def test_layer_and_head_are_chosen_by_the_arrow_keys(page: Any) -> None:
    assert status(page).startswith("Layer 1 of 6, head 1 of 12.")
    page.get_by_label("layer").press("ArrowRight")
    page.get_by_label("head").press("End")
    assert status(page).startswith("Layer 2 of 6, head 12 of 12.")


def test_a_chosen_token_says_what_it_attends_to(page: Any) -> None:
    page.get_by_label("layer").fill("4")
    page.get_by_label("head").fill("2")
    page.get_by_label("token", exact=True).select_option("7")
    row = weights_of(page, DOG, 3, 1)[7]
    assert f"From “it” most to “cat” {row[5]:.2f}" in status(page)
    assert page.locator("line").count() == int((row >= 0.01).sum())


def test_a_click_on_a_token_chooses_it_and_a_second_all(page: Any) -> None:
    everything = page.locator("line").count()
    page.locator("text.query", has_text="hungry").click()
    assert page.get_by_label("token", exact=True).input_value() == "9"
    assert "From “hungry”" in status(page)
    assert page.locator("line").count() < everything
    page.locator("text.query", has_text="hungry").click()
    assert page.get_by_label("token", exact=True).input_value() == "all"


def test_a_new_sentence_has_its_own_tokens(page: Any) -> None:
    page.get_by_label("token", exact=True).select_option("9")
    page.get_by_label("sentence", exact=True).select_option("An unwatchable, overlong mess.")
    assert page.get_by_label("token", exact=True).input_value() == "all"
    assert page.locator("text.query").all_text_contents()[2:5] == ["un", "##watch", "##able"]
