"""Attacks that want out: the network, files, processes, /proc, namespaces, other learners' data."""

from __future__ import annotations

from tests.attacks.attack import ATTEMPT, RAW, Attack

_NETWORK = (
    ATTEMPT
    + """
import socket, urllib.request

def connect(family, kind, address):
    with socket.socket(family, kind) as one:
        one.settimeout(1)
        one.connect(address)
        one.send(b"from the sandbox")
        return address

attempt("tcp", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", @PORT@)))
attempt("tcp6", lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", @PORT@)))
attempt("udp", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", @PORT@)))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
attempt("vsock", lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
attempt("listen", lambda: socket.create_server(("0.0.0.0", 0)))
attempt("http", lambda: urllib.request.urlopen("http://127.0.0.1:@PORT@/", timeout=1).read())
"""
)

_UNIX_SOCKETS = (
    ATTEMPT
    + """
import socket

def connect(address):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.settimeout(1)
        one.connect(address)
        return address

attempt("abstract", lambda: connect("\\0@SOCKET@"))
for path in ("@CANARY@.socket", "/run/docker.sock", "/var/run/docker.sock",
             "/run/dbus/system_bus_socket", "/run/systemd/private"):
    attempt(path, lambda: connect(path))
"""
)

_WRITES = (
    ATTEMPT
    + """
import os, sys
from pathlib import Path

places = ["@CANARY@", "@REPOSITORY@/dlcourse/planted.py", "/etc/planted", "/usr/lib/planted",
          "/usr/bin/planted", "/root/planted", "/home/planted", "/planted", "/dev/planted",
          "/proc/sys/kernel/hostname", "/proc/sys/user/max_user_namespaces",
          os.path.join(os.path.dirname(os.__file__), "sitecustomize.py"),
          *(p + "/planted.py" for p in sys.path if p.startswith("/")),
          __import__("numpy").__file__, __import__("dlcourse").__file__]
for path in places:
    attempt(path, lambda: Path(path).open("a").write("planted"))
attempt("remount", lambda: os.system("mount -o remount,rw / 2>/dev/null") and 1 / 0)
attempt("chmod", lambda: os.chmod("/usr", 0o777))
attempt("unlink", lambda: os.unlink("@CANARY@"))
attempt("device", lambda: os.mknod("disk", 0o60666, os.makedev(8, 0)))
"""
)

_PROCESSES = (
    ATTEMPT
    + """
import os, signal

attempt("see the host's process", lambda: open("/proc/@PID@/cmdline").read())
attempt("kill the host's process", lambda: os.kill(@PID@, signal.SIGKILL))
others = [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()]
for pid in others:
    try:
        line = open(f"/proc/{pid}/cmdline").read()
    except OSError:
        continue
    if line and "pytest" in line or "autograder" in line:
        print("REACHED:", pid, line)
try:
    os.kill(os.getppid(), signal.SIGKILL)
except OSError:
    pass
"""
)

_KILLS_EVERYTHING = """
import os, signal

try:
    os.kill(-1, signal.SIGKILL)
except OSError:
    pass
"""

_PROC = (
    ATTEMPT
    + """
import os
from pathlib import Path

parent = os.getppid()
for pid in {1, parent} - {os.getpid()}:
    for name in ("mem", "environ", "maps", "root/etc/hostname", "cwd/x", "fd/0"):
        path = Path(f"/proc/{pid}/{name}")
        attempt(path, lambda: path.open("rb").read(1) or 1 / 0)
for path in ("/proc/kcore", "/proc/kmsg", "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/fuse"):
    attempt(path, lambda: open(path, "rb").read(1) or 1 / 0)
for path in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/1/oom_score_adj"):
    attempt(path, lambda: open(path, "w").write("|/tmp/x"))
"""
)

_CALLS = (
    ATTEMPT
    + """
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)

def call(*arguments):
    result = libc.syscall(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result

CALLS = {
    "ptrace attach": (101, 16, os.getppid(), 0, 0), "ptrace traceme": (101, 0, 0, 0, 0),
    "process_vm_readv": (310, os.getppid(), 0, 0, 0, 0, 0), "pidfd_getfd": (438, 3, 0, 0),
    "unshare user": (272, 0x10000000), "unshare mount": (272, 0x20000), "setns": (308, 0, 0),
    "chroot": (161, b"/tmp"), "mount": (165, b"none", b"/tmp", b"tmpfs", 0, 0),
    "umount": (166, b"/tmp", 2), "pivot_root": (155, b"/", b"/"), "bpf": (321, 5, 0, 0),
    "perf_event_open": (298, 0, 0, -1, -1, 0), "userfaultfd": (323, 0),
    "io_uring_setup": (425, 8, ctypes.create_string_buffer(120)),
    "add_key": (248, b"user", b"x", b"y", 1, -1), "keyctl": (250, 0, -1, 0, 0, 0),
    "memfd_create": (319, b"x", 0), "open_by_handle_at": (304, -100, 0, 0),
    "setuid root": (105, 0), "setgid root": (106, 0), "setresuid": (117, 0, 0, 0),
    "reboot": (169, 0xFEE1DEAD, 672274793, 0, 0), "init_module": (175, 0, 0, 0),
    "sethostname": (170, b"planted", 7), "settimeofday": (164, 0, 0), "swapon": (167, b"/x", 0),
    "iopl": (172, 3), "personality": (135, 0x0040000), "kexec_load": (246, 0, 0, 0, 0),
    "socket of i386": (40 * 0 + 41, 2, 1, 0),
}
if os.uname().machine == "x86_64":
    for name, arguments in CALLS.items():
        attempt(name, lambda: call(*arguments))
attempt("clone newuser", lambda: call(56, 0x10000000 | 17, 0, 0, 0, 0))
attempt("capabilities", lambda: 1 / int(
    [l for l in open("/proc/self/status") if l.startswith("CapEff")][0].split()[1], 16))
"""
)

_SETUID_PROGRAMS = (
    ATTEMPT
    + """
import os, subprocess

def run(*command):
    done = subprocess.run(command, capture_output=True, timeout=5, stdin=subprocess.DEVNULL)
    if done.returncode or b"uid=0" not in done.stdout:
        raise PermissionError(done.stderr)
    return done.stdout

attempt("su", lambda: run("su", "-c", "id"))
attempt("sudo", lambda: run("sudo", "-n", "id"))
attempt("unshare", lambda: run("unshare", "-Ur", "id"))
attempt("bwrap", lambda: run("bwrap", "--dev-bind", "/", "/", "id"))
attempt("nsenter", lambda: run("nsenter", "-t", "1", "-a", "id"))
attempt("python", lambda: run("python3", "-c", "import os; os.setuid(0); os.system('id')"))
attempt("root", lambda: 1 / (os.getuid() == 0))
"""
)

# Two of them, one after the other: the second looks for what the first has left.
_LEAVES_NOTES = """
import os, sys, tempfile
from pathlib import Path

places = [".", "..", "/tmp", "/dev/shm", "/var/tmp", "/run", tempfile.gettempdir(),
          str(Path.home()), os.environ.get("IPYTHONDIR", "."), *sys.path]
notes = {Path(place).resolve() / "note-of-another-learner" for place in places}
for note in notes:
    try:
        if note.exists():
            print("REACHED:", note)
    except OSError:
        pass
for note in notes:
    try:
        note.write_text("my answers")
    except OSError:
        pass
import numpy, dlcourse
if hasattr(numpy, "note") or hasattr(dlcourse, "note"):
    print("REACHED: a module of another learner's process")
numpy.note = dlcourse.note = "left here"
"""

_OTHERS_SUBMISSIONS = """
import glob, os

for pattern in ("/tmp/**/*.ipynb", "/home/**/*.ipynb", "/var/**/*.ipynb", "/dev/shm/**"):
    for path in glob.glob(pattern, recursive=True):
        if os.path.isfile(path):
            print("REACHED:", path)
"""

_LINKS_FOR_THE_JUDGE = """
import os
from pathlib import Path

# Whoever reads the folder's files from outside would follow these.
for name in ("digits_model.weights.npz", "week01.ipynb", "results.json"):
    for target in ("/etc/shadow", "@SECRET_FILE@", "/dev/zero"):
        try:
            os.symlink(target, name)
        except OSError:
            pass
os.mkfifo("pipe.npz")
"""

ATTACKS = [
    Attack("uses-the-network", RAW + _NETWORK),
    Attack("speaks-to-unix-sockets", RAW + _UNIX_SOCKETS, strict_only=True),
    Attack("writes-outside-its-folder", RAW + _WRITES, strict_only=True),
    Attack("kills-other-processes", RAW + _PROCESSES, strict_only=True),
    Attack("kills-everything", RAW + _KILLS_EVERYTHING),
    Attack("reads-proc", RAW + _PROC, strict_only=True),
    Attack("asks-the-kernel", RAW + _CALLS, strict_only=True),
    Attack("runs-privileged-programs", RAW + _SETUID_PROGRAMS, strict_only=True),
    Attack("leaves-notes-for-the-next-one", RAW + _LEAVES_NOTES),
    Attack("looks-for-notes-of-the-last-one", RAW + _LEAVES_NOTES),
    Attack("looks-for-others-submissions", RAW + _OTHERS_SUBMISSIONS, strict_only=True),
    Attack("plants-links-for-the-judge", RAW + _LINKS_FOR_THE_JUDGE),
]
