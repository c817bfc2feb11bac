"""MyST Markdown of a chapter as plain Markdown, readable in Colab and Jupyter.

Colab and Jupyter know CommonMark, dollar mathematics and a little HTML. What else a chapter uses
(directives, roles, labels) is rewritten here; syntax without a plain form is an error with file and
line, so that no notebook ever shows raw MyST. The MyST syntax: https://mystmd.org/guide.
"""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.assignment.source import SourceError

ADMONITIONS = frozenset(
    {"note", "tip", "hint", "important", "warning", "caution", "attention", "danger", "error"}
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"

_FENCE = re.compile(r"^(?P<indent> *)(?P<mark>`{3,}|:{3,})(?P<info>.*)$")
_DIRECTIVE = re.compile(r"^\{(?P<name>[\w:+-]+)\} *(?P<argument>.*)$")
_OPTION = re.compile(r"^:(?P<key>[\w-]+):(?: +(?P<value>.*))?$")
_TARGET = re.compile(r"^\((?P<label>[\w:.-]+)\)= *$")
_MATH_LABEL = re.compile(r"^(?P<before>.*)\$\$ *\((?P<label>[\w:.-]+)\) *$")
_INLINE = re.compile(
    r"(?P<role>\{(?P<name>[\w:+-]+)\}`(?P<content>[^`]+)`)"
    r"|(?P<code>(?P<ticks>`+).+?(?P=ticks))"
    r"|(?<!!)(?P<link>\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\))"
)
_TEXT_AND_TARGET = re.compile(r"^(?P<text>.*?)\s*<(?P<target>[^>]+)>$", re.DOTALL)
_CHOICE = re.compile(r"^[-*] \[(?P<mark>[ xX])\] ", re.MULTILINE)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:")


@dataclass(frozen=True)
class Target:
    """What a label stands for: ``section``, ``figure`` or ``equation``, and its name or number."""

    page: str
    kind: str
    name: str


@dataclass(frozen=True)
class Book:
    """What a page needs to know about the others. Paths are relative to the repository's root."""

    titles: Mapping[str, str]
    """Title by page, such as ``book/week01/02_neuron.md``."""
    targets: Mapping[str, Target]
    """By label; labels are unique in the book."""
    cite: Callable[[str], tuple[str, str]]
    """Authors and year of a key of references.bib; raises KeyError."""
    address: Callable[[str], str]
    """Where a page is read: its notebook in Colab, else the published page."""
    published: Callable[[str], str]
    """Where a page is published."""
    file_address: Callable[[str], str]
    """Where a file of the repository is read."""
    raw_address: Callable[[str], str]
    """Where a file of the repository is loaded from, for images."""
    colab: Callable[[str], str]
    """Where Colab opens a notebook of the repository."""


@dataclass
class Page:
    """A page that is being rewritten: what it has cited and how much it has asked so far."""

    path: Path
    name: str
    book: Book
    cited: set[str] = field(default_factory=set)
    questions: int = 0

    def error(self, line: int, message: str) -> SourceError:
        """A mistake on this page."""
        return SourceError(self.path, line, message)

    def relative(self, target: str) -> str:
        """A path that the page gives, relative to itself or from the root, from the root."""
        if target.startswith("/"):
            return target.lstrip("/")
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.name), target))


@dataclass(frozen=True)
class Directive:
    """A directive as it stands in the source."""

    name: str
    argument: str
    options: Mapping[str, str]
    body: str
    line: int
    body_line: int


def plain(text: str, page: Page, line: int = 1) -> str:
    """Rewrite Markdown that begins on ``line`` of the page.

    Raises:
        SourceError: for a directive, role, label or link without a plain form.
    """
    lines = text.split("\n")
    made: list[str] = []
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if fence:
            end = _closing(lines, at, fence, page, line)
            made += _block(lines[at : end + 1], fence, page, line + at)
            at = end + 1
            continue
        if lines[at].strip().startswith("$$"):
            end = _math_end(lines, at)
            made += _display_math(lines[at : end + 1], page, line + at)
            at = end + 1
            continue
        if not _TARGET.match(lines[at]) and not lines[at].startswith("% "):
            end = _paragraph_end(lines, at)
            paragraph = "\n".join(lines[at : end + 1])
            made += inline(paragraph, page, line + at).split("\n")
            at = end
        at += 1
    return "\n".join(made).strip("\n")


def _paragraph_end(lines: list[str], start: int) -> int:
    """The last line that belongs together with ``start``: a role may run over a line's end."""
    at = start
    while at + 1 < len(lines) and lines[at].strip() and lines[at + 1].strip():
        following = lines[at + 1]
        if _FENCE.match(following) or _TARGET.match(following) or following.startswith("% "):
            break
        if following.strip().startswith("$$"):
            break
        at += 1
    return at


def _closing(
    lines: list[str], start: int, fence: re.Match[str], page: Page, first_line: int
) -> int:
    mark = fence["mark"]
    closing = re.compile(rf"^ *{re.escape(mark[0])}{{{len(mark)},}} *$")
    for at in range(start + 1, len(lines)):
        if closing.match(lines[at]):
            return at
    raise page.error(first_line + start, f"this {mark} is never closed")


def _block(lines: list[str], fence: re.Match[str], page: Page, line: int) -> list[str]:
    """A fenced block: code stays as it is, a directive is rewritten."""
    found = _DIRECTIVE.match(fence["info"].strip())
    if not found:
        if fence["mark"].startswith(":"):
            raise page.error(line, "a ::: fence needs a directive, such as :::{note}")
        return lines
    indent = len(fence["indent"])
    body = [text[indent:] if text[:indent].isspace() else text for text in lines[1:-1]]
    options: dict[str, str] = {}
    used = 0
    while used < len(body) and (option := _OPTION.match(body[used])):
        options[option["key"]] = (option["value"] or "").strip()
        used += 1
    directive = Directive(
        name=found["name"],
        argument=found["argument"].strip(),
        options=options,
        body="\n".join(body[used:]).strip("\n"),
        line=line,
        body_line=line + 1 + used + _blank_lines(body[used:]),
    )
    made = _rewrite(directive, page)
    return textwrap.indent(made, fence["indent"]).split("\n") if made else []


def _blank_lines(lines: list[str]) -> int:
    return next((count for count, text in enumerate(lines) if text.strip()), 0)


def _rewrite(directive: Directive, page: Page) -> str:
    name = directive.name
    if name == "dropdown" or (
        name == "admonition" and "dropdown" in directive.options.get("class", "")
    ):
        return folded(inline(directive.argument, page, directive.line), _body(directive, page))
    if name in ADMONITIONS or name in ("admonition", "seealso"):
        title = directive.argument or {"seealso": "See also"}.get(name, name.capitalize())
        return _quoted(inline(title, page, directive.line), _body(directive, page))
    rewrite = _DIRECTIVES.get(name)
    if rewrite is None:
        known = ", ".join(sorted({*ADMONITIONS, "admonition", "dropdown", "seealso", *_DIRECTIVES}))
        raise page.error(
            directive.line,
            f"{{{name}}} has no plain form for the notebook; use one of {known}",
        )
    return rewrite(directive, page)


def _body(directive: Directive, page: Page) -> str:
    return plain(directive.body, page, directive.body_line)


def _quoted(title: str, body: str) -> str:
    return textwrap.indent(f"**{title}**\n\n{body}", "> ", lambda line: True).replace("> \n", ">\n")


def folded(title: str, body: str) -> str:
    """Text that the reader unfolds."""
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def _figure(directive: Directive, page: Page) -> str:
    alt = directive.options.get("alt", "")
    if not alt:
        raise page.error(
            directive.line, f"{{{directive.name}}} needs an :alt: that says what it shows"
        )
    source = page.relative(directive.argument)
    image = f"![{alt}]({page.book.raw_address(source)})"
    return "\n\n".join(part for part in (image, caption_of(directive, page)) if part)


def caption_of(directive: Directive, page: Page) -> str:
    """The caption of a figure directive in italics, with the figure's number."""
    text = directive.options.get(
        "caption", "" if directive.name == "interactive" else directive.body
    )
    label = directive.options.get("name", "")
    return caption(text, label, page, directive.line)


def caption(text: str, label: str, page: Page, line: int) -> str:
    """A caption, with the number of the figure that has this label."""
    text = " ".join(inline(text, page, line).split())
    if not label:
        return f"*Figure.* {text}" if text else ""
    return f"*Figure {page.book.targets[label].name}.* {text}".rstrip()


def _interactive(directive: Directive, page: Page) -> str:
    where = page.book.published(page.name)
    note = f"This figure works on the [published page]({where})."
    body = _body(directive, page)
    return "\n\n".join(
        [_quoted("Interactive figure", f"{body} {note}"), caption_of(directive, page)]
    )


def _quiz(directive: Directive, page: Page) -> str:
    question, *marked = _CHOICE.split(directive.body)
    choices, answers = [], []
    for letter, mark, body in zip(LETTERS, marked[::2], marked[1::2], strict=False):
        first, _, rest = body.partition("\n\n")
        choices.append(f"- ({letter}) {plain(' '.join(first.split()), page, directive.line)}")
        verdict = "right" if mark in "xX" else "not right"
        why = plain(textwrap.dedent(rest).strip(), page, directive.line)
        answers.append(f"**({letter})** is {verdict}. {why}")
    listed = "\n".join(choices)
    text = plain(question.strip(), page, directive.body_line)
    page.questions += 1
    return f"**Question {page.questions}.** {text}\n\n{listed}\n\n" + folded(
        "Answer", "\n\n".join(answers)
    )


def _math(directive: Directive, page: Page) -> str:
    label = directive.options.get("label", "")
    close = f"$$ ({label})" if label else "$$"
    lines = ["$$", *directive.body.split("\n"), close]
    return "\n".join(_display_math(lines, page, directive.line))


def _code(directive: Directive, page: Page) -> str:
    return f"```{directive.argument}\n{directive.body}\n```"


def _nothing(directive: Directive, page: Page) -> str:
    return ""  # the list of works cited is the notebook's last cell


_DIRECTIVES: Mapping[str, Callable[[Directive, Page], str]] = {
    "bibliography": _nothing,
    "code": _code,
    "code-block": _code,
    "figure": _figure,
    "image": _figure,
    "interactive": _interactive,
    "math": _math,
    "quiz": _quiz,
}


def _math_end(lines: list[str], start: int) -> int:
    if lines[start].count("$$") > 1:
        return start
    return next((at for at in range(start + 1, len(lines)) if "$$" in lines[at]), len(lines) - 1)


def _display_math(lines: list[str], page: Page, line: int) -> list[str]:
    """A display equation; its label becomes its number."""
    labelled = _MATH_LABEL.match(lines[-1])
    if not labelled:
        return lines
    number = page.book.targets[labelled["label"]].name
    return [*lines[:-1], f"{labelled['before']}\\tag{{{number}}}", "$$"]


def inline(text: str, page: Page, line: int) -> str:
    """Rewrite roles and links in a piece of text; code stays as it is."""

    def rewrite(found: re.Match[str]) -> str:
        at = line + text.count("\n", 0, found.start())
        if found["code"]:
            return found[0]
        if found["link"]:
            return _link(found["text"], found["target"], page, at)
        role = _ROLES.get(found["name"])
        if role is None:
            known = ", ".join(sorted(_ROLES))
            raise page.error(
                at, f"{{{found['name']}}} has no plain form for the notebook; use one of {known}"
            )
        return role(" ".join(found["content"].split()), page, at)

    return _INLINE.sub(rewrite, text)


def _link(text: str, target: str, page: Page, line: int) -> str:
    if _SCHEME.match(target):
        return f"[{text}]({target})"
    path, _, label = target.partition("#")
    if not path:
        return _to_label(label, text, page, line)
    name = page.relative(path)
    if name in page.book.titles:
        return f"[{text or page.book.titles[name]}]({page.book.address(name)})"
    if path.endswith(".md"):
        raise page.error(line, f"there is no page {name}")
    return f"[{text}]({page.book.file_address(name)})"


def _to_label(label: str, text: str, page: Page, line: int) -> str:
    """What stands for a reference: its name, linked where it is on another page."""
    target = page.book.targets.get(label)
    if target is None:
        raise page.error(line, f"no heading, figure or equation is labelled {label!r}")
    forms = {
        "section": target.name,
        "figure": f"Figure {target.name}",
        "equation": f"({target.name})",
    }
    text = text or forms[target.kind]
    if target.page == page.name:
        return text
    where = page.book.titles[target.page]
    there = text if target.kind == "section" else f"{text} of {where}"
    return f"[{there}]({page.book.address(target.page)})"


def _text_and_target(content: str) -> tuple[str, str]:
    found = _TEXT_AND_TARGET.match(content)
    return (found["text"], found["target"].strip()) if found else ("", content.strip())


def _reference(content: str, page: Page, line: int) -> str:
    text, label = _text_and_target(content)
    return _to_label(label, text.replace("%s", "").strip(), page, line)


def _document(content: str, page: Page, line: int) -> str:
    text, target = _text_and_target(content)
    path = target if target.endswith(".md") else f"{target}.md"
    return _link(text, path, page, line)


def _cited(content: str, page: Page, line: int) -> list[tuple[str, str]]:
    found = []
    for key in (part.strip() for part in content.split(",")):
        try:
            found.append(page.book.cite(key))
        except KeyError:
            raise page.error(line, f"references.bib has no entry {key!r}") from None
        page.cited.add(key)
    return found


def _cite_in_brackets(content: str, page: Page, line: int) -> str:
    works = (f"{authors}, {year}" for authors, year in _cited(content, page, line))
    return f"[{'; '.join(works)}]"


def _cite_in_text(content: str, page: Page, line: int) -> str:
    return ", ".join(f"{authors} [{year}]" for authors, year in _cited(content, page, line))


def _colab(content: str, page: Page, line: int) -> str:
    text, path = _text_and_target(content)
    return f"[{text}]({page.book.colab(path)})"


def _download(content: str, page: Page, line: int) -> str:
    text, path = _text_and_target(content)
    return f"[{text}]({page.book.file_address(page.relative(path))})"


def _run_time(content: str, page: Page, line: int) -> str:
    where = page.book.published(page.relative(f"{content}.md"))
    return f"[the time measured on the published page]({where})"


_ROLES: Mapping[str, Callable[[str, Page, int], str]] = {
    "cite:p": _cite_in_brackets,
    "cite:t": _cite_in_text,
    "colab": _colab,
    "doc": _document,
    "download": _download,
    "eq": _reference,
    "math": lambda content, page, line: f"${content}$",
    "numref": _reference,
    "ref": _reference,
    "run-time": _run_time,
}


def labels(text: str) -> list[tuple[str, str, str]]:
    """Labels in a piece of Markdown, in order: label, kind, and for a section its heading."""
    lines = text.split("\n")
    found: list[tuple[str, str, str]] = []
    for at, line in enumerate(lines):
        if target := _TARGET.match(line):
            heading = next((one for one in lines[at + 1 :] if one.strip()), "")
            found.append((target["label"], "section", heading.lstrip("#").strip()))
        elif math := _MATH_LABEL.match(line):
            found.append((math["label"], "equation", ""))
        elif (
            (option := _OPTION.match(line))
            and option["key"] in ("name", "label")
            and option["value"]
        ):
            kind = "figure" if option["key"] == "name" else "equation"
            found.append((option["value"].strip(), kind, ""))
    return found
