"""What this course's site adds to Jupyter Book.

Each module is one thing that a page may hold or that the build guarantees:

- ``execution``: the cache of executed notebooks knows what the notebooks depend on;
- ``run_times``: how long a page's cells ran, measured by the build;
- ``launch``: links that open a notebook in Colab or on Kaggle, and downloads;
- ``page_bar``: both, under the title of each chapter;
- ``assignment``: what a week's assignment holds, and links to open it;
- ``quiz``: self-check questions;
- ``interactive``: figures that the reader operates, without a kernel;
- ``alt_text``: no image without alternative text;
- ``front_page``, ``gallery``, ``course_map``, ``study_time``: what the first page shows;
- ``weeks``: the number of a week, a link where the site has it;
- ``landmarks``: mends of the theme's HTML for readers who use a keyboard or a screen reader;
- ``publication``: what search engines, previews of links and lost readers need;
- ``changes``: what changed in the course, on a page and as a feed;
- ``versions``: links to the same page of other versions of the site, where there are any;
- ``loading``: no script that a page does not need, none before the page is drawn;
- ``content_policy``: nothing is loaded from elsewhere, and no script runs that is not the site's.

``social_card``, ``gallery_files`` and ``icon_fonts`` are run by hand: they draw the picture that a
link to a page shows, take the first page's results out of executed pages, and cut the icons' font.
``assemble`` lays kept versions of the site beside the newest, ``compare`` says which pages of two
builds differ.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from . import (
    alt_text,
    assignment,
    changes,
    content_policy,
    course_map,
    execution,
    front_page,
    gallery,
    interactive,
    landmarks,
    launch,
    loading,
    page_bar,
    publication,
    quiz,
    run_times,
    study_time,
    versions,
    weeks,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register every part with Sphinx."""
    for part in (
        execution,
        run_times,
        launch,
        page_bar,
        assignment,
        quiz,
        interactive,
        alt_text,
        weeks,
        front_page,
        gallery,
        course_map,
        study_time,
        landmarks,
        publication,
        changes,
        versions,
        loading,
        content_policy,
    ):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
