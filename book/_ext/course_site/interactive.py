"""Figures that the reader operates on the published page, without a kernel.

``{interactive} name`` places the figure of ``_static/interactive/name.js``, which finds its stage
by ``data-interactive="name"`` and draws into it. The directive's body is what stands there without
JavaScript, on paper and in the notebook: it must say what a reader would have seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SCRIPTS = Path(__file__).parents[2] / "_static" / "interactive"


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("interactive", InteractiveDirective)


class InteractiveDirective(SphinxDirective):
    """An interactive figure with a caption, numbered like any other figure."""

    has_content = True
    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "name": directives.unchanged_required,
        "caption": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Make the figure and ask for its script on this page."""
        name = self.arguments[0]
        script = SCRIPTS / f"{name}.js"
        if not script.is_file():
            raise self.error(
                f"interactive: there is no figure {name!r} ({script.name} in {SCRIPTS.name}/)"
            )
        if "caption" not in self.options or not self.content:
            raise self.error(
                f"interactive {name}: give ':caption:' and, as the body, what the reader would see "
                "without JavaScript"
            )
        self.env.note_dependency(str(script))
        # Deferred scripts run in the order of the page: first what all figures are made of.
        for key, file in (
            ("figure-parts", "figure_parts.js"),
            (f"interactive-{name}", f"interactive/{name}.js"),
        ):
            NbMetadataCollector.add_js_file(
                self.env, self.env.docname, key, file, {"defer": "defer"}
            )
        figure = nodes.figure(classes=["interactive"])
        self.set_source_info(figure)
        figure += nodes.raw("", f'<div class="stage" data-interactive="{name}">', format="html")
        self.state.nested_parse(self.content, self.content_offset, figure)
        figure += nodes.raw("", "</div>", format="html")
        figure += self.caption()
        self.add_name(figure)
        return [figure]

    def caption(self) -> nodes.caption:
        """The caption, which may hold inline markup."""
        inline, messages = self.state.inline_text(self.options["caption"], self.lineno)
        return nodes.caption(self.options["caption"], "", *inline, *messages)
