"""Measure the approaches that the page of the project shows; run from the root of the repository.

    python solutions/project06/measure_games.py

Adds runs to dlcourse/data/datasets/four_runs.json; a run that is there is not repeated. The
programs are those of the assignment: the solution and the weak ones; then the solution with one
thing changed, and one that plays against the opponent two moves ahead in place of itself. Five
seeds each; about three minutes of one core.
"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from autograder.assignment.source import Answer, read_assignment, without_markers
from autograder.evidence.calibrate import SOLUTION, targets
from dlcourse.agents import four_in_a_row as game
from dlcourse.agents.board_values import ValueNetwork, values_of
from dlcourse.agents.four_runs import OPPONENTS, FourRun
from dlcourse.models.stored_runs import keep, read

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "dlcourse/data/datasets/four_runs.json"
ASSIGNMENT = read_assignment(HERE / "project06.md")
PROGRAMS = {name: text for t in targets(ASSIGNMENT) for name, text in t.programs.items()}
SEEDS = range(5)
PLAYERS = dict(zip(OPPONENTS, (game.random_player, *map(game.searching, (2, 3, 4))), strict=True))
TENTH = 10  # of the rounds

STEP = "            network.step(batch, targets[rows], 8e-3 * (1 - number / rounds))\n"
MOVE = "        after = game.played(now[going], columns)\n"
CHANGES = {
    "reference": {STEP: STEP + "        _look(number, network)\n"},
    "TD(0)": {"_trained(100)": "_trained(100, lam=0.0)"},
    "TD(1)": {"_trained(100)": "_trained(100, lam=1.0)"},
    # Every second move is the opponent's, and its value that of the move that it takes.
    "one opponent": {
        MOVE: "        theirs = (going + t) % 2 == 1\n"
        "        columns = np.where(theirs, game.searching(2)(now[going], rng), columns)\n"
        "        taken = values[np.arange(len(going)), columns]\n"
        "        top = np.where(theirs, taken, top)\n" + MOVE
    },
}
WEAK = {"one weighted sum": "one-weighted-sum", "random games": "learns-from-random-games"}

Layers = list[npt.NDArray[np.float32]]
Look = Callable[[int, ValueNetwork], None]


def scope() -> dict[str, Any]:
    """What the cells above the network define that its programs need."""
    found: dict[str, Any] = {"np": np, "game": game, "ValueNetwork": ValueNetwork}
    answer = next(c for c in ASSIGNMENT.cells
                  if isinstance(c, Answer) and c.question == "self_play_targets")  # fmt: skip
    exec(without_markers(answer.solution), found)
    text = (HERE / "project06.md").read_text()
    games = text[text.index("def random_games") : text.index("boards, outcomes = random_games")]
    exec(games, found)
    return found


def program(name: str, seed: int, changes: Mapping[str, str]) -> str:
    """A program with another seed and with some of its lines changed."""
    text = re.sub(r"set_random_seed\(\d+\)", f"set_random_seed({100 + seed})", PROGRAMS[name])
    for line, other in changes.items():
        assert line in text, line
        text = text.replace(line, other)
    return text


def trained(name: str, seed: int, changes: Mapping[str, str], look: Look) -> tuple[Layers, float]:
    """The layers of a program's network and the seconds of its training.

    Args:
        name: of the program: the solution, or a weak one of the assignment.
        seed: in place of the one in the program.
        changes: of lines of the program.
        look: called by the changed lines, if at all, with the number of a round and the network.
    """
    names, text = scope() | {"_look": look}, program(name, seed, changes)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        begun = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            exec(text, names)
        seconds = time.process_time() - begun
    arrays = names["value_arrays"]
    return [arrays[f"array_{i}"] for i in range(len(arrays))], seconds


def score(player: game.Player, opponent: game.Player, seed: int, count: int = 500) -> float:
    """The mean score over both sides of openings that the seed draws."""
    rng = np.random.default_rng(seed)
    mean = game.match(player, opponent, game.openings(count, rng), rng).mean()
    return round(float(mean), 4)


def guided_by(layers: Layers) -> game.Player:
    """The player that looks one move ahead with a network's layers."""
    return game.guided(lambda boards: values_of(layers, boards))


def with_a_reply(value: game.Value) -> game.Value:
    """A value that thinks of the other's best reply: minus what that is worth to them."""

    def deeper(boards: game.Boards) -> npt.NDArray[np.float64]:
        values, room = game.move_values(-boards, value)
        return np.asarray(-np.where(room, values, -np.inf).max(axis=1))

    return deeper


def scores(value: game.Value, seed: int) -> tuple[float, ...]:
    """Mean scores of a guided player against all opponents."""
    player = game.guided(value)
    return tuple(score(player, PLAYERS[name], 1000 + seed) for name in OPPONENTS)


def run_of(approach: str, seed: int) -> list[FourRun]:
    """Train once; the reference is also measured with a reply thought of.

    What learned from one opponent also meets the reference of the same seed.
    """
    rounds: list[int] = []
    looks: list[tuple[float, float]] = []
    watching = 0.0

    def look(number: int, network: ValueNetwork) -> None:
        nonlocal watching
        if (number + 1) % TENTH == 0:
            begun = time.process_time()
            player = guided_by(network.layers)
            rounds.append(number + 1)
            few, many = (score(player, PLAYERS["two ahead"], s, n)
                         for s, n in ((2000 + seed, 30), (3000 + seed, 500)))  # fmt: skip
            looks.append((few, many))
            watching += time.process_time() - begun

    layers, seconds = trained(WEAK.get(approach, SOLUTION), seed, CHANGES.get(approach, {}), look)
    seconds = round(seconds - watching, 1)

    def value(boards: game.Boards) -> npt.NDArray[np.float64]:
        return values_of(layers, boards)

    kept = approach == "reference" and seed == 0
    stored = tuple(np.round(layer.astype(float), 4).tolist() for layer in layers) if kept else ()
    meeting = -1.0
    if approach == "one opponent":
        other, _ = trained(SOLUTION, seed, {}, look)
        meeting = score(guided_by(layers), guided_by(other), 4000 + seed)
    runs = [FourRun(approach, seed, seconds, scores(value, seed), tuple(rounds), tuple(looks),
                    stored, meeting)]  # fmt: skip
    if approach == "reference":
        deeper = scores(with_a_reply(value), seed)
        runs.append(FourRun("reference, one reply", seed, seconds, deeper))
    return runs


def main() -> None:
    """Train what is not yet there."""
    keras.utils.set_random_seed(0)  # imported before the first program measures its seconds
    known = {(run.approach, run.seed) for run in read(RUNS, FourRun)}
    for seed in SEEDS:
        for approach in (*WEAK, *CHANGES):
            if (approach, seed) not in known:
                for run in run_of(approach, seed):
                    keep(run, RUNS)
                    print(seed, run.approach, run.seconds, run.scores, flush=True)


if __name__ == "__main__":
    main()
