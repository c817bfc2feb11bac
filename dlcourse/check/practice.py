"""Cells of a chapter that the reader fills in, and that answer at once. They count no points.

On a page the cell stands as a stub, a function whose body is `...`, and the line below it says
"Not attempted". In a notebook the reader writes the body and runs both cells again.
"""

from __future__ import annotations

from collections.abc import Callable

from dlcourse.check.answer import LocalAnswer
from dlcourse.check.display import COLOURS, SYMBOLS, WORDS, Shown, _display, _marked_up
from dlcourse.check.result import Check, CheckFunction, Result
from dlcourse.check.run import run_check

__all__ = ["practice"]

_WITH_HINT = ("not yet", "error")


def practice(name: str, *, hint: str = "") -> Callable[[CheckFunction], Result]:
    """Run a function on what the reader wrote, and show one of the four outcomes of a check.

    Args:
        name: what the reader was asked to write.
        hint: shown, after the message, while the answer is not yet correct.

    Returns:
        A decorator for a function that takes `answer`, the reader's names, and asserts. The name
        that it decorates becomes the outcome, with the message.
    """

    def decorate(function: CheckFunction) -> Result:
        made = Check(name, function.__name__, 0.0, False, hint, function)
        result = run_check(made, LocalAnswer(function.__globals__))
        _display(Shown(_plain(result), _rich(result)))
        return result

    return decorate


def _plain(result: Result) -> str:
    kind = result.outcome.value
    lines = [f"{SYMBOLS[kind]} {WORDS[kind]}: {result.question}"]
    lines += [f"  {result.message}"] if result.message else []
    lines += [f"  Hint: {result.hint}"] if result.hint and kind in _WITH_HINT else []
    return "\n".join(lines)


def _rich(result: Result) -> str:
    kind = result.outcome.value
    colour = COLOURS[kind]
    mark = f'<strong style="color: {colour}">{SYMBOLS[kind]} {WORDS[kind]}:</strong>'
    lines = [f"{mark} {_marked_up(result.question)}"]
    lines += [f"<div>{_marked_up(result.message)}</div>"] if result.message else []
    if result.hint and kind in _WITH_HINT:
        lines.append(f"<details><summary>Hint</summary>{_marked_up(result.hint)}</details>")
    return (
        f'<div role="status" style="border-left: 4px solid {colour}; padding: .4em .8em">'
        f"{''.join(lines)}</div>"
    )
