"""The catalogs of the interface: complete, certain, with the same placeholders, and in step with the source."""

import ast
import re

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize
from django_countries import countries

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PACKAGES = ("events", "organizations", "wego_portal")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|{\w*}|</?\w[^>]*>")
# Names of the functions that mark a text, and how many of their first arguments are (context, text, plural).
MARKS = {"_": "t", "gettext": "t", "pgettext": "ct", "ngettext": "tp", "npgettext": "ctp"}
STRING = r"u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
CALL = re.compile(rf"\b(_|n?p?gettext)\(({STRING}(?:,\s*{STRING})*)")


def catalog(language):
    """The messages of a language's catalog, without its header."""
    with open(settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po", "rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def key(context, text):
    return (context or "", text)


def in_python(path):
    """The (context, text) of each marked text in a Python file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            kinds = MARKS.get(name.removesuffix("_lazy"), "")
            values = dict(zip(kinds, [getattr(argument, "value", None) for argument in node.args], strict=False))
            if isinstance(values.get("t"), str):
                yield key(values.get("c"), values["t"])


def in_template(path):
    """The (context, text) of each marked text in a template, as Django itself hands templates to gettext."""
    for name, arguments in CALL.findall(templatize(path.read_text(), origin=str(path))):
        strings = ast.literal_eval(f"[{arguments}]")
        values = dict(zip(MARKS[name], strings, strict=False))
        yield key(values.get("c"), values["t"])


def marked_in_the_source():
    found = set()
    for package in PACKAGES:
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            found.update(in_python(path))
    for path in (settings.BASE_DIR / "templates").rglob("*"):
        if path.suffix in (".html", ".txt"):
            found.update(in_template(path))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_untranslated_or_uncertain(language):
    messages = catalog(language)
    assert messages
    for message in messages:
        assert not message.fuzzy, message.id
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(text.strip() for text in texts), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_markup_survive_translation(language):
    for message in catalog(language):
        # Both languages have one form, which has to say what the English plural says.
        original = message.id[-1] if isinstance(message.id, tuple) else message.id
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in texts:
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(original)), message.id


def test_texts_are_marked_by_names_that_extraction_knows():
    for package in PACKAGES:
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                    assert {name.asname for name in node.names} <= {None, "_"}, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_has_what_the_source_marks_and_nothing_else(language):
    messages = catalog(language)
    listed = {key(m.context, m.id[0] if isinstance(m.id, tuple) else m.id) for m in messages}
    source = marked_in_the_source()
    assert source
    assert listed - source == set(), "no longer in the source"
    assert source - listed == set(), "not in the catalog: run makemessages and translate"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("GE", ["Georgia", "ジョージア", "조지아"]),
        ("SC", ["Seychelles", "セーシェル", "세이셸"]),
        ("BI", ["Burundi", "ブルンジ", "부룬디"]),
        ("KP", ["North Korea", "北朝鮮", "북한"]),
    ],
)
def test_countries_have_the_names_they_go_by_today(code, names):
    shown = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            shown.append(str(countries.name(code)))
    assert shown == names
