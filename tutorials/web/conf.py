"""How Sphinx reads the course and the docstrings; ``python tutorials/course.py site`` runs it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math import pick_math_environment
from docutils.utils.math.latex2mathml import tex2mathml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tutorials")]

from web.live import figures

import tinynet

project, author, release = "tinynet", "the tinynet developers", tinynet.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx.ext.viewcode"]
root_doc = "index"
include_patterns = ["*.md", "[0-9][0-9]_*.ipynb", "web/**.md"]
nb_execution_mode = "off"  # the notebooks hold their figures; `course.py check` says whether they are up to date
nb_merge_streams = True
nb_code_prompt_show, nb_code_prompt_hide = "Show what it gives", "Fold what it gives"
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
html_math_renderer = "mathml"
html_theme = "furo"
html_title = "tinynet"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["generated/extra"]
html_copy_source = False
html_show_copyright = False

FOR_EVERYBODY = {  # what a reader by keyboard or by ear needs, and the theme leaves out
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="The site">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    '<div class="math-wrapper': '<div tabindex="0" class="math-wrapper',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
    '<th class="head"></th>': "<td></td>",
    '<th class="head"><p></p></th>': "<td></td>",
}
FOLDER = re.compile(r"\[([^\]]+)\]\((?:solutions|mistakes|variants|exercises)\)")
STAR = re.compile(r"(?<![\w*\\`])(\*{1,2})(?=\w)(?![^*]*\w\*)")


def without_folders(_app: Any, _name: str, source: list[str]) -> None:
    """Leave of a link to a folder of the project its words: the site has pages and files."""
    source[0] = FOLDER.sub(r"\1", source[0])


def with_live_figures(_app: Any, name: str, source: list[str]) -> None:
    """Put the live figures of a chapter where they belong."""
    source[0] = figures.placed(name, source[0], "web/generated/figures")


def with_alternative_texts(_app: Any, name: str, source: list[str]) -> None:
    """Move the alternative text of a notebook's figures to where the reader of notebooks looks for it."""
    if name[:2].isdigit():
        notebook = json.loads(source[0])
        for cell in notebook["cells"]:
            for output in cell.get("outputs", ()):
                if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
                    cell["metadata"]["mystnb"] = {"image": {"alt": alt}}
        source[0] = json.dumps(notebook)


def as_written(_app: Any, _what: str, _name: str, _thing: object, _options: object, lines: list[str]) -> None:
    """Show signs of mathematics as they stand: ``*shape`` is no emphasis, and ``|x|`` no substitution."""
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            parts = re.split(r"(``[^`]*``)", line)
            parts[::2] = [STAR.sub(r"\\\1", part).replace("|", r"\|") for part in parts[::2]]
            lines[number] = "".join(parts)


def for_everybody(app: Any, _exception: Exception | None) -> None:
    """Mend in each page what keeps readers by keyboard or by ear out."""
    for path in Path(app.outdir).rglob("*.html"):
        if "live" not in path.relative_to(app.outdir).parts:
            text = path.read_text(encoding="utf-8")
            for found, mended in FOR_EVERYBODY.items():
                text = text.replace(found, mended)
            path.write_text(text, encoding="utf-8")


def formula(writer: Any, node: nodes.Element) -> None:
    """Write a formula as MathML, which browsers draw by themselves: the site fetches no script for it."""
    block = isinstance(node, nodes.math_block)
    text = re.sub(r"\\[Bb]ig(?![a-z])", "", node.astext()).replace(r"\dots", r"\ldots")  # which it does not know
    if block and "\\\\" in text and "\\begin" not in text:
        environment = pick_math_environment(text, numbered=False)
        text = f"\\begin{{{environment}}}{text}\\end{{{environment}}}"
    writer.body.append(tex2mathml(text, as_block=block))
    raise nodes.SkipNode


def setup(app: Any) -> None:
    """Register all of it."""
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    app.connect("source-read", without_folders)
    app.connect("source-read", with_live_figures)
    app.connect("source-read", with_alternative_texts)
    app.connect("build-finished", for_everybody)
    app.connect("autodoc-process-docstring", as_written, priority=100)
