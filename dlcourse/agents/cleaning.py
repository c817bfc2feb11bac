"""A robot that cleans a room with a flowerpot, and is paid for the dirt that it picks up.

Who bumps into the pot spills soil on the cell where they stand. Soil is dirt, and dirt is paid for:
the reward can be earned without end, and the room does not become cleaner. An example of reward
hacking as D. Amodei et al. (2016), "Concrete problems in AI safety", describe it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.agents.gridworlds import Model

ROWS = ("d..P", "S.d.", "d..G")
"""Start, dirt, pot, floor, and the dock, where the episode ends."""

PAY, DOCKED, STEP = 1.0, 2.0, -0.05
"""For a dirty cell that is cleaned, for the dock, for each step."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Room(Model):
    """The room as a decision process, with what it should have paid.

    A state is a place and which cells are dirty: ``state = place * 2**len(cells) + dirty``.

    Attributes:
        R: what the designer pays: dirt that is picked up, the dock, steps.
        true: what the designer wants, shape (states, actions): the same, and each spill costs as
            much as a cleaned cell brings.
        dirt: how many cells are dirty in a state, shape (states,).
        cells: the places that can be dirty.
    """

    true: Floats
    dirt: Floats
    cells: tuple[int, ...]


def room(rows: tuple[str, ...] = ROWS) -> Room:
    """Make the model of a map in which the pot and the walls of the room block."""
    letters, width = "".join(rows), len(rows[0])
    pot = letters.index("P")
    places = [i for i in range(len(letters)) if i != pot]
    beside = [i for i in places if pot in _neighbours(i, width, len(letters))]
    cells = tuple(sorted({i for i, letter in enumerate(letters) if letter == "d"} | {*beside}))
    masks = 2 ** len(cells)
    states = len(letters) * masks
    P, R, spilt = np.zeros((states, 4, states)), np.zeros((states, 4)), np.zeros((states, 4))
    dirt = np.array([bin(s % masks).count("1") for s in range(states)], float)
    terminal = np.repeat([letter in "GP" for letter in letters], masks)
    for state in range(states):
        if terminal[state]:
            P[state, :, state] = 1.0
            continue
        place, dirty = divmod(state, masks)
        for action, reached in enumerate(_neighbours(place, width, len(letters))):
            after = dirty
            if reached == pot:
                after |= 1 << cells.index(place)
                reached = place
            elif reached != place and reached in cells:
                after &= ~(1 << cells.index(reached))
            change = after.bit_count() - dirty.bit_count()
            P[state, action, reached * masks + after] = 1.0
            spilt[state, action] = max(change, 0)
            R[state, action] = STEP + PAY * max(-change, 0) + DOCKED * (letters[reached] == "G")
    start = np.zeros(states)
    dirty = sum(1 << cells.index(i) for i, letter in enumerate(letters) if letter == "d")
    start[letters.index("S") * masks + dirty] = 1.0
    return Room(P, R, terminal, start, R - PAY * spilt, dirt, cells)


def greedy_returns(model: Room, q: Floats, steps: int) -> tuple[Floats, Floats]:
    """What n tables (n, states, actions) earn greedily in so many steps: paid and true, (n,)."""
    count = np.arange(len(q))
    states = np.full(len(q), int(model.start.argmax()))
    paid, true = np.zeros(len(q)), np.zeros(len(q))
    following = model.P.argmax(axis=2)
    for _ in range(steps):
        actions = q[count, states].argmax(axis=1)
        paid += model.R[states, actions]
        true += model.true[states, actions]
        states = following[states, actions]
    return paid, true


def _neighbours(place: int, width: int, size: int) -> list[int]:
    """The places to the left, below, to the right and above; the same place at a wall."""
    row, column = divmod(place, width)
    return [
        place - 1 if column else place,
        place + width if place + width < size else place,
        place + 1 if column < width - 1 else place,
        place - width if row else place,
    ]
