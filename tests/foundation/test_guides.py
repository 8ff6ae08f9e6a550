"""The guides name only what there is: files, folders, links with their headings, and names of the code."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
CODE = ("wego_portal", "organizations", "events", "tests", "scripts", "templates", "docs", "static", "locale")
QUOTED = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE_NAME = re.compile(r"[\w.-]+\.(py|html|txt|md|toml|css|js|conf|yaml|po)")
# A name of the code has an underscore, a dot, a call, or a capital within; others are words, commands or settings.
CODE_NAME = re.compile(r"@?[A-Za-z]\w*(\.\w+)*(\(.*\))?")
NOT_IN_THE_REPOSITORY = ("var/", "DATA_DIR/", "media/", "manage.py ", ".venv")


@cache
def files() -> list[Path]:
    """All files of the code and its documents."""
    found = [path for folder in CODE for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return [*found, *(path for path in ROOT.iterdir() if path.is_file())]


@cache
def words_of_the_code() -> set[str]:
    """Every word in a Python file, but those of this one."""
    texts = (path.read_text() for path in files() if path.suffix == ".py" and path != Path(__file__))
    return {word for text in texts for word in re.findall(r"\w+", text)}


def heading_anchors(guide: Path) -> set[str]:
    """The anchors of a guide's headings, as repository hosts make them."""
    headings = re.findall(r"^#+ (.+)$", guide.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def quoted_in(guide: Path) -> list[str]:
    """What stands in backticks, without blocks of code."""
    return QUOTED.findall(re.sub(r"^    .*$", "", guide.read_text(), flags=re.M))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_links_lead_somewhere(guide):
    wrong = []
    for link in LINK.findall(guide.read_text()):
        if "://" in link:
            continue
        path, _hash, anchor = link.partition("#")
        target = (guide.parent / path).resolve() if path else guide
        if not target.exists() or (anchor and anchor not in heading_anchors(target)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize(
    "guide", [guide for guide in GUIDES if guide.name != "CHANGELOG.md"], ids=lambda guide: guide.name
)
def test_files_that_are_named_are_there(guide):
    names = {path.name for path in files()}
    wrong = []
    for quoted in quoted_in(guide):
        if any(character in quoted for character in " …<*$:{") or quoted.startswith(("/", *NOT_IN_THE_REPOSITORY)):
            continue
        if "/" in quoted:
            is_there = any((folder / quoted).exists() for folder in (ROOT, guide.parent, ROOT / "events"))
        else:
            is_there = quoted in names or not FILE_NAME.fullmatch(quoted)
        if not is_there:
            wrong.append(quoted)
    assert wrong == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_names_of_the_code_are_there(name):
    wrong = []
    for quoted in quoted_in(ROOT / name):
        if not CODE_NAME.fullmatch(quoted) or FILE_NAME.fullmatch(quoted):
            continue
        last = re.sub(r"\(.*", "", quoted).rpartition(".")[2].removeprefix("@")
        is_name = quoted.endswith(")") or "_" in last.strip("_") or "." in quoted or re.search(r"[a-z][A-Z]", last)
        if is_name and not last.isupper() and last not in words_of_the_code():
            wrong.append(quoted)
    assert wrong == []
