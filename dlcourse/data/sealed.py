"""Files that come with the package and that only who has the key can read.

An assignment may be graded on data that learners must not have. A file beside its source would have
to travel to each grader by a way of its own, so such data lie in the package, enciphered; the
key stands in the assignment's hidden set-up, which only instructors see.
"""

from __future__ import annotations

import hashlib

import numpy as np

from dlcourse.data import files
from dlcourse.data.files import DataError, DataSet

DIGEST = hashlib.sha256().digest_size


def seal(content: bytes, key: bytes, name: str = "") -> bytes:
    """Encipher content so that only who has the key can read it, and know that it is whole.

    A stream cipher: the keystream is SHAKE-256 (FIPS 202) of the key and the name. What is
    enciphered begins with the content's SHA-256.

    Args:
        content: what to encipher.
        key: 32 random bytes.
        name: what is sealed. A key and a name together may be used for one content only: of two
            contents with one keystream, each tells about the other.
    """
    return _with_keystream(hashlib.sha256(content).digest() + content, key, name)


def unseal(sealed: bytes, key: bytes, name: str = "", *, title: str = "the file") -> bytes:
    """Return what `seal` enciphered.

    Args:
        sealed: what `seal` returned.
        key: the key it was given.
        name: the name it was given.
        title: what an error calls the content.

    Raises:
        DataError: if key and name are not those with which it was sealed, or a byte was changed.
    """
    opened = _with_keystream(sealed, key, name)
    digest, content = opened[:DIGEST], opened[DIGEST:]
    if hashlib.sha256(content).digest() != digest:
        raise DataError(
            f"This key does not open {title}. The right one stands in the hidden set-up of the "
            "assignment that is graded on it."
        )
    return content


def open_sealed(data_set: DataSet, key: bytes) -> bytes:
    """The content of a data set's file, sealed under the data set's name.

    Raises:
        DataError: if the file is missing or is not the known one, or the key does not open it.
    """
    sealed = files.locate(data_set).read_bytes()
    return unseal(sealed, key, data_set.name, title=data_set.name)


def _with_keystream(content: bytes, key: bytes, name: str) -> bytes:
    stream = hashlib.shake_256(key + name.encode()).digest(len(content))
    mixed = np.frombuffer(content, np.uint8) ^ np.frombuffer(stream, np.uint8)
    return mixed.tobytes()
