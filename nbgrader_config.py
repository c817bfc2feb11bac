"""nbgrader's configuration for this course: run its commands from the repository's root."""

from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import GetGrades

from autograder.assignment.source import MANUAL_STUB
from autograder.report.nbgrader_pages import SafeToShow, WithoutHiddenChecks

c = get_config()  # noqa: F821  (nbgrader defines it)

HERE = Path(__file__).resolve().parent

# Other folders and the gradebook lie below the root, also where a command names another root.
c.CourseDirectory.root = str(HERE / "build" / "nbgrader")
c.CourseDirectory.release_directory = str(HERE / "assignments")

c.ClearSolutions.code_stub = {"python": "..."}
c.ClearSolutions.text_stub = MANUAL_STUB
# TensorFlow writes to stderr; without this nbgrader gives such a cell no points.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"."
# A training cell may run for minutes; nbgrader's own limit is 30 seconds.
c.Execute.timeout = 600

# Autograding puts the hidden checks, with the solutions and seeds, into each learner's notebook.
c.GenerateFeedback.preprocessors = [GetGrades, WithoutHiddenChecks, CSSHTMLHeaderPreprocessor]
# Feedback and formgrader: nothing that a learner wrote runs in the reader's browser.
c.HTMLExporter.preprocessors = [SafeToShow]
c.HTMLExporter.filters = {"markdown2html": "autograder.report.markdown.markdown2html"}
