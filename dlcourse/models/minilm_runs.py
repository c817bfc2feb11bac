"""placeholder"""

from pathlib import Path

FILE = Path("/tmp/x.npz")
