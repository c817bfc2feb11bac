"""Derive reviews.npz and reviews_sealed.bin; run once, the results are shipped.

    pip download --no-deps --no-binary vaderSentiment vaderSentiment==3.3.2
    python dlcourse/data/datasets/derive_reviews.py vaderSentiment-3.3.2.tar.gz SST2_TEST KEY_FILE

The source distribution holds an archive with 10,605 sentences of film reviews (Pang and Lee 2005),
each rated from -4 to 4 by 15 to 29 people (Hutto and Gilbert 2014). SST2_TEST is the test split of
SST-2 (Socher et al. 2013), whose sentences come from the same reviews: those that are in it are
sealed with the 64 hexadecimal digits in KEY_FILE, and an assignment is graded on them. So the gpu
tier, which has SST-2's other splits, does not hold them either.

A snippet with a mean rating of 0 and one that occurs twice are left out. The source lost its
hyphens before; nothing else was changed.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
import sys
import tarfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlcourse.data.sealed import seal

SOURCE = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
SST2_TEST = "6a80dc9b9a0db2d3b37f2f809304febad31c90ab67a5b4157b7d9f881c53ef5b"
INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
FOLDER = "hutto_ICWSM_2014/movieReviewSnippets_"
TRAIN = 7500
SEED = 6


@dataclass(frozen=True)
class Snippet:
    """One sentence, and what each person gave it."""

    text: str
    ratings: tuple[int, ...]


def checked(path: Path, sha256: str) -> bytes:
    """The file's content, if it is the known one."""
    content = path.read_bytes()
    if (digest := hashlib.sha256(content).hexdigest()) != sha256:
        raise SystemExit(f"{path} is not the known file: its SHA-256 is {digest}.")
    return content


def read_snippets(source: bytes) -> list[Snippet]:
    """All snippets, in the order of the source, which is sorted by class."""
    with tarfile.open(fileobj=io.BytesIO(source)) as outer:
        inner = outer.extractfile(INNER)
        assert inner is not None
        with tarfile.open(fileobj=inner) as archive:
            texts, ratings = (
                _rows(archive, FOLDER + name) for name in ("GroundTruth.txt", "anonDataRatings.txt")
            )
    if [row[0] for row in texts] != [row[0] for row in ratings]:
        raise SystemExit("Texts and ratings have different identifiers.")
    return [
        Snippet(" ".join(text[2].split()), tuple(ast.literal_eval(rating[3])))
        for text, rating in zip(texts, ratings, strict=True)
    ]


def _rows(archive: tarfile.TarFile, name: str) -> list[list[str]]:
    member = archive.extractfile(name)
    assert member is not None
    lines = member.read().decode("utf-8").replace("\r", "").split("\n")
    return [line.split("\t") for line in lines if line]


def fingerprint(text: str) -> str:
    """Letters and digits alone, without case and accents: the sources differ in all else."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("-lrb-", "").replace("-rrb-", ""))
    return re.sub(r"[^a-z0-9]", "", plain)


def packed(snippets: list[Snippet]) -> dict[str, np.ndarray]:
    """The arrays of a file: texts and ratings one behind another, with the place of each end."""
    encoded = [snippet.text.encode() for snippet in snippets]
    return {
        "text": np.frombuffer(b"".join(encoded), np.uint8),
        "text_end": np.cumsum([len(text) for text in encoded]).astype(np.int32),
        "rating": np.concatenate([snippet.ratings for snippet in snippets]).astype(np.int8),
        "rating_end": np.cumsum([len(snippet.ratings) for snippet in snippets]).astype(np.int32),
    }


def main(source: Path, test: Path, key: bytes) -> None:
    """Write what learners get, in random order, and the snippets for grading, enciphered."""
    snippets = read_snippets(checked(source, SOURCE))
    lines = checked(test, SST2_TEST).decode("utf-8").split("\n")
    hidden = {fingerprint(line.partition(" ")[2]) for line in lines}
    found = {fingerprint(snippet.text): snippet for snippet in snippets if sum(snippet.ratings)}
    names = list(found)
    order = [names[row] for row in np.random.default_rng(SEED).permutation(len(names))]
    public = [found[name] for name in order if name not in hidden]
    sealed = [found[name] for name in order if name in hidden]
    folder = Path(__file__).parent
    np.savez_compressed(folder / "reviews.npz", train=np.int32(TRAIN), **packed(public))  # type: ignore[arg-type]
    content = io.BytesIO()
    np.savez_compressed(content, **packed(sealed))  # type: ignore[arg-type]
    name = "reviews_sealed"
    (folder / f"{name}.bin").write_bytes(seal(content.getvalue(), key, name))


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        bytes.fromhex(Path(sys.argv[3]).read_text(encoding="utf-8")),
    )
