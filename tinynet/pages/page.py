"""The page itself: HTML that needs nothing else, neither scripts nor other files nor a network."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinynet.pages.section import Section
from tinynet.plots import WIDTH, visible

STYLE = """
:root { color-scheme: light dark; --ground: #fbfbf9; --card: #ffffff; --ink: #1d2126; --soft: #5b6470; --line: #dfe2e6;
  --accent: #00588c; --note: #eef4f8; }
@media (prefers-color-scheme: dark) { :root { --ground: #15181c; --card: #1d2126; --ink: #e6e8eb; --soft: #a2abb7;
  --line: #343a43; --accent: #7cc4ee; --note: #1b2a35; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
header ul { padding-left: 1.2rem; margin-top: 1rem; }
header p.kicker { margin: 0; color: var(--accent); font-weight: 600; letter-spacing: .04em; }
h1 { margin: .1rem 0 .6rem; font-size: 2.3rem; line-height: 1.15; overflow-wrap: anywhere; }
h2 { margin: 0 0 .8rem; font-size: 1.45rem; line-height: 1.25; overflow-wrap: anywhere; }
h3 { margin: 1.4rem 0 .3rem; font-size: .95rem; color: var(--accent); }
.words h3 { margin: 0; }
p { margin: .35rem 0; }
.lede { font-size: 1.15rem; color: var(--soft); max-width: 46rem; }
section { margin-top: 3.2rem; padding-top: 1.6rem; border-top: 1px solid var(--line); }
figure { margin: 0 0 1rem; padding: .8rem; background: #ffffff; border: 1px solid var(--line); border-radius: 10px; }
figure img { display: block; height: auto; margin: 0 auto; }
.words { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem 2rem; font-size: .98rem; }
.words > div { padding: .8rem 1rem; border-radius: 10px; background: var(--card); border: 1px solid var(--line); }
.words > div.found { background: var(--note); border-color: transparent; }
.words > div:only-child { grid-column: 1 / -1; }
ul { margin: .4rem 0; padding-left: 1.2rem; } li { margin: .3rem 0; }
nav ul { list-style: none; padding: 0; margin: 1.2rem 0 0; display: flex; flex-wrap: wrap; gap: .4rem .6rem; }
nav a { display: inline-block; padding: .15rem .7rem; border: 1px solid var(--line); border-radius: 99px;
  background: var(--card); color: var(--accent); text-decoration: none; font-size: .92rem; }
nav a:hover, nav a:focus { border-color: var(--accent); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
table.facts { width: 100%; font-size: .95rem; } table.facts th { width: 11rem; font-weight: 600; color: var(--soft); }
table.facts td { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 10px;
  font: .85rem/1.45 ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
summary { cursor: pointer; color: var(--accent); font-size: .95rem; } details { margin-top: .9rem; }
footer { margin-top: 3rem; color: var(--soft); font-size: .88rem; }
@media (max-width: 44rem) { .words { grid-template-columns: 1fr; } h1 { font-size: 1.8rem; }
  figure { overflow-x: auto; } figure img { min-width: 34rem; } }
@media print { body { font-size: 10.5pt; background: #fff; } main { max-width: none; padding: 0; }
  nav { display: none; } section { margin-top: 1.5rem; } figure, .words > div, tr { break-inside: avoid; }
  h2 { break-after: avoid; }  figure img { max-height: 20cm; object-fit: contain; } pre { white-space: pre-wrap; } }
"""


@dataclass(frozen=True)
class Page:
    """What the page says around its sections.

    Attributes
    ----------
    title, lede : str
        The heading, and what the page is about in a sentence or two.
    short : sequence of str
        What was found, in short.
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
    places = [(section.name, section.title) for section in sections] + [("making", "How this page was made")]
    links = "".join(f'<li><a href="#{_escape(name)}">{_escape(title)}</a></li>' for name, title in places)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_escape(page.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<header>
<p class="kicker">{_escape(page.kicker)}</p>
<h1>{_escape(page.title)}</h1>
<p class="lede">{_escape(page.lede)}</p>
{_list(page.short)}
<nav aria-label="Contents"><ul>{links}</ul></nav>
</header>
{"".join(_section(section, pictures.get(section.name)) for section in sections)}
{_making(page)}
<footer>{_escape(page.footer)}</footer>
</main>
</body>
</html>
"""


def _section(section: Section, picture: bytes | None) -> str:
    return f"""<section id="{_escape(section.name)}">
<h2>{_escape(section.title)}</h2>
{_figure(section, picture)}
<div class="words">
<div><h3>How to read this</h3><p>{_escape(section.reading)}</p></div>
{f'<div class="found"><h3>In this run</h3>{_list(section.found)}</div>' if section.found else ""}
</div>
{_table(section)}
</section>
"""


def _figure(section: Section, picture: bytes | None) -> str:
    if picture is None or section.figure is None:
        return ""
    data = base64.b64encode(picture).decode("ascii")
    width = f"{100 * section.figure.get_size_inches()[0] / WIDTH:.0f}%"
    image = f'<img alt="{_escape(section.alt)}" style="width: {width}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}</figure>"


def _table(section: Section) -> str:
    """Return the table of a section: folded away where it repeats the figure, open where there is no figure."""
    rows = section.table
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{_escape(cell)}</th>' for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{_escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows[1:])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"
    scrolled = f'<div class="scroll">{table}</div>'
    return f"<details><summary>The same as a table</summary>{scrolled}</details>" if section.figure else scrolled


def _making(page: Page) -> str:
    return f"""<section id="making">
<h2>How this page was made</h2>
<pre>{_escape(page.command)}</pre>
{_facts(page.facts)}
<details open><summary>The network, layer by layer</summary><pre>{html.escape(page.layers)}</pre></details>
<h3>Beside this page</h3>
{_facts(page.files)}
<h3>Sources</h3>
{_list(page.sources)}
</section>
"""


def _facts(facts: Mapping[str, str]) -> str:
    rows = "".join(f'<tr><th scope="row">{_escape(k)}</th><td>{_escape(v)}</td></tr>\n' for k, v in facts.items())
    return f'<table class="facts"><tbody>\n{rows}</tbody></table>'


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{_escape(sentence)}</li>' for sentence in sentences)}</ul>" if sentences else ""


def _escape(text: str) -> str:
    return html.escape(visible(text))
