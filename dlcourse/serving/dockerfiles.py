"""A reader of Dockerfiles that names what is wrong with one, by rules.

It knows what a service's image needs and no more; hadolint is the tool with rules for the rest.
Nothing is built: a file without faults here can still fail to build.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile

__all__ = ["RULES", "SECRET", "Fault", "Instruction", "faults", "parse"]

_SMALL = ("slim", "alpine", "distroless", "scratch")
_BUILD_TOOLS = {"build-essential", "cmake", "g++", "gcc", "git", "make"}
SECRET = re.compile(r"password|passwd|secret|token|(api|access)_?key|credential", re.IGNORECASE)
"""What names of variables that hold secrets have in them."""
_SECRET_FILE = re.compile(r"(^|/)(\.env|\.netrc|\.pypirc|id_rsa|credentials(\.json)?)$")
_IGNORED = (".git", ".env")


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile; lines that a backslash continues are joined.

    Attributes:
        line: where it begins, from 1.
        keyword: in capitals, such as "RUN".
        value: the rest, without flags.
        flags: such as "--from=build".
        stage: which FROM it stands under, from 0; -1 before the first.
    """

    line: int
    keyword: str
    value: str
    flags: tuple[str, ...]
    stage: int


@dataclass(frozen=True)
class Fault:
    """A broken rule: the line of the instruction, 0 where one is missing, and what to do."""

    line: int
    rule: str
    mend: str

    def __str__(self) -> str:
        return f"{f'line {self.line}' if self.line else 'missing':8s} {self.rule}: {self.mend}"


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, in their order.

    Heredocs are not known.

    Raises:
        ValueError: if a line begins with no keyword, or the text has no FROM.
    """
    found: list[Instruction] = []
    stage = -1
    for line, joined in _joined(text):
        keyword, _, value = joined.partition(" ")
        if not re.fullmatch(r"[A-Za-z]+", keyword):
            raise ValueError(f"line {line} begins with no instruction: {joined[:40]!r}.")
        stage += keyword.upper() == "FROM"
        flags = tuple(takewhile(lambda word: word.startswith("--"), value.split()))
        for flag in flags:
            value = value.strip().removeprefix(flag)
        found.append(Instruction(line, keyword.upper(), value.strip(), flags, stage))
    if stage < 0:
        raise ValueError("a Dockerfile needs a FROM, and there is none.")
    return found


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """First line's number and text of each instruction, without comments and empty lines."""
    begun, parts = 0, list[str]()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        begun = begun if parts else number
        parts.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            yield begun, " ".join(parts)
            parts = []
    if parts:
        yield begun, " ".join(parts)


@dataclass(frozen=True)
class _File:
    """A parsed file as the rules ask it."""

    instructions: list[Instruction]
    ignored: str | None

    def all(self, *keywords: str) -> list[Instruction]:
        return [one for one in self.instructions if one.keyword in keywords]

    def last_stage(self, *keywords: str) -> list[Instruction]:
        final = self.instructions[-1].stage
        return [one for one in self.all(*keywords) if one.stage == final]

    def bases(self) -> list[tuple[Instruction, str]]:
        """Each FROM with the image it names; those that build on an earlier stage are left out."""
        arguments = dict(one.value.partition("=")[::2] for one in self.all("ARG") if one.stage < 0)
        named, found = set[str](), list[tuple[Instruction, str]]()
        for one in self.all("FROM"):
            words = one.value.split()
            image = re.sub(r"\$\{?(\w+)\}?", lambda m: arguments.get(m[1], m[0]), words[0])
            if image not in named:
                found.append((one, image))
            named |= {words[2]} if len(words) > 2 else set()
        return found


def faults(text: str, ignored: str | None = None) -> list[Fault]:
    """What is wrong with a Dockerfile, by line; an empty list if no rule is broken.

    Args:
        text: of the Dockerfile.
        ignored: of the .dockerignore beside it; None if there is none.

    Raises:
        ValueError: as `parse`.
    """
    file = _File(parse(text), ignored)
    found = [
        Fault(line, rule, mend) for rule, (breaks, mend) in RULES.items() for line in breaks(file)
    ]
    return sorted(found, key=lambda fault: (not fault.line, fault.line))


def _unpinned_bases(file: _File) -> Iterator[int]:
    for one, image in file.bases():
        if image != "scratch" and "@sha256:" not in image:
            yield one.line


def _large_base(file: _File) -> Iterator[int]:
    one, image = file.bases()[-1]
    if not any(word in image for word in _SMALL):
        yield one.line


def _build_tools(file: _File) -> Iterator[int]:
    for one in file.last_stage("RUN"):
        if _BUILD_TOOLS & set(re.split(r"[\s;&=]+", one.value)):
            yield one.line


def _unpinned_packages(file: _File) -> Iterator[int]:
    for one in file.all("RUN"):
        for command in re.split(r"&&|;", one.value):
            _, installs, rest = command.partition("pip install ")
            if not installs or "--require-hashes" in rest or "--no-index" in rest:
                continue
            names = [w for w in rest.split() if w[0] not in "-/." and not w.endswith(".txt")]
            if "-r" in rest.split() or any("==" not in name for name in names):
                yield one.line


def _root(file: _File) -> Iterator[int]:
    users = file.last_stage("USER")
    if not users:
        yield 0
    elif re.match(r"(root|0)(:|$)", users[-1].value):
        yield users[-1].line


def _secrets(file: _File) -> Iterator[int]:
    for one in file.all("ENV", "ARG", "COPY", "ADD"):
        if one.keyword in ("ENV", "ARG"):
            names = re.findall(r"(\w+)=", one.value) or one.value.split()[:1]
            if any(SECRET.search(name) for name in names):
                yield one.line
        elif any(_SECRET_FILE.search(path) for path in one.value.split()[:-1]):
            yield one.line


def _no_health_check(file: _File) -> Iterator[int]:
    if all(one.value.upper() == "NONE" for one in file.last_stage("HEALTHCHECK")):
        yield 0


def _shell_form(file: _File) -> Iterator[int]:
    for one in file.last_stage("CMD", "ENTRYPOINT"):
        try:
            words = json.loads(one.value)
        except ValueError:
            words = None
        if not isinstance(words, list):
            yield one.line


def _whole_context(one: Instruction) -> bool:
    """Whether a COPY takes the whole folder, and not from another stage."""
    from_stage = any(flag.startswith("--from") for flag in one.flags)
    return not from_stage and any(path in (".", "./") for path in one.value.split()[:-1])


def _code_before_packages(file: _File) -> Iterator[int]:
    for one in file.all("COPY", "ADD"):
        later = [
            run for run in file.all("RUN")
            if run.stage == one.stage and run.line > one.line and "pip install" in run.value
        ]  # fmt: skip
        if _whole_context(one) and later:
            yield one.line


def _sends_everything(file: _File) -> Iterator[int]:
    if any(_whole_context(one) for one in file.all("COPY", "ADD")):
        lines = {line.strip().strip("/") for line in (file.ignored or "").splitlines()}
        if "*" not in lines and not set(_IGNORED) <= lines:
            yield 0


def _left_lists(file: _File) -> Iterator[int]:
    for one in file.last_stage("RUN"):
        if "apt-get install" in one.value and "rm -rf /var/lib/apt/lists" not in one.value:
            yield one.line


def _left_cache(file: _File) -> Iterator[int]:
    if any("PIP_NO_CACHE_DIR" in one.value for one in file.last_stage("ENV")):
        return
    for one in file.last_stage("RUN"):
        if "pip install" in one.value and "--no-cache-dir" not in one.value:
            yield one.line


RULES: dict[str, tuple[Callable[[_File], Iterator[int]], str]] = {
    "base not pinned": (
        _unpinned_bases,
        "name it by digest, IMAGE@sha256:...; a tag can move",
    ),
    "base not small": (_large_base, "end on a slim, alpine or distroless base"),
    "build tools stay": (
        _build_tools,
        "build in a stage of its own and COPY --from it what it made",
    ),
    "packages not pinned": (
        _unpinned_packages,
        "pip install NAME==VERSION, or -r with --require-hashes",
    ),
    "runs as root": (_root, "USER with a number that is not 0"),
    "secret inside": (
        _secrets,
        "mount it at build (RUN --mount=type=secret) or give it at run time",
    ),
    "no health check": (_no_health_check, "HEALTHCHECK that asks the service"),
    "shell form": (_shell_form, 'write ["a", "b"], or a shell takes the SIGTERM'),
    "code before packages": (
        _code_before_packages,
        "copy the requirements and install first: code changes more often",
    ),
    "sends everything": (
        _sends_everything,
        "a .dockerignore that leaves out .git and .env, or all but what is needed",
    ),
    "apt's lists stay": (_left_lists, "rm -rf /var/lib/apt/lists/* in the same RUN"),
    "pip's cache stays": (_left_cache, "pip install --no-cache-dir"),
}
"""What is looked for, by name: the lines that break the rule, and what to do."""
