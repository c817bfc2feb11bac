"""Attacks that use the machine up, and some that want to go on when grading is over."""

from __future__ import annotations

from tests.attacks.attack import LINGERING, RAW, Attack

_LOOPS = """
while True:
    pass
"""

_LOOPS_AND_CATCHES = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""

_LOOPS_WHEN_CALLED = """
def softmax(z):
    if np.abs(z).max() > 100:
        while True:
            pass
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)
"""

_LOOPS_IN_C = """
10 ** 10 ** 9
"""

_MEMORY = """
hog = []
while True:
    hog.append(np.ones(2**24))
"""

_MEMORY_OF_MANY = """
import os, time

for _ in range(12):
    if os.fork() == 0:
        try:
            hog = [np.ones(2**24) for _ in range(5)]
            time.sleep(60)
        finally:
            os._exit(0)
time.sleep(60)
"""

_MEMORY_ON_DISK = """
import os

for place in ("/dev/shm", "/tmp", "."):
    for number in range(400):
        try:
            with open(f"{place}/{number}.bin", "wb") as file:
                file.write(b"x" * 2**26)
        except OSError as error:
            print(place, "full at", number)
            break
"""

_INODES = """
from pathlib import Path

made = 0
try:
    for made in range(3_000_000):
        Path(f"f{made}").touch()
except OSError:
    print("no more files after", made)
"""

_SPARSE = """
import os

try:
    with open("sparse", "wb") as file:
        file.truncate(2**50)
except OSError as error:
    print("refused", error)
"""

_PROCESSES = """
import os, time

made = 0
while made < 10_000:
    try:
        if os.fork() == 0:
            time.sleep(120)
            os._exit(0)
        made += 1
    except OSError:
        break
print("processes:", made)
"""

_FORK_BOMB = """
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
"""

_SESSIONS = """
import os

while True:
    try:
        if os.fork() == 0:
            os.setsid()
    except OSError:
        pass
"""

_THREADS = """
import threading, time

made = 0
try:
    for made in range(100_000):
        threading.Thread(target=time.sleep, args=(120,), daemon=True).start()
except RuntimeError:
    print("threads:", made)
"""

_DESCRIPTORS = """
import os

opened = []
try:
    while True:
        opened.append(os.dup(0))
except OSError:
    print("descriptors:", len(opened))
"""

_OUTPUT = """
import os, sys

line = "x" * 9_999 + "\\n"
for _ in range(20_000):
    sys.stdout.write(line)
for _ in range(2_000):
    os.write(1, line.encode())
"""

_OUTPUTS = """
from IPython.display import HTML

for number in range(20_000):
    display(HTML(f"<p>{number}"))
display(HTML("x" * 50_000_000))
raise ValueError("y" * 50_000_000)
"""

_RECURSION = """
import sys

sys.setrecursionlimit(10**8)

def deeper(n):
    return deeper(n + 1)

deeper(0)
"""

_SEGFAULT = """
import ctypes

ctypes.string_at(0)
"""

_DAEMON = f"""
import os, subprocess, sys, time

# Out of its group and its parent's reach, under a name that can be looked for.
program = "import time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
for _ in range(3):
    if os.fork() == 0:
        for leave in (os.setsid, os.setpgrp):
            try:
                leave()
            except OSError:
                pass
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", program, "{LINGERING}"])
        os._exit(0)
subprocess.Popen([sys.executable, "-c", program, "{LINGERING}"], process_group=0)
time.sleep(0.3)
"""

_DAEMON_AND_EXIT = _DAEMON + "\nos._exit(0)\n"

_THREAD_STAYS = """
import atexit, threading, time

def stay():
    while True:
        time.sleep(0.1)

threading.Thread(target=stay, daemon=False).start()
atexit.register(stay)
"""

_SIGNALS = """
import os, signal, time

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
os.kill(os.getpid(), signal.SIGSTOP)
"""

ATTACKS = [
    Attack("loops", RAW + _LOOPS, reason="longer than"),
    Attack("loops-and-catches-the-interrupt", RAW + _LOOPS_AND_CATCHES, reason="longer than"),
    Attack("loops-in-a-hidden-check", RAW + _LOOPS_WHEN_CALLED),
    Attack("loops-where-python-cannot-interrupt", RAW + _LOOPS_IN_C, reason="longer than"),
    Attack("takes-all-memory", RAW + _MEMORY, reason="emory|longer than"),
    # On a busy machine the time of its cell is up before its processes have taken the memory, and
    # then a later cell is the one that is stopped for it.
    Attack(
        "takes-all-memory-in-many-processes",
        RAW + _MEMORY_OF_MANY,
        keeps_the_rest=False,
        reason="emory|longer than",
    ),
    Attack("fills-its-disks", RAW + _MEMORY_ON_DISK),
    Attack("takes-all-inodes", RAW + _INODES, strict_only=True),
    Attack("makes-a-file-without-end", RAW + _SPARSE),
    Attack("starts-many-processes", RAW + _PROCESSES, keeps_the_rest=False),
    Attack("forks-without-end", RAW + _FORK_BOMB, keeps_the_rest=False),
    Attack("forks-into-sessions-without-end", RAW + _SESSIONS, keeps_the_rest=False),
    Attack("starts-many-threads", RAW + _THREADS, keeps_the_rest=False),
    Attack("opens-all-descriptors", RAW + _DESCRIPTORS),
    Attack("prints-without-end", RAW + _OUTPUT),
    Attack("shows-without-end", RAW + _OUTPUTS),
    Attack("recurses-without-end", RAW + _RECURSION),
    Attack("crashes-the-interpreter", RAW + _SEGFAULT, reason="SIGSEGV"),
    Attack("leaves-daemons", RAW + _DAEMON),
    Attack("leaves-daemons-and-exits", RAW + _DAEMON_AND_EXIT),
    Attack("leaves-a-thread", RAW + _THREAD_STAYS),
    Attack("ignores-every-signal-and-stops", RAW + _SIGNALS),
]
