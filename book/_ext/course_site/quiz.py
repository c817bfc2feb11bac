"""Self-check questions: every choice explains itself.

The body of ``{quiz}`` is a question and a task list. ``[x]`` marks a right choice, ``[ ]`` a wrong
one; the indented paragraphs under a choice are its explanation, shown after the reader has chosen
it. Several right choices make check boxes, one makes radio buttons. The page works by keyboard and
tells a screen reader the verdict (``_static/quiz.js``); without JavaScript, or on paper, the
explanations stand openly under the choices.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LETTERS = "abcdefghijklmnopqrstuvwxyz"

CHOICE = re.compile(r"^[-*] \[([ xX])\] ", re.MULTILINE)


@dataclass(frozen=True)
class Choice:
    """One choice: its text (one paragraph), whether it is right, and why."""

    text: str
    right: bool
    explanation: str


@dataclass(frozen=True)
class Question:
    """A question in MyST Markdown and its choices, in the order in which they are shown."""

    text: str
    choices: tuple[Choice, ...]

    @property
    def several(self) -> bool:
        """Whether more than one choice is right."""
        return sum(choice.right for choice in self.choices) > 1


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("quiz", QuizDirective)


def parse_question(source: str) -> Question:
    """Read a question.

    Raises ValueError, with what to mend, where a part is missing.
    """
    text, *marked = CHOICE.split(source)
    choices = tuple(
        parse_choice(mark, body) for mark, body in zip(marked[::2], marked[1::2], strict=True)
    )
    if not text.strip():
        raise ValueError("quiz: the question itself is missing before the first choice")
    if len(choices) < 2:
        raise ValueError("quiz: write at least two choices, each as '- [ ] ...' or '- [x] ...'")
    if not any(choice.right for choice in choices):
        raise ValueError("quiz: mark the right choice with '- [x]'")
    return Question(text.strip(), choices)


def parse_choice(mark: str, body: str) -> Choice:
    """Read one choice: its first paragraph is the choice, the rest its explanation."""
    first, _, rest = body.partition("\n\n")
    explanation = textwrap.dedent(rest).strip()
    if not explanation:
        raise ValueError(
            f"quiz: the choice {first.strip()!r} has no explanation. Write it as an indented "
            "paragraph under the choice, after an empty line"
        )
    return Choice(" ".join(first.split()), mark in "xX", explanation)


class QuizDirective(SphinxDirective):
    """One question."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Parse the question and lay out its HTML."""
        try:
            question = parse_question("\n".join(self.content))
        except ValueError as problem:
            raise self.error(str(problem)) from None
        key = f"quiz-{self.env.new_serialno('quiz') + 1}"
        add_script = NbMetadataCollector.add_js_file
        add_script(self.env, self.env.docname, "quiz", "quiz.js", {"defer": "defer"})
        shown: list[nodes.Node] = [html(f'<div class="quiz" role="group" aria-labelledby="{key}">')]
        shown += [html(f'<div class="quiz-question" id="{key}">'), *self.parsed(question.text)]
        shown.append(html("</div>"))
        for letter, choice in zip(LETTERS, question.choices, strict=False):
            shown += self.choice(choice, letter, key, question.several)
        shown.append(html(FOOT))
        return shown

    def choice(self, choice: Choice, letter: str, group: str, several: bool) -> list[nodes.Node]:
        """An input with its label and, hidden until it is chosen, its explanation."""
        key = f"{group}-{letter}"
        kind = "checkbox" if several else "radio"
        verdict = "right" if choice.right else "wrong"
        label = nodes.inline("", "", classes=["quiz-label"])
        label += [child for block in self.parsed(choice.text) for child in block.children]
        return [
            html(
                f'<div class="quiz-choice" data-verdict="{verdict}">'
                f'<input type="{kind}" name="{group}" id="{key}"><label for="{key}">'
                f'<span class="quiz-letter">{letter}.</span> '
            ),
            label,
            html('</label></div><div class="quiz-explanation">'),
            *self.parsed(choice.explanation),
            html("</div>"),
        ]

    def parsed(self, source: str) -> list[nodes.Node]:
        """Nodes of a piece of MyST Markdown."""
        holder = nodes.Element()
        self.state.nested_parse(source.splitlines(), self.content_offset, holder)
        children: list[nodes.Node] = holder.children
        return children


FOOT = (
    '<div class="quiz-foot"><button type="button" class="quiz-check">Check</button>'
    '<div class="quiz-verdict" role="status"></div></div></div>'
)


def html(text: str) -> nodes.raw:
    """A piece of HTML as a node."""
    return nodes.raw("", text, format="html")
