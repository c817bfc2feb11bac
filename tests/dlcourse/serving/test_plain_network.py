"""The network in NumPy is the one that Keras runs."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from dlcourse.serving import plain_network, reference


def test_embeddings_are_those_of_the_trained_network() -> None:
    images = reference.unseen()[0][:70]  # more than one batch
    np.testing.assert_allclose(
        plain_network.embeddings(images), reference.embeddings(images), rtol=1e-4, atol=1e-4
    )


def test_the_last_layer_gives_the_logits() -> None:
    images = reference.unseen()[0][:8]
    kernel, bias = plain_network.last_layer()
    logits = np.asarray(reference.trained()(images))
    np.testing.assert_allclose(
        plain_network.embeddings(images) @ kernel + bias, logits, rtol=1e-4, atol=1e-4
    )


def test_no_images_have_no_embeddings() -> None:
    assert plain_network.embeddings(np.zeros((0, 32, 32, 3))).shape == (0, 64)


def test_images_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="got \\(2, 28, 28, 3\\)"):
        plain_network.embeddings(np.zeros((2, 28, 28, 3)))


def test_a_copy_of_the_last_layer_can_be_changed() -> None:
    plain_network.last_layer().bias[:] = 7
    assert (plain_network.last_layer().bias != 7).all()


def test_no_deep_learning_library_is_loaded() -> None:
    code = (
        "import sys, numpy as np\n"
        "from dlcourse.serving import plain_network, reference\n"
        "plain_network.embeddings(reference.unseen()[0][:1])\n"
        "sys.exit(any(n in sys.modules for n in ('keras', 'tensorflow', 'torch', 'jax')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
