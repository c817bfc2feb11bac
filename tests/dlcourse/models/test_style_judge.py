"""The judge of pictures is EfficientNet-Lite0, and scores what is taken over and what is kept."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data import paintings
from dlcourse.models import style_judge
from dlcourse.models.style_judge import content_kept, copied, style_taken, together


@pytest.fixture(scope="module")
def pairs() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return paintings.contents(3, rng), paintings.styles(3, rng)


def test_the_content_has_taken_nothing_and_kept_all(pairs: tuple[np.ndarray, np.ndarray]) -> None:
    contents, styles = pairs
    assert np.allclose(style_taken(contents, contents, styles), 0, atol=1e-5)
    assert np.allclose(content_kept(contents, contents), 1, atol=1e-5)


def test_the_style_itself_is_a_copy_and_keeps_little(
    pairs: tuple[np.ndarray, np.ndarray],
) -> None:
    contents, styles = pairs
    assert np.allclose(copied(styles, styles), 1, atol=1e-4)
    assert np.allclose(style_taken(styles, contents, styles), 0, atol=1e-3)
    assert content_kept(styles, contents).max() < 0.4


def test_a_copy_that_was_turned_mirrored_or_moved_is_one(
    pairs: tuple[np.ndarray, np.ndarray],
) -> None:
    contents, styles = pairs
    moved = np.roll(styles, (12, 20), axis=(1, 2))
    for other in (np.rot90(styles, axes=(1, 2)), styles[:, :, ::-1], styles[:, ::-1], moved):
        assert copied(other, styles).min() > 0.7
    assert copied(contents, styles).max() < 0.25


def test_pairs_are_scored_each_for_itself(pairs: tuple[np.ndarray, np.ndarray]) -> None:
    contents, styles = pairs
    made = (contents + styles) / 2
    alone = style_taken(made[1:2], contents[1:2], styles[1:2])
    assert np.allclose(style_taken(made, contents, styles)[1], alone, atol=1e-4)


def test_the_score_is_the_smaller_number() -> None:
    assert np.allclose(together([0.5, 0.2, -0.1, 0.9], [0.5, 0.8, 0.9, 0.3]), [0.5, 0.2, 0, 0.3])


def test_the_features_are_those_of_the_network_in_keras() -> None:
    keras = pytest.importorskip("keras")
    from dlcourse.models.pretrained import efficientnet_lite0

    network = efficientnet_lite0(include_top=False, size=32)
    names = ["stem_relu", *(f"block{i}_expand_relu" for i in range(1, 5)), "block4_add"]
    layers = keras.Model(network.input, [network.get_layer(name).output for name in names])
    pictures = np.random.default_rng(1).uniform(size=(2, 32, 32, 3)).astype(np.float32)
    wanted = dict(zip(("stem", "block1", "block2", "block3", "block4", "block4"),
                      layers(255 * pictures), strict=True))  # fmt: skip
    found = style_judge._features(pictures)
    assert set(found) == set(wanted)
    for name, maps in found.items():
        assert np.allclose(maps, wanted[name], atol=2e-3), name
