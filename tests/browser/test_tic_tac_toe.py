"""Tic-tac-toe of week 10: the page's search is that of dlcourse, never loses, and takes keys."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from dlcourse.agents.board_games import Board, after, outcome, positions
from dlcourse.agents.tree_search import advice, network, search

from .conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "tic_tac_toe"
SCRIPT = ROOT / "book" / "_static" / "interactive" / "tic_tac_toe.js"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

LOST_GAMES = """([begins, simulations]) => {
    const { after, outcome, move } = ticTacToeFunctions;
    const known = new Map();
    const reply = (board) => {
        const key = board.join();
        if (!known.has(key)) known.set(key, move(board, simulations).move);
        return known.get(key);
    };
    const count = { won: 0, drawn: 0, lost: 0 };
    const play = (board, agent) => {
        const ended = outcome(board);
        if (ended === 0) count.drawn += 1;
        else if (ended === -1) count[agent ? "lost" : "won"] += 1;
        else if (agent) play(after(board, reply(board)), false);
        else board.forEach((cell, i) => { if (cell === 0) play(after(board, i), true); });
    };
    play(new Array(9).fill(0), begins);
    return count;
}"""


def weights() -> list[np.ndarray]:
    """The network's weights as they stand in the script."""
    found = re.search(r'const WEIGHTS = "(.*)";', SCRIPT.read_text(encoding="utf-8"))
    assert found
    digits = np.array([ALPHABET.index(c) for c in found[1]]).reshape(-1, 2)
    numbers = (digits @ [64, 1]) / 4095 * 8 - 4
    shapes = ((18, 32), (32,), (32, 32), (32,), (32, 9), (9,), (32, 1), (1,))
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    assert ends[-1] == len(numbers)
    parts = np.split(numbers, ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def cell(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=re.compile(f"^{name}: "))


def test_its_network_is_that_of_dlcourse(page: Any) -> None:
    some = positions()[::300]
    prior, value = network(weights())(np.array(some))
    for i, board in enumerate(some):
        found = page.evaluate("(board) => ticTacToeFunctions.network(board)", list(board))
        np.testing.assert_allclose(found["prior"], prior[i], atol=1e-5)
        assert found["value"] == pytest.approx(float(value[i]), abs=1e-5)


def test_its_search_is_that_of_dlcourse(page: Any) -> None:
    evaluate = advice(weights())
    for board in positions()[::300]:
        call = "(board) => ticTacToeFunctions.search(board, 60).visits"
        assert page.evaluate(call, list(board)) == search(board, evaluate, 60).tolist()


@pytest.mark.parametrize("begins", [True, False])
def test_with_a_search_it_loses_against_no_sequence_of_replies(page: Any, begins: bool) -> None:
    count = page.evaluate(LOST_GAMES, [begins, 200])
    assert count["lost"] == 0
    assert count["won"] > count["drawn"] > 0


def test_the_network_alone_can_be_beaten(page: Any) -> None:
    assert sum(page.evaluate(LOST_GAMES, [begins, 0])["lost"] for begins in (True, False)) > 0


def test_a_person_plays_a_whole_game_with_the_keyboard(page: Any) -> None:
    assert "you are X" in status(page)
    cell(page, "top left").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "centre: empty"
    page.keyboard.press("Enter")
    assert cell(page, "centre").inner_text() == "X"
    assert "The agent took" in status(page)
    assert "of 50 simulations" in page.locator(".formula").inner_text()
    for _ in range(4):
        if "Your move" in status(page):
            page.get_by_role("button", name=re.compile(": empty$")).first.press("Enter")
    assert re.search(r"A draw|The agent has won", status(page))


def test_the_agent_can_begin_and_a_taken_cell_stays(page: Any) -> None:
    page.get_by_role("button", name="New game: the agent begins").press("Enter")
    assert "you are O" in status(page)
    before = status(page)
    taken = page.locator(".cell.agent")
    assert taken.count() == 1
    taken.click(force=True)
    assert status(page) == before


def test_without_simulations_the_network_answers_alone(page: Any) -> None:
    page.get_by_label("simulations for a move").select_option("none")
    cell(page, "centre").press("Enter")
    text = page.locator(".formula").inner_text()
    assert "Network before the search" in text
    assert "simulations took it" not in text


def test_the_board_fits_a_narrow_screen(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate("document.querySelector('[data-interactive]').style.width = '360px'")
    assert page.evaluate("document.querySelector('.board').scrollWidth") <= 360


def test_the_pages_game_is_the_game_of_dlcourse(page: Any) -> None:
    for board in positions()[::200]:
        for move in (i for i in range(9) if not board[i]):
            following: Board = after(board, move)
            call = "([board, move]) => ticTacToeFunctions.after(board, move)"
            assert tuple(page.evaluate(call, [list(board), move])) == following
            ended = page.evaluate("(b) => ticTacToeFunctions.outcome(b)", list(following))
            assert ended == outcome(following)
