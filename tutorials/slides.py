"""Slides for a first session on a chapter: one page that needs nothing else, cut minute by minute.

They are made from the chapter as it is: what a section says at first and its formulas, the questions before answers,
the figures of its notebook, its exercises, and of the mistakes that are caught one for each exercise, as a question to
the room. The rest of the text stands in the speaker's notes.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import form

STATIC = Path(__file__).resolve().parent / "web" / "static"
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
FORMULA = re.compile(r"^\$\$.+?\$\$$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^\|.+\|$(?:\n^\|.+\|$)+", re.MULTILINE)
SENTENCE = re.compile(r".+?[.:?](?=\s|$)", re.DOTALL)
LINES = 8  # of a cell of code that is shown
WORDS_A_MINUTE = 150


class Slide(NamedTuple):
    """A slide.

    Attributes
    ----------
    title, body, notes : str
        The last two in HTML.
    weight : float
        How long it takes beside the others, in minutes of an unhurried session.
    """

    title: str
    body: str
    notes: str
    weight: float


def minutes_of(weights: list[float], minutes: int) -> list[int]:
    """Return whole minutes that add up to `minutes`, at least one each, the rest in proportion (largest remainders)."""
    rest = minutes - len(weights)
    if rest < 0:
        raise ValueError(
            f"{len(weights)} slides do not fit into {minutes} minutes; ask for more, as with --minutes 120"
        )
    shares = [weight / sum(weights) * rest for weight in weights]
    whole = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: whole[place] - shares[place])
    for place in by_remainder[: rest - sum(whole)]:
        whole[place] += 1
    return [1 + share for share in whole]


def slides_of(notebook: dict[str, Any], folder: Path) -> list[Slide]:
    """Return the slides of an executed notebook; `folder` holds solutions and mistakes."""
    found: list[Slide] = []
    section = ""
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            heading = HEADING.search(text)
            if heading and heading["title"] == "On your own":
                break
            section = heading["title"] if heading else section
            found += _of_text(text, section, is_head=bool(heading), is_first=not found)
            for box in form.BOX.finditer(text):
                found += _mistake(box["number"], folder)
        else:
            found += _of_code(cell, text, section)
    return found


def _of_text(text: str, section: str, *, is_head: bool, is_first: bool) -> list[Slide]:
    blocks = [block for block in text.split("\n\n") if not HEADING.match(block)]
    asked = [block for block in blocks if form.PREDICTION.search(block)]
    boxed = [block for block in blocks if form.BOX.search(block)]
    told = [block for block in blocks if block not in asked and block not in boxed]
    recap = text.partition("## In five lines\n")[2].partition("\n## ")[0]
    found = []
    if told and not recap and (is_head or FORMULA.search(text) or TABLE.search(text)):
        lead = SENTENCE.match(next((block for block in told if block[0] not in "|$-`>"), ""))
        shown = [lead[0]] if lead and not is_first else []
        shown += [*FORMULA.findall(text), *TABLE.findall(text)]
        notes = "\n\n".join(told)
        found.append(Slide(section, html("\n\n".join(shown)), html(notes), 1 + len(notes.split()) / WORDS_A_MINUTE))
    for block in asked:
        found.append(Slide("Before you see it", _folded(block), "Let everybody write an answer down first.", 2))
    for block in boxed:
        box = form.BOX.search(block)
        assert box is not None
        minutes = re.search(r"(\d+) minutes", box[0])
        title = f"Exercise {box['number']}"
        notes = "One at the board, the others on paper or at their machines; then the check in the notebook."
        found.append(Slide(title, _folded(block), notes, min(float(minutes[1]) if minutes else 5, 6)))
    if recap:
        found.append(Slide("In five lines", html(recap), "Ask for each line where in the session it was seen.", 3))
    return found


def _of_code(cell: dict[str, Any], code: str, section: str) -> list[Slide]:
    found = []
    lines = code.splitlines()
    outputs = cell.get("outputs", ())
    printed = "".join("".join(output.get("text", "")) for output in outputs)
    if printed and len(lines) <= LINES and not code.startswith("check("):
        body = f"<pre>{escape(code)}</pre><pre class=out>{escape(printed)}</pre>"
        found.append(Slide(section, body, "Ask what will be printed, before you read it out.", 1))
    for output in outputs:
        if picture := output.get("data", {}).get("image/png"):
            name = caption(code, section)
            data = "".join(picture).replace("\n", "")
            body = f'<img alt="{escape(name)}" src="data:image/png;base64,{data}">'
            found.append(Slide(name, body, f"<pre>{escape(code)}</pre>", 1.5))
    return found


def caption(code: str, section: str) -> str:
    """Return what a figure is called: its title, if the cell that draws it has one in plain words, else the section."""
    for pattern in (r'suptitle\(\s*"([^"]+)"', r'title="([^"]+)"', r'set_title\(\s*"([^"]+)"'):
        if found := re.search(pattern, code):
            return found[1].replace("$", "")
    return section


def _mistake(number: str, folder: Path) -> list[Slide]:
    """Return a question to the room: of the mistakes that the graders of an exercise catch, the one nearest to ours."""
    name = f"ch{int(number.split('.')[0]):02}"
    graders = (folder / "exercises" / f"test_{name}.py").read_text(encoding="utf-8")
    tests = {test for exercise, test in form.GRADES.findall(graders) if exercise == number}
    right = _functions((folder / "solutions" / f"{name}.py").read_text(encoding="utf-8"))
    found = []
    for path in sorted(folder.glob(f"mistakes/{name}_*.py")):
        text = path.read_text(encoding="utf-8")
        wrong = _functions(text)
        function = next((function for function in wrong if function in right), None)
        if function and tests & form.caught_by(path):
            compared = difflib.ndiff(right[function].splitlines(), wrong[function].splitlines())
            lines = [line for line in compared if not line.startswith("?")]
            found.append((sum(line[0] != " " for line in lines), path, wrong[function], lines, text))
    if not found:
        return []
    _, path, wrong_one, lines, text = min(found, key=lambda one: one[:2])
    kinds = {"-": "right", "+": "wrong", " ": "same"}
    marked = "\n".join(f"<span class={kinds[line[0]]}>{escape(line)}</span>" for line in lines)
    head, _, said = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")
    body = f"<pre>{escape(wrong_one)}</pre><details><summary>The answer</summary>{html(said)}"
    body += f"<pre>{marked}</pre><p>- ours, + the slip</p></details>"
    return [Slide(f"Which line is wrong? ({number})", body, f"{html(head)}From mistakes/{path.name}.", 2)]


def _functions(source: str) -> dict[str, str]:
    """Return the text of each function and class of a program, without docstrings and marks of solutions."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for inner in ast.walk(node):
                if (
                    isinstance(inner, ast.FunctionDef | ast.ClassDef)
                    and ast.get_docstring(inner)
                    and len(inner.body) > 1
                ):
                    inner.body = inner.body[1:]
            found[node.name] = ast.unparse(node)
    return found


# --------------------------------------------------------------------------------------------------------------- HTML


def html(markdown: str) -> str:
    """Return a text of a chapter as HTML, formulas as MathML, which browsers draw by themselves."""
    from latex2mathml.converter import convert
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(text: str, options: dict[str, Any]) -> str:
        return convert(text, display="block" if options["display_mode"] else "inline")

    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    return str(reader.use(dollarmath_plugin, renderer=formula).render(markdown))


def _folded(block: str) -> str:
    """Return a question with what is folded below it: an answer, or hints."""
    text = re.sub(r"^> ?", "", block, flags=re.MULTILINE)
    question = html(form.FOLDED.sub("", text))
    answers = [
        f"<details><summary>{html(found['title'])}</summary>{html(found['text'])}</details>"
        for found in form.FOLDED.finditer(text)
    ]
    return re.sub(r"<summary><p>(.*?)</p>\s*</summary>", r"<summary>\1</summary>", question + "".join(answers))


def page(notebook: dict[str, Any], folder: Path, minutes: int = 90) -> str:
    """Return the page of a session of so many minutes."""
    slides = slides_of(notebook, folder)
    title = HEADING.search("".join(notebook["cells"][0]["source"]))["title"]  # type: ignore[index]
    sections, clock = [], 0
    each = minutes_of([slide.weight for slide in slides], minutes)
    for number, (slide, takes) in enumerate(zip(slides, each, strict=True), start=1):
        when = f"minute {clock} to {clock + takes}<span>{number} of {len(slides)}</span>"
        sections.append(
            f'<section id="s{number}" data-minutes="{takes}"><header>{when}</header>'
            f"<h2>{escape(slide.title)}</h2><div class=body>{slide.body}</div>"
            f"<aside><h3>Notes</h3>{slide.notes}</aside></section>"
        )
        clock += takes
    style, script = ((STATIC / name).read_text(encoding="utf-8") for name in ("slides.css", "slides.js"))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}: {minutes} minutes</title>"
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>\n<body>'
        + "\n".join(sections)
        + f"\n<script>{script}</script></body></html>\n"
    )


def write(chapter: Path, out: Path, minutes: int = 90) -> int:
    """Write the slides of a chapter, whose notebook lies beside it; return how many figures they have."""
    notebook = json.loads(chapter.with_suffix(".ipynb").read_text(encoding="utf-8"))
    text = page(notebook, chapter.parent, minutes)
    out.write_text(text, encoding="utf-8")
    return text.count("<img ")
