"""Reading zip archives that anybody may have made.

Nothing is ever unpacked under the name that the archive gives it: a caller takes one member at a
time into a file of its own choosing, and what it takes is counted while it is decompressed. So
names that climb out of a folder, absolute names and links are mere text here, and the sizes that an
archive claims are believed nowhere.
"""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

# zipfile reads an archive's whole directory at once and makes an object of every entry in it.
MAX_DIRECTORY: Final = 4 * 2**20
MAX_ARCHIVE: Final = 2 * 2**30
_CHUNK: Final = 2**20
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class ArchiveError(Exception):
    """Why an archive or one of its members cannot be read: one sentence for the learner."""


class TooLarge(ArchiveError):
    """A member holds more bytes than it may."""


@dataclass(frozen=True)
class Member:
    """One file in an archive.

    Attributes:
        parts: its name, split at slashes, without ``.`` and ``..``: to tell files apart, never to
            write one.
        when: seconds since the epoch, by the archive's clock.
        problem: why it cannot be read, or empty.
    """

    parts: tuple[str, ...]
    when: float
    problem: str
    info: zipfile.ZipInfo


class _BoundedReads(io.FileIO):
    """A file that refuses to be read in one piece larger than a zip's directory may be."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = -1 if size is None else size
        if wanted < 0:
            wanted = MAX_DIRECTORY + 1
        if wanted > MAX_DIRECTORY + 1:
            raise ArchiveError("The zip lists too many files; put only your work in it.")
        return super().read(wanted)


class Archive:
    """An open zip file. Use it as a context manager.

    Raises:
        ArchiveError: when the file is no zip that can be read.
    """

    def __init__(self, path: Path) -> None:
        try:
            if path.stat().st_size > MAX_ARCHIVE:
                raise ArchiveError(f"The zip is larger than {MAX_ARCHIVE // 2**30} GB.")
            self._file = _BoundedReads(str(path))
        except OSError as error:
            raise ArchiveError(f"The zip could not be opened: {error.strerror}.") from None
        try:
            self._zip = zipfile.ZipFile(self._file)
        except ArchiveError:
            self._file.close()
            raise
        except Exception:  # a made-up directory makes zipfile raise many kinds
            self._file.close()
            raise ArchiveError(
                "The zip is cut short or damaged; make it again and hand in the new one."
            ) from None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def members(self) -> list[Member]:
        """The files in the archive, in its order."""
        # Not ZipInfo.is_dir: it fails on an empty name.
        return [_member(i) for i in self._zip.infolist() if not i.filename.endswith("/")]

    def head(self, member: Member) -> bytes:
        """The member's first four bytes; empty where it cannot be read."""
        try:
            with self._open(member) as file:
                return file.read(4)
        except ArchiveError:
            return b""

    def take(self, member: Member, target: Path, limit: int) -> int:
        """Decompress one member into ``target``; returns the bytes written.

        Raises:
            ArchiveError: when it cannot be read, :class:`TooLarge` when it holds more than
                ``limit`` bytes; then there is no file at ``target``.
        """
        taken = 0
        try:
            with self._open(member) as source, target.open("xb") as file:
                while chunk := _read(source, _CHUNK):
                    taken += len(chunk)
                    if taken > limit:
                        size = f"{limit // 2**20} MB"
                        raise TooLarge(f"A file in the zip unpacks to more than {size}.")
                    file.write(chunk)
        except ArchiveError:
            target.unlink(missing_ok=True)
            raise
        return taken

    def _open(self, member: Member) -> IO[bytes]:
        if member.problem:
            raise ArchiveError(member.problem)
        try:
            return self._zip.open(member.info)
        except Exception:  # as above
            raise ArchiveError(_DAMAGED) from None


_DAMAGED: Final = "A file in the zip is damaged; make the zip again and hand in the new one."


def _read(source: IO[bytes], size: int) -> bytes:
    try:
        return source.read(size)
    except Exception:  # zlib's errors, a wrong checksum, an early end
        raise ArchiveError(_DAMAGED) from None


def _member(info: zipfile.ZipInfo) -> Member:
    names = info.filename.replace("\\", "/").split("/")
    parts = tuple(part for part in names if part not in ("", ".", ".."))
    return Member(parts or ("unnamed",), _when(info), _problem(info), info)


def _problem(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _ENCRYPTED:
        return "The zip is locked with a password; make it again without one."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "The zip holds a link in place of a file; put the file itself into it."
    if info.compress_type not in _METHODS:
        return "The zip is compressed in an uncommon way; make it again as an ordinary zip."
    return ""


def _when(info: zipfile.ZipInfo) -> float:
    try:
        return datetime(*info.date_time, tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
