"""The page itself: HTML that needs nothing else, neither other files nor a network; its scripts are in it."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tinynet.pages.live import Live, script, text_of
from tinynet.pages.pieces import Piece, pieces
from tinynet.pages.section import Section
from tinynet.pages.terms import as_html, explained
from tinynet.plots import WIDTH, visible

LEAST = 92  # pixels, of an inch of a figure, at which its words can be read


@dataclass(frozen=True)
class Page:
    """What the page says around its sections.

    Attributes
    ----------
    title, lede : str
        The heading, and what the page is about in a sentence or two.
    short : sequence of str
        What was found, in short.
    finding : str
        The same in one sentence, for the first screen.
    picture : Section, optional
        The figure of the first screen.
    whole : Section, optional
        The section that shows all of which that picture shows a part.
    trust : mapping of str to str
        What tells whether all this can be trusted: what was checked, and how it came out.
    live : Live, optional
        The network itself, for the reader to try.
    notice : str
        Why the network is not there to be tried, if that needs to be said.
    facts : mapping of str to str
        What the network was made from, as a table.
    command : str
        What writes the same page again.
    layers : str
        The table of the network's layers.
    files : mapping of str to str
        What else lies beside the page.
    sources : sequence of str
        References.
    footer : str
    kicker : str
        The command's name, above the heading.
    """

    title: str
    lede: str
    short: Sequence[str]
    facts: Mapping[str, str]
    command: str
    layers: str
    files: Mapping[str, str]
    sources: Sequence[str]
    footer: str
    kicker: str = "tinynet explain"
    finding: str = ""
    picture: Section | None = None
    whole: Section | None = None
    trust: Mapping[str, str] = field(default_factory=dict)
    live: Live | None = None
    notice: str = ""


def render(page: Page, sections: Sequence[Section], pictures: Mapping[str, bytes]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    page : Page
    sections : sequence of Section
    pictures : mapping of str to bytes
        The figures as PNG files, by the name of the section.

    Returns
    -------
    str
        All text is escaped, so names may hold any letters.
    """
    style = text_of("page.css") + (text_of("live.css") if page.live else "")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{as_html(page.title)}</title>
<style>{style}</style>
</head>
<body>
<main>
{_first_screen(page, sections, pictures)}
{text_of("live.html") if page.live else ""}
{f'<p class="notice">{as_html(page.notice)}</p>' if page.notice else ""}
{f'<section id="short"><h2>In short</h2>{_in_short(page)}</section>' if page.finding else ""}
{"".join(_section(section, pictures.get(section.name)) for section in sections)}
{_making(page)}
<footer>{as_html(page.footer)}</footer>
</main>
{script(page.live) if page.live else ""}</body>
</html>
"""


def _first_screen(page: Page, sections: Sequence[Section], pictures: Mapping[str, bytes]) -> str:
    return f"""<header>
<p class="kicker">{as_html(page.kicker)}</p>
<h1>{as_html(page.title)}</h1>
{f'<p class="finding">{as_html(page.finding)}</p>' if page.finding else _in_short(page)}
{_first_sight(page, pictures)}
{_contents(page, sections)}
</header>"""


def _in_short(page: Page) -> str:
    return f'<p class="lede">{explained(page.lede)}</p>{_list(page.short)}'


def _first_sight(page: Page, pictures: Mapping[str, bytes]) -> str:
    """Return the picture of the first screen beside what tells whether the page can be trusted."""
    picture = ""
    if page.picture:
        link = ""
        if page.whole:
            link = f' All of them: <a href="#{as_html(page.whole.name)}">{as_html(page.whole.title)}</a>.'
        reading = f"<figcaption>{explained(page.picture.reading)}{link}</figcaption>"
        picture = _figure(page.picture, pictures.get(page.picture.name), reading)
    rows = "".join(f"<dt>{as_html(what)}</dt><dd>{explained(how)}</dd>" for what, how in page.trust.items())
    trust = f'<div class="trust"><h2>Can this be trusted?</h2><dl>{rows}</dl></div>' if rows else ""
    return f'<div class="first">{picture}{trust}</div>' if picture or trust else ""


def _contents(page: Page, sections: Sequence[Section]) -> str:
    """Return links to all parts, in groups."""
    first = [("live", "Try it")] * (page.live is not None) + [("short", "In short")] * bool(page.finding)
    groups: dict[str, list[tuple[str, str]]] = {"The network": first} if first else {}
    for section in sections:
        groups.setdefault(section.group, []).append((section.name, section.title))
    groups.setdefault("The record", []).append(("making", "How this page was made"))
    links = {
        group: "".join(f'<li><a href="#{as_html(name)}">{as_html(title)}</a></li>' for name, title in places)
        for group, places in groups.items()
    }
    rows = (f'<div><span class="group">{as_html(g)}</span><ul>{items}</ul></div>' for g, items in links.items())
    return f'<nav aria-label="Contents">{"".join(rows)}</nav>'


def _section(section: Section, picture: bytes | None) -> str:
    narrow = ' class="narrow"' if section.narrow_table and section.table else ""
    return f"""<section id="{as_html(section.name)}"{narrow}>
<h2>{as_html(section.title)}</h2>
{_figure(section, picture)}
<div class="words">
<div><h3>How to read this</h3><p>{explained(section.reading)}</p></div>
{f'<div class="found"><h3>In this run</h3>{_list(section.found)}</div>' if section.found else ""}
</div>
{_table(section)}
</section>
"""


def _figure(section: Section, picture: bytes | None, caption: str = "") -> str:
    if picture is None or section.figure is None:
        return ""
    parts = pieces(section.figure, picture)
    first = next(part for part in parts if not part.is_head)
    images = "".join(_image(part, section.alt if part is first else "") for part in parts)
    return f"<figure>{images}{caption}</figure>"


def _image(part: Piece, alt: str) -> str:
    """Return a figure, or its head or a panel: as wide as in the figure, but on a narrow screen wide enough to read."""
    width = f"max({100 * min(part.width / WIDTH, 1):.2f}%, min(100%, {LEAST * part.width:.0f}px))"
    data = base64.b64encode(part.picture).decode("ascii")
    kind = ' class="head"' if part.is_head else ""
    return f'<img{kind} alt="{as_html(alt)}" style="width: {width}" src="data:image/png;base64,{data}">'


def _table(section: Section) -> str:
    """Return the table of a section: folded away where it repeats the figure, else open."""
    rows = section.table
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{as_html(cell)}</th>' for cell in rows[0])
    body = "".join(f"<tr>{_cells(row, rows[0])}</tr>\n" for row in rows[1:])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"
    scrolled = f'<div class="scroll" tabindex="0" role="region" aria-label="{as_html(section.title)}">{table}</div>'
    if section.figure is None:
        return scrolled
    in_place = f'<div class="in-place">{scrolled}</div>' if section.narrow_table else ""
    return f"{in_place}<details><summary>The same as a table</summary>{scrolled}</details>"


def _cells(row: Sequence[str], heads: Sequence[str]) -> str:
    """Return the cells of a row; on a narrow screen they stand below each other, each with its head."""
    return "".join(
        f'<td data-head="{as_html(head)}">{as_html(cell)}</td>' for cell, head in zip(row, heads, strict=False)
    )


def _layers(layers: str) -> str:
    if not layers:
        return ""
    text = f'<pre tabindex="0">{html.escape(layers)}</pre>'
    return f"<details open><summary>The network, layer by layer</summary>{text}</details>"


def _making(page: Page) -> str:
    return f"""<section id="making">
<h2>How this page was made</h2>
<pre tabindex="0">{html.escape(visible(page.command))}</pre>
{_facts(page.facts)}
{_layers(page.layers)}
{f"<h3>Beside this page</h3>{_facts(page.files)}" if page.files else ""}
<h3>Sources</h3>
{_list(page.sources)}
</section>
"""


def _facts(facts: Mapping[str, str]) -> str:
    rows = "".join(f'<tr><th scope="row">{as_html(k)}</th><td>{as_html(v)}</td></tr>\n' for k, v in facts.items())
    return f'<table class="facts"><tbody>\n{rows}</tbody></table>'


def _list(sentences: Sequence[str]) -> str:
    items = [as_html(sentence) for sentence in sentences]
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""
