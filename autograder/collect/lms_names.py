"""What the names of files and folders in an LMS's download say.

An LMS writes a part of each name and the learner the rest, so each name is read from the LMS's end.
Each reader answers for one entry of a class's folder, a file or a folder; None where the name is
not that LMS's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from autograder.collect.identity import Identity


@dataclass(frozen=True)
class EntryName:
    """What one name says.

    Attributes:
        learner: what tells this learner from all others of the download.
        identity: who that is.
        order: of two entries of a learner the one with the higher order is the later; None where
            the name does not tell.
        file: the learner's own name of the file, where the entry is a file.
        entry: ``file``; ``text`` for a text or a link that was typed in; ``log`` for what the LMS
            itself wrote about it.
        assignment: the assignment that the name says it is; empty where it says none.
    """

    learner: str
    identity: Identity = field(default_factory=Identity)
    order: float | None = None
    file: str = ""
    entry: str = "file"
    assignment: str = ""


Reader = Callable[[str, bool], EntryName | None]

# canvas-lms, lib/content_zipper.rb: NAME[_LATE]_USER_ATTACHMENT_FILE, and _text.html or _link.html
# for what was typed in; [LATE_]anon_CODE in place of name and number where grading is anonymous.
_CANVAS: Final = re.compile(
    r"(?:(?P<anonymous>(?P<first>LATE_)?anon_(?P<code>[A-Za-z0-9]+))"
    r"|(?P<name>[^_].*?)_(?P<late>LATE_)?(?P<user>\d+))"
    r"_(?:(?:question_\d+_)?(?P<number>\d+)_(?P<file>.+)|(?P<typed>text|link|url)\.html)",
    re.IGNORECASE,
)
# moodle, mod/assign/locallib.php: FULL NAME_PARTICIPANT_assignsubmission_PLUGIN_.
_MOODLE: Final = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?(?P<file>.*)"
)
_BLACKBOARD: Final = re.compile(
    r"(?P<item>.+?)_(?P<login>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)"
)
_BRIGHTSPACE: Final = re.compile(
    r"(?P<user>\d+)-\d+ ?- ?(?P<name>.+?) ?- ?"
    r"(?P<time>[^-]*\b\d{4}\b[, ]*\d{1,2}[.:_]?\d\d(?:[.:_]?\d\d)?(?: ?[AP]M)?)"
    r"(?: ?- ?(?P<file>.+))?",
    re.IGNORECASE,
)
_ILIAS: Final = re.compile(
    r"(?P<last>[^_\d][^_]*)_(?P<first>[^_\d][^_]*)_(?P<login>[^_]+)_(?P<user>\d+)"
)
_ILIAS_FILE: Final = re.compile(r"\d{14}_(?P<file>.+)")
# sakai, assignment/impl, zipSubmissions: SORT NAME(LOGIN)/, where the sort name is "Doe, Jane".
_SAKAI: Final = re.compile(r"(?P<last>[^,()]+), ?(?P<first>[^()]+)\((?P<login>[^()]+)\)")
# nbgrader, exchange/submit.py: USER+ASSIGNMENT+TIME[+RANDOM].
_INBOUND: Final = re.compile(
    r"(?P<login>.+)\+(?P<assignment>[^+]+)\+"
    r"(?P<time>\d{4}-\d\d-\d\d \d\d[:_]\d\d[:_]\d\d(?:\.\d+)?)(?: [A-Za-z/_]+)?(?:\+.*)?"
)
_OTTER: Final = re.compile(r".+_(?P<time>\d{4}_\d\d_\d\dT\d\d_\d\d_\d\d_\d{6})\.zip")

_DATES: Final = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y")
_BRIGHTSPACE_TIMES: Final = [f"{d} {t}" for d in _DATES for t in ("%I%M %p", "%H%M")]


def _seconds(text: str, *formats: str) -> float | None:
    for form in formats:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return None


def canvas(name: str, folder: bool) -> EntryName | None:
    """A file of Canvas's "Download Submissions"."""
    match = None if folder else _CANVAS.fullmatch(name)
    exported = _OTTER.fullmatch(name)
    if match is None or (exported and match.start("user") >= exported.start("time")):
        return None
    if match["anonymous"]:
        who = f"anon_{match['code']}"
        identity = Identity("canvas", late=bool(match["first"]), anonymous=True)
    else:
        who = f"{match['name']}_{match['user']}"
        identity = Identity(
            "canvas", name=match["name"], number=match["user"], late=bool(match["late"])
        )
    if match["typed"]:
        return EntryName(who, identity, -1.0, entry="text")
    return EntryName(who, identity, float(match["number"][:15]), match["file"])


def moodle(name: str, folder: bool) -> EntryName | None:
    """A folder or a file of Moodle's "Download all submissions"."""
    match = _MOODLE.fullmatch(name)
    if match is None:
        return None
    identity = Identity("moodle", name=match["name"], participant=match["user"])
    entry = "file" if match["plugin"] == "file" else "text"
    file = "" if folder else match["file"]
    return EntryName(f"{match['name']}_{match['user']}", identity, file=file, entry=entry)


def blackboard(name: str, folder: bool) -> EntryName | None:
    """A file of Blackboard's "Assignment File Download"."""
    match = None if folder else _BLACKBOARD.fullmatch(name)
    if match is None:
        return None
    login, when = match["login"], _seconds(match["time"], "%Y-%m-%d-%H-%M-%S")
    entry = "file" if match["file"] else "log"
    return EntryName(login, Identity("blackboard", login=login), when, match["file"] or "", entry)


def brightspace(name: str, folder: bool) -> EntryName | None:
    """A folder or a file of Brightspace's download of an assignment."""
    match = _BRIGHTSPACE.fullmatch(name)
    if match is None or not (folder or match["file"]):
        return None
    time = re.sub(r"[.:_]", "", match["time"].replace(",", " "))
    when = _seconds(" ".join(time.split()), *_BRIGHTSPACE_TIMES)
    identity = Identity("brightspace", name=match["name"], number=match["user"])
    return EntryName(f"{match['name']}_{match['user']}", identity, when, match["file"] or "")


def ilias(name: str, folder: bool) -> EntryName | None:
    """A learner's folder in ILIAS's download of an exercise."""
    match = _ILIAS.fullmatch(name) if folder else None
    if match is None:
        return None
    full = f"{match['first']} {match['last']}"
    identity = Identity("ilias", name=full, number=match["user"], login=match["login"])
    return EntryName(match["login"], identity)


def sakai(name: str, folder: bool) -> EntryName | None:
    """A learner's folder in Sakai's download of an assignment."""
    match = _SAKAI.fullmatch(name) if folder else None
    if match is None:
        return None
    full = f"{match['first'].strip()} {match['last'].strip()}"
    return EntryName(match["login"], Identity("sakai", name=full, login=match["login"]))


def inbound(name: str, folder: bool) -> EntryName | None:
    """A folder that ``nbgrader submit`` made in the exchange."""
    match = _INBOUND.fullmatch(name) if folder else None
    if match is None:
        return None
    time = match["time"].replace("_", ":")
    when = _seconds(time, "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")
    identity = Identity("nbgrader", login=match["login"])
    return EntryName(match["login"], identity, when, assignment=match["assignment"])


def otter(name: str, folder: bool) -> EntryName | None:
    """A zip that ``otter export`` made. It does not say whose it is."""
    match = None if folder else _OTTER.fullmatch(name)
    if match is None:
        return None
    when = _seconds(match["time"], "%Y_%m_%dT%H_%M_%S_%f")
    return EntryName(name.removesuffix(".zip"), Identity("otter"), when)


# In the order in which they are asked. ILIAS's names say so little that they are asked only where
# the whole folder looks like ILIAS's.
READERS: Final[dict[str, Reader]] = {
    "canvas": canvas,
    "moodle": moodle,
    "blackboard": blackboard,
    "brightspace": brightspace,
    "sakai": sakai,
    "nbgrader": inbound,
    "otter": otter,
}


def read_name(name: str, folder: bool, layout: str = "") -> EntryName | None:
    """What an entry's name says in whichever layout it is, or in the one that is named."""
    if layout == "ilias":
        return ilias(name, folder)
    for known, reader in READERS.items():
        if layout in ("", known) and (said := reader(name, folder)):
            return said
    return None


def without_time(name: str) -> str:
    """A file's name without the time that ILIAS writes before it."""
    match = _ILIAS_FILE.fullmatch(name)
    return match["file"] if match else name
