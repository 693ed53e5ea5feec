"""The guides: links lead somewhere, commands exist, tables have their marks and columns, words are defined once."""

import importlib
import importlib.util
import re
from pathlib import Path

import pytest

import tinynet as tn
from tinynet import cli, files

ROOT = Path(__file__).parents[1]
TUTORIALS = ROOT / "tutorials"
GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(TUTORIALS.glob("*.md"))]
PAGES = {
    "claims.md": ("claims LO", "claims FM", "claims GL", "claims MR", "claims TR"),
    "benchmarks.md": ("benchmark", "bounds"),
}
GENERATED = {name: page for page, names in PAGES.items() for name in names}
PICTURE = 250_000  # bytes that the README's picture may take
of_guides = {"ids": lambda path: path.name if path.parent == ROOT else f"tutorials/{path.name}"}


def text_of(path):
    return path.read_text(encoding="utf-8")


def table(text):
    """Return the cells of the rows of a Markdown table; bars behind a backslash are text."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def parts(cell):
    return [part.strip() for part in cell.split(",") if part.strip()]


def resolved(name):
    """Return what a dotted name stands for; `tn` is the package."""
    first, *rest = name.split(".")
    assert first == "tn", name
    thing = tn
    for at, part in enumerate(rest):
        if not hasattr(thing, part):
            importlib.import_module(".".join(["tinynet", *rest[: at + 1]]))
        thing = getattr(thing, part)
    return thing


# ----------------------------------------------------------------------------------------------------------- all guides


@pytest.mark.parametrize("guide", GUIDES, **of_guides)
def test_what_a_guide_links_to_exists(guide):
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text_of(guide)) if "://" not in link]
    links = [link for link in links if not link.startswith("web/generated/")]  # which the site is built with
    assert [link for link in links if not (guide.parent / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize("guide", GUIDES, **of_guides)
def test_commands_of_a_guide_exist(guide):
    """Modules can be found, `tinynet` knows its commands, and files that are tested are there."""
    text = text_of(guide)
    for module in re.findall(r"python -m ([a-z_.]+)", text):
        assert importlib.util.find_spec(module.rstrip(".")), module
    for command in re.findall(r"python -m tinynet ([a-z]+)", text):
        with pytest.raises(SystemExit, match=r"^0$"):
            cli.main([command, "--help"])
    assert [path for path in re.findall(r"\b(?:tests|tinynet|tutorials|data)/[\w/.]*\w", text) if missing(path)] == []


def missing(path):
    return "NN" not in path and not (ROOT / path).exists()


@pytest.mark.parametrize("guide", GUIDES, **of_guides)
def test_tables_of_a_guide_have_a_cell_for_each_column(guide):
    for block in re.split(r"\n(?!\|)", text_of(guide)):
        rows = table(block)
        assert len({len(row) for row in rows}) <= 1, rows[0]


@pytest.mark.parametrize(("name", "page"), GENERATED.items())
def test_a_generated_table_stands_between_its_marks(name, page):
    begin, end = files.marks(name)
    text = text_of(TUTORIALS / page)
    assert text.count(begin) == text.count(end) == 1
    assert len(table(text.partition(begin)[2].partition(end)[0])) > 5


@pytest.mark.parametrize("guide", [*GUIDES, ROOT / "tinynet" / "cli.py", ROOT / "tests/benchmarks/bounds.py"])
def test_commands_write_into_files_that_have_the_marks(guide):
    marked = {f"tutorials/{page}" for page in GENERATED.values()}
    assert set(re.findall(r"--into ([\w/.]+\.md)", text_of(guide))) <= marked


# ----------------------------------------------------------------------------------------------------------- the README


def test_the_readme_is_read_in_a_minute():
    text = text_of(ROOT / "README.md")
    assert len(text.splitlines()) <= 150
    assert [word for word in ("thesis", "eq. 3", "LO-", "FM-") if word in text] == []
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text):
        assert (ROOT / picture).stat().st_size <= PICTURE


def test_the_readme_begins_with_what_a_newcomer_runs():
    blocks = re.findall(r"```bash\n(.*?)```", text_of(ROOT / "README.md"), re.DOTALL)
    assert len(blocks) == 2, "further commands are no bash blocks: what stands in one is run"
    assert blocks[0].splitlines()[-1] == "pip install -e . && python -m tinynet explain"
    assert blocks[1] == 'pip install -e ".[test]" && python -m pytest -n auto --dist loadfile\n'


# --------------------------------------------------------------------------------------------------------- the glossary


@pytest.fixture(scope="module")
def glossary():
    head, rule, *rows = table(text_of(TUTORIALS / "glossary.md"))
    assert head == ["term", "also called", "what it is", "in the code"] and set(rule) == {"---"}
    return rows


def test_the_glossary_says_what_each_word_means(glossary):
    assert len(glossary) >= 80
    for term, _, meaning, _ in glossary:
        assert term and len(meaning) > 20 and not meaning.endswith("."), term


def test_words_of_the_glossary_stand_once_and_in_order(glossary):
    terms = [term.casefold() for term, *_ in glossary]
    assert terms == sorted(terms)
    words = [*terms, *(word.casefold() for _, others, *_ in glossary for word in parts(others))]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_names_in_the_glossary_exist(glossary):
    for term, _, _, code in glossary:
        for name in parts(code):
            assert name.startswith("`") and name.endswith("`"), term
            resolved(name.strip("`"))


@pytest.mark.parametrize("word", ["delta", "seed", "trace", "knock-out", "supporting unit", "strongest unit"])
def test_the_glossary_has_the_words_that_everything_stands_on(glossary, word):
    assert word in [term for term, *_ in glossary]


# ------------------------------------------------------------------------------------------------- the map of the house


def test_the_map_names_every_room():
    package = ROOT / "tinynet"
    rooms = [path for path in (*package.iterdir(), *(package / "explain").iterdir()) if path.name[0] not in "_."]
    names = {f"{path.relative_to(package)}/" for path in rooms if path.is_dir()}
    names |= {path.name for path in package.glob("*.py") if path.name[0] != "_"}
    text = text_of(ROOT / "CONTRIBUTING.md").partition("## The map of the house")[2].partition("\n## ")[0]
    assert sorted(name for name in names - {"explain/"} if f"`{name}`" not in text) == []
