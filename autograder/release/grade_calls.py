"""What nbgrader's and otter-grader's bundles have in common: checks carried as source text.

Both tools run hidden checks inside the learner's process. There a check is executed in a namespace
of its own by :func:`dlcourse.check.grade`, which raises unless the outcome is *correct*.
"""

from __future__ import annotations

from autograder.assignment.source import Assignment, CheckSource, Role
from autograder.assignment.thresholds import Thresholds
from autograder.course.secret import entropy
from autograder.release.learner import thresholds_used


def grade_call(
    assignment: Assignment,
    check: CheckSource,
    thresholds: Thresholds,
    secret: str,
    namespace: str,
    indent: str = "",
) -> str:
    """The statement that grades one check against ``namespace``, an expression for a mapping.

    ``indent`` stands before its own lines; the lines inside string literals stay as they are.
    """
    setup = assignment.code(Role.SETUP)
    if check.hidden:
        setup = setup + assignment.code(Role.HIDDEN_SETUP)
    arguments = [namespace, _block(check.source), f"setup={_block(chr(10).join(setup))}"]
    if "reference" in check.parameters:
        cells = assignment.solution_before(check.question)
        blocks = ", ".join(_block(cell) for cell in cells)
        arguments.append(f"solution=[{blocks}]")
    if "rng" in check.parameters:
        arguments.append(f"seed={entropy(secret, assignment.name, check.name)}")
    used = {n: t for n, t in thresholds.items() if n in thresholds_used(assignment)}
    if check.thresholds:
        arguments.append(f"thresholds={used!r}")
    between = f",\n{indent}    "
    return f"{indent}grade(\n{indent}    {between.join(arguments)},\n{indent})"


def _block(source: str) -> str:
    """Source text as a string literal, raw and triple-quoted where it can be, to stay readable."""
    if "'''" not in source and not source.endswith(("'", "\\")):
        return f"r'''{source}\n'''"
    return repr(source)
