"""How outcomes look: rich in a notebook, plain text in a terminal, and never by colour alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dlcourse.check.result import Result

SYMBOLS = {"correct": "✓", "not yet": "✗", "error": "!", "not attempted": "○"}
WORDS = {
    "correct": "Correct",
    "not yet": "Not yet",
    "error": "Error",
    "not attempted": "Not attempted",
}
# Dark enough for white pages and light enough for dark ones: at least 3:1 against both.
COLOURS = {
    "correct": "#1a8754",
    "not yet": "#c0622d",
    "error": "#d0425b",
    "not attempted": "#6c7a89",
}


class Shown:
    """Something to show: HTML where there is a front end for it, plain text elsewhere."""

    def __init__(self, text: str, html: str) -> None:
        self.text = text
        self.html = html

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def _display(shown: Shown) -> None:
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        print(shown.text)
        return
    from IPython.display import display

    display(shown)


def announce(text: str) -> None:
    """Show one quiet line."""
    html = f'<div style="opacity: .85; font-size: .95em">{escape(text)}</div>'
    _display(Shown(text, html))


def show(result: Result, waiting: str) -> None:
    """Show one result; ``waiting`` says what is still to come for the question."""
    _display(Shown(_plain(result, waiting), _rich(result, waiting)))


def _title(result: Result) -> str:
    return f"{result.question}: {result.name.replace('_', ' ')}"


def _points(result: Result) -> str:
    return f"{result.earned:g}/{result.points:g} points"


def _plain(result: Result, waiting: str) -> str:
    kind = result.outcome.value
    lines = [f"{SYMBOLS[kind]} {WORDS[kind]} - {_title(result)} ({_points(result)})"]
    if result.message:
        lines.append(f"  {result.message}")
    if result.hint and kind in ("not yet", "error"):
        lines.append(f"  Hint: {result.hint}")
    if waiting and kind == "correct":
        lines.append(f"  {waiting}")
    return "\n".join(lines)


def _rich(result: Result, waiting: str) -> str:
    kind = result.outcome.value
    colour = COLOURS[kind]
    parts = [
        f'<strong style="color: {colour}">{SYMBOLS[kind]} {WORDS[kind]}</strong> '
        f'{escape(_title(result))} <span style="opacity: .8">({_points(result)})</span>'
    ]
    if result.message:
        parts.append(f'<div style="margin-top: .3em">{_marked_up(result.message)}</div>')
    if result.hint and kind in ("not yet", "error"):
        parts.append(
            '<details style="margin-top: .3em"><summary style="cursor: pointer">Hint</summary>'
            f"{_marked_up(result.hint)}</details>"
        )
    if waiting and kind == "correct":
        parts.append(f'<div style="margin-top: .3em; opacity: .8">{escape(waiting)}</div>')
    return (
        f'<div role="status" style="border-left: 4px solid {colour}; padding: .4em .8em; '
        f'margin: .3em 0">{"".join(parts)}</div>'
    )


def _marked_up(text: str) -> str:
    """Escape the text, and set what stands between backticks as code."""
    pieces = escape(text).split("`")
    return "".join(
        f"<code>{piece}</code>" if i % 2 and i < len(pieces) - 1 else piece
        for i, piece in enumerate(pieces)
    )


def show_summary(
    name: str, results: Sequence[Result], hidden: Mapping[str, tuple[int, float]]
) -> None:
    """Show a table with a row for each question, and one for all of them."""
    questions = list(dict.fromkeys([*hidden, *(r.question for r in results)]))
    rows = [_row(q, [r for r in results if r.question == q], hidden.get(q)) for q in questions]
    waiting = [sum(of) for of in zip((0, 0.0), *hidden.values(), strict=True)]
    rows.append(("all", "", _earned(results), _hidden(waiting[0], waiting[1])))
    head = ("question", "public checks", "points so far", "hidden checks")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(4)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in [head, *rows]]
    cells = "".join(
        "<tr>" + "".join(f"<td style='text-align: left'>{escape(c)}</td>" for c in row) + "</tr>"
        for row in rows
    )
    header = "".join(f"<th scope='col' style='text-align: left'>{h}</th>" for h in head)
    table = f"<table><caption>{escape(name)}</caption><tr>{header}</tr>{cells}</table>"
    _display(Shown("\n".join([name, *lines]), table))


def _row(
    question: str, results: Sequence[Result], hidden: tuple[int, float] | None
) -> tuple[str, str, str, str]:
    marks = " ".join(SYMBOLS[r.outcome.value] for r in results) or "not run"
    return question, marks, _earned(results), _hidden(*hidden) if hidden else "none"


def _earned(results: Sequence[Result]) -> str:
    return f"{sum(r.earned for r in results):g}/{sum(r.points for r in results):g}"


def _hidden(number: int, points: float) -> str:
    return f"{number:g} for {points:g}" if number else "none"
