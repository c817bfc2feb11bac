"""Train a Keras network, keep its best weights, and go on after a disconnect.

`fitting` trains; `weights` reads and writes the files of weights, `fingerprint` tells whether a
training is still the same one, and `submitted` holds what became of weights that came with a
submission.
"""

from dlcourse.train.fitting import History, fit, keep
from dlcourse.train.weights import WeightsError, load_weights, save_weights

__all__ = ["History", "WeightsError", "fit", "keep", "load_weights", "save_weights"]
