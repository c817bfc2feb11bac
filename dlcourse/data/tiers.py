"""The tier that loads data: "cpu" without downloads, or "gpu" with the field's standard sets."""

from __future__ import annotations

import os
import re
from pathlib import Path

TIERS = ("cpu", "gpu")
DEVICES = Path("/dev")


def tier(choice: str | None = None) -> str:
    """Return "cpu" or "gpu", the tier that loads data in this process.

    The first of these decides: `choice`, the environment variable DLCOURSE_TIER, and whether an
    NVIDIA GPU is visible. Nothing is imported or initialised to find out.

    Raises:
        ValueError: if `choice` or DLCOURSE_TIER is neither "cpu" nor "gpu".
    """
    return _tier_and_reason(choice)[0]


def print_tier(choice: str | None = None) -> None:
    """Print the tier in force and why, for the top of a notebook."""
    name, reason = _tier_and_reason(choice)
    other = TIERS[1 - TIERS.index(name)]
    print(
        f"Tier: {name} ({reason}). "
        f"For the other one, set DLCOURSE_TIER={other} before the notebook starts."
    )


def _tier_and_reason(choice: str | None) -> tuple[str, str]:
    for source, value in (("tier", choice), ("DLCOURSE_TIER", os.environ.get("DLCOURSE_TIER"))):
        if value:
            if value not in TIERS:
                raise ValueError(f'{source} must be "cpu" or "gpu", got {value!r}.')
            return value, "chosen" if source == "tier" else "chosen by DLCOURSE_TIER"
    if _gpu_is_visible():
        return "gpu", "an NVIDIA GPU is visible"
    return "cpu", "no NVIDIA GPU is visible"


def _gpu_is_visible() -> bool:
    # The driver makes one device node a card; looking at them starts no CUDA context.
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return False
    return any(re.fullmatch(r"nvidia\d+", path.name) for path in DEVICES.glob("nvidia*"))
