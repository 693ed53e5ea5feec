"""The web site: the course, a gallery, guides, the reference and the live pages, put together by Sphinx.

What has to be made first goes to ``web/generated``: the gallery from the figures of the notebooks, the guides from
their scripts, the atlas from its experiment, the live pages from two networks that are trained for it, and the live
figures of the chapters.
"""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from web.live import figures

WEB = Path(__file__).resolve().parent
COURSE = WEB.parent
MADE = WEB / "generated"
LIVE = {"faces": ("--data", "faces"), "digits": ("--data", "digits:2000", "--epochs", "5")}
PARTS = (".py", ".js", ".css", ".html", ".md")  # what a live page is made of
THUMBNAIL = 360  # pixels
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Shown(NamedTuple):
    """A figure of a chapter.

    Attributes
    ----------
    title : str
        The heading that it stands under.
    code : str
        The cell that draws it.
    picture : bytes
        A PNG file.
    alt : str
        What is said in its place to those who do not see it.
    """

    title: str
    code: str
    picture: bytes
    alt: str


def figures_of(notebook: dict[str, Any]) -> list[Shown]:
    """Return the figures of a notebook in their order."""
    found, title = [], ""
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            title = ([title, *HEADING.findall(text)])[-1]
            continue
        for output in cell.get("outputs", ()):
            if picture := output.get("data", {}).get("image/png"):
                alt = output.get("metadata", {}).get("image/png", {}).get("alt", title)
                found.append(Shown(title, text, base64.b64decode("".join(picture)), alt))
    return found


def thumbnail(picture: bytes) -> bytes:
    """Return a small copy of a picture, as PNG."""
    from PIL import Image

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    stream = io.BytesIO()
    image.quantize(64).save(stream, "png")
    return stream.getvalue()


def gallery(notebooks: Iterable[Path]) -> None:
    """Write a page of thumbnails, and one of figures with the lines that draw them for each chapter."""
    folder = MADE / "gallery"
    folder.mkdir(parents=True)
    index = ["# Gallery", "", "Every figure of the course, with the lines that draw it. Press one to see both.", ""]
    pages = []
    for path in notebooks:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        shown = figures_of(notebook)
        if not shown:
            continue
        chapter = HEADING.search("".join(notebook["cells"][0]["source"]))[1]  # type: ignore[index]
        number = path.name[:2]
        page = [f"# {chapter}: figures", "", f"From [the chapter](../../../{path.name}), where they are explained.", ""]
        index += [f"## {chapter}", "", '<div class="gallery">', ""]
        for count, (title, code, picture, alt) in enumerate(shown, start=1):
            name = f"{number}-{count:02}"
            (folder / f"{name}.png").write_bytes(picture)
            (folder / f"{name}-small.png").write_bytes(thumbnail(picture))
            plain = alt.replace("`", "").replace("[", "(").replace("]", ")")
            page += [f"({'figure-' + name})=", f"## {count} · {title}", "", f"![Figure: {plain}]({name}.png)", ""]
            page += ["```python", code.replace("```", "'''"), "```", ""]
            index += [f"[![{chapter}, figure {count}: {plain}]({name}-small.png)](#figure-{name})", ""]
        index += ["</div>", ""]
        (folder / f"{number}.md").write_text("\n".join(page), encoding="utf-8")
        pages.append(number)
    index += ["```{toctree}", ":hidden:", "", *pages, "```", ""]
    (folder / "index.md").write_text("\n".join(index), encoding="utf-8")


def guides(scripts: Iterable[Path], cells_of: Any) -> list[str]:
    """Write a page for each guide, a script in the format of the chapters; return their names."""
    folder, names = MADE / "guides", []
    folder.mkdir(parents=True)
    for script in scripts:
        page = []
        for kind, text in cells_of(script.read_text(encoding="utf-8")):
            page += [text, ""] if kind == "markdown" else ["```python", text, "```", ""]
        (folder / f"{script.stem}.md").write_text("\n".join(page), encoding="utf-8")
        names.append(script.stem)
    return names


def atlas() -> None:
    """Run the experiment that shows every method on three networks, and write its page."""
    import matplotlib

    matplotlib.use("agg")
    from tinynet import datasets
    from tinynet.studies.engine.experiment import Budget, Results
    from tinynet.studies.gulati.atlas import EXPERIMENT

    folder = MADE / "atlas"
    folder.mkdir(parents=True)
    data, budget = datasets.load("digits:2000"), Budget(1, quick=True)
    jobs = list(EXPERIMENT.jobs(data, budget))
    results = Results(data, budget, jobs, {job: job.measure(data) for job in jobs})
    page = [
        "# Atlas",
        "",
        "Every method that makes a unit visible, on three networks and three kinds of data: what each shows, and what",
        "it hides. `python -m tinynet study gulati` makes it again, with more images (GL-9 of [the claims]"
        "(../../../claims.md)).",
        "",
    ]
    for section in EXPERIMENT.sections(results):
        page += [f"## {section.title}", "", section.reading, ""]
        if section.figure is not None:
            section.figure.savefig(folder / f"{section.name}.png", dpi=110)
            page += [f"![{section.alt}]({section.name}.png)", ""]
        if section.table:
            head, *rows = section.table
            page += [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)] + [""]
    (folder / "index.md").write_text("\n".join(page), encoding="utf-8")


def live(kept: Path) -> None:
    """Train the networks of the live pages, unless the package has not changed since, and put the pages in place."""
    package = [path for path in (COURSE.parent / "tinynet").rglob("*") if path.suffix in PARTS]
    changed = max(path.stat().st_mtime for path in package)
    folder = MADE / "extra" / "live"
    folder.mkdir(parents=True)
    for name, words in LIVE.items():
        page = kept / name / "report.html"
        if not page.exists() or page.stat().st_mtime < changed:
            command = [sys.executable, "-m", "tinynet", "explain", *words, "--out", str(kept / name)]
            subprocess.run(command, check=True, cwd=COURSE.parent)
        shutil.copy(page, folder / f"{name}.html")


def build(out: Path, notebooks: list[Path], scripts: list[Path], cells_of: Any) -> int:
    """Make what has to be made, and let Sphinx build the site, warnings being errors; return its exit status."""
    from sphinx.cmd.build import build_main

    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir()
    print("the gallery, the guides, the atlas and the live pages", flush=True)
    gallery(notebooks)
    guides(scripts, cells_of)
    atlas()
    live(out.parent / "live")
    figures.write(MADE / "figures", out.parent / "live")
    # Everything is read anew (-E): Sphinx would keep pages that a change of conf.py or of a live figure should change.
    return build_main(["-q", "-E", "-W", "--keep-going", "-c", str(WEB), str(COURSE), str(out)])
