"""Finding English that was left in a page or mail of another language."""

import functools
import re

from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import get_language_info

HTML = "{http://www.w3.org/1999/xhtml}"
NOT_READ = {f"{HTML}{tag}" for tag in ("script", "style", "template")}
READ_ATTRIBUTES = ("title", "alt", "aria-label", "placeholder")
# Three words without capitals beside each other: prose, and no name.
PROSE = re.compile(r"\b[a-z’'-]+(?:,? [a-z’'-]+){2,}\b")


@functools.cache
def translated_texts(language):
    """The English texts of the interface that read otherwise in the language. A language's own name is always right."""
    with open(settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po", "rb") as file:
        messages = [message for message in read_po(file, locale=language) if isinstance(message.id, str)]
    own_names = {get_language_info(code)["name_local"] for code, _name in settings.LANGUAGES}
    return {message.id for message in messages if message.id and message.string != message.id} - own_names


def english_in(text, language):
    """What of the text is English prose, or a text of the interface that was not translated."""
    text = " ".join(text.split())
    return PROSE.findall(text) or ([text] if text in translated_texts(language) else [])


def english_left(document, language):
    """What a document (parsed by html5lib) shows in English where it does not say that it is (attribute `lang`)."""
    found = []

    def walk(element, lang):
        lang = element.get("lang", lang)
        texts = [element.get(name) for name in READ_ATTRIBUTES]
        if element.tag == f"{HTML}meta" and element.get("name") == "description":
            texts.append(element.get("content"))
        if element.tag not in NOT_READ:
            texts.append(element.text)
        if lang == language:
            found.extend(each for text in texts if text for each in english_in(text, language))
        for child in element:
            if isinstance(child.tag, str):
                walk(child, lang)
            if child.tail and lang == language:
                found.extend(english_in(child.tail, language))

    walk(document, "")
    return found
