"""Each wall on its own: the system-call filter, Landlock, and the self-test that tries them all."""

from __future__ import annotations

import errno
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import landlock, seccomp
from autograder.sandbox.isolate import Level
from autograder.workers import launch as sandbox
from autograder.workers import selftest
from autograder.workers.pool import WorkerPool
from tests.sandbox.conftest import result_of, run
from tests.sandbox.ordinary import USER, python_as

ALLOW, KILL = 0x7FFF0000, 0x80000000
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {
    "x86_64": {"read": 0, "socket": 41, "clone": 56, "clone3": 435, "kill": 62, "tgkill": 234,
               "prlimit64": 302, "ioctl": 16, "openat": 257},
    "aarch64": {"read": 63, "socket": 198, "clone": 220, "clone3": 435, "kill": 129,
                "tgkill": 131, "prlimit64": 261, "ioctl": 29, "openat": 56},
}  # fmt: skip


def verdict(code: bytes, number: int, arguments: tuple[int, ...] = (), audit: int = 0) -> int:
    """Run a filter as the kernel does: what it says of one system call."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=IIQ6Q", number, audit, 0, *(a & 2**64 - 1 for a in padded))
    program = list(struct.iter_unpack("=HBBI", code))
    position, accumulator = 0, 0
    while True:
        operation, if_true, if_false, k = program[position]
        position += 1
        if operation == 0x06:
            return int(k)
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, k)
            continue
        tests = {0x15: accumulator == k, 0x25: accumulator > k, 0x45: bool(accumulator & k)}
        position += if_true if tests[operation] else if_false


def refused(with_error: int) -> int:
    return 0x00050000 | with_error


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
class TestFilter:
    def says(self, machine: str, name: str | int, *arguments: int, alone: int | None = None) -> int:
        code = seccomp.program(machine=machine, signals_only_to=alone)
        number = name if isinstance(name, int) else NUMBERS[machine][name]
        return verdict(code, number, arguments, AUDIT[machine])

    def test_ordinary_calls_are_allowed(self, machine: str) -> None:
        assert self.says(machine, "read") == ALLOW
        assert self.says(machine, "openat") == ALLOW
        assert self.says(machine, "ioctl", 1, 0x5401) == ALLOW
        assert self.says(machine, "kill", 7, 9) == ALLOW

    def test_every_listed_call_is_refused(self, machine: str) -> None:
        index = list(AUDIT).index(machine)
        for numbers in seccomp.REFUSED.values():
            if numbers[index] >= 0:
                assert self.says(machine, numbers[index]) == refused(errno.EPERM)

    def test_only_unix_sockets_are_made(self, machine: str) -> None:
        assert self.says(machine, "socket", 1) == ALLOW
        for family in (2, 10, 16, 17, 38, 40):
            assert self.says(machine, "socket", family) == refused(errno.EACCES)

    def test_threads_may_be_cloned_and_namespaces_not(self, machine: str) -> None:
        assert self.says(machine, "clone", 0x3D0F00) == ALLOW
        assert self.says(machine, "clone", 0x01200011) == ALLOW
        for flag in (0x00020000, 0x10000000, 0x20000000, 0x40000000):
            assert self.says(machine, "clone", 0x11 | flag) == refused(errno.EPERM)

    def test_calls_whose_flags_cannot_be_seen_do_not_exist(self, machine: str) -> None:
        assert self.says(machine, "clone3") == refused(errno.ENOSYS)
        assert self.says(machine, seccomp.NEWEST + 1) == refused(errno.ENOSYS)
        assert self.says(machine, 0x40000000 + 41, 2) == refused(errno.ENOSYS)

    def test_nothing_is_typed_into_a_terminal(self, machine: str) -> None:
        assert self.says(machine, "ioctl", 0, 0x5412) == refused(errno.EPERM)

    def test_limits_of_other_processes_stay(self, machine: str) -> None:
        assert self.says(machine, "prlimit64", 0) == ALLOW
        assert self.says(machine, "prlimit64", 1234) == refused(errno.EPERM)

    def test_another_architecture_is_the_end(self, machine: str) -> None:
        code = seccomp.program(machine=machine)
        assert verdict(code, 0, (), 0x40000003) == KILL

    def test_signals_can_be_kept_to_the_process(self, machine: str) -> None:
        for allowed in (7, 0, -7 & 2**32 - 1):
            assert self.says(machine, "kill", allowed, 9, alone=7) == ALLOW
        for other in (8, 1, -1 & 2**32 - 1, -8 & 2**32 - 1):
            assert self.says(machine, "kill", other, 9, alone=7) == refused(errno.EPERM)
        assert self.says(machine, "tgkill", 7, 9, alone=7) == ALLOW
        assert self.says(machine, "tgkill", 8, 9, alone=7) == refused(errno.EPERM)
        assert self.says(machine, "read", alone=7) == ALLOW


def test_the_numbers_are_those_of_the_kernels_header() -> None:
    headers = list(Path("/usr/include").glob("*/asm/unistd_64.h"))
    if not headers or os.uname().machine != "x86_64":
        pytest.skip("the kernel's header is not installed")
    found = dict(re.findall(r"#define __NR_(\w+) (\d+)", headers[0].read_text()))
    ours = {name: str(numbers[0]) for name, numbers in seccomp.REFUSED.items()}
    assert {n: ours[n] for n in ours if n in found} == {n: found[n] for n in ours if n in found}
    ours = {name: str(number) for name, number in NUMBERS["x86_64"].items()}
    assert ours == {n: found[n] for n in ours}


def test_an_unknown_architecture_is_an_error() -> None:
    with pytest.raises(seccomp.SeccompError, match="no list of system calls for vax"):
        seccomp.program(machine="vax")


def test_landlock_keeps_to_its_rules(tmp_path: Path) -> None:
    if landlock.version() < 1:
        pytest.skip("this kernel has no Landlock")
    (tmp_path / "read").mkdir()
    (tmp_path / "read" / "x").write_text("1")
    (tmp_path / "write").mkdir()
    (tmp_path / "other").write_text("1")
    program = f"""
import sys
sys.path.insert(0, {str(sandbox.package_root())!r})
from pathlib import Path
from autograder.sandbox import landlock
here = Path({str(tmp_path)!r})
landlock.restrict([(str(here / "read"), landlock.READ), (str(here / "write"), landlock.WRITE),
                   (str(here / "nosuch"), landlock.READ)])
def attempt(action):
    try:
        action()
    except OSError as error:
        return error.errno
    return 0
print(attempt((here / "read/x").read_text), attempt(lambda: (here / "write/x").write_text("2")),
      attempt(lambda: (here / "read/x").write_text("2")), attempt((here / "other").read_text),
      attempt(lambda: (here / "made").mkdir()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["0", "0", *(3 * [str(errno.EACCES)])], done.stderr


def test_every_promise_of_the_level_is_kept(level: Level) -> None:
    report = selftest.probe(level)
    assert [p for p in report.probes if p.promised and not p.held] == []
    assert len(report.probes) > 20


PROBE = """
from autograder.workers import selftest
report = selftest.probe(selftest.Level({level!r}))
broken = [p.attempt for p in report.probes if p.promised and not p.held]
print(report.usable, report.problem, broken)
"""


@pytest.mark.parametrize("user", [0, USER])
@pytest.mark.parametrize("level", ["strict", "contained"])
def test_every_level_keeps_its_promises_for_every_user(user: int, level: str) -> None:
    assert python_as(user, PROBE.format(level=level)) == "True  []\n"


def test_a_broken_wall_is_seen(strict_pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    # A secret that lies in a folder which workers may read.
    folder = Path(sys.prefix)
    secret = folder / "secret-of-a-test"
    secret.write_text("x")
    secret.chmod(0o644)
    try:
        with strict_pool.worker() as worker:
            run(worker, selftest._TOOLS)
            attempt = f"open({str(secret)!r}).read()"
            assert not selftest._attempted(worker, "reads", attempt, True).held
    finally:
        secret.unlink()


def test_the_level_without_walls_is_never_usable() -> None:
    assert not selftest.probe(Level.NONE).usable


def test_the_sandbox_holds_what_it_should(strict_pool: WorkerPool) -> None:
    root = sandbox.package_root()
    source = f"""
import os
found = dict(
    root=sorted(os.listdir('/')),
    course=sorted(os.listdir('{sandbox.COURSE}')),
    autograder=sorted(n for n in os.listdir('{sandbox.COURSE}/autograder') if n[0] != '_'),
    repository=os.path.exists({str(root / "pyproject.toml")!r}),
    etc=os.path.exists('/etc/shadow'),
    var=os.path.exists('/var'),
    sockets=os.path.exists('/run'),
)
"""
    with strict_pool.worker() as worker:
        run(worker, source)
        found = worker.get("found")
    assert found["course"] == ["autograder", "dlcourse"]
    assert found["autograder"] == ["sandbox"]
    assert not any(found[n] for n in ("repository", "etc", "var", "sockets"))


def test_a_worker_cannot_reach_the_terminal_or_the_zygote(strict_pool: WorkerPool) -> None:
    with strict_pool.worker() as worker:
        source = "import os\nsorted(p for p in os.listdir('/proc') if p.isdigit())"
        assert result_of(run(worker, source)) == "['1']"
        source = "import os\n[os.readlink(f'/proc/self/fd/{f}') for f in range(3, 40) "
        source += "if os.path.exists(f'/proc/self/fd/{f}')]"
        links = result_of(run(worker, source))
        assert links.count("socket:") == 1
