"""No text lacks Indonesian, and no template says something that cannot be translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from kolaborasi.web.catalogue import LOCALES, PACKAGE, faults

CATALOGUES = sorted(LOCALES.glob("*/LC_MESSAGES/django.po"))
TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
# Names that are the same in every language.
PROPER = {"Kolaborasi", "CSV", "QR", "API", "km", "m"}
WORD = re.compile(r"[^\W\d_]{2,}")
SPOKEN_ATTRIBUTES = re.compile(r"""\s(?:title|alt|placeholder|aria-label)=(?:"([^"]*)"|'([^']*)')""")

# Tags whose content is translated, or is no text: `page_class` stands inside an attribute.
CLOSING = {
    "blocktranslate": "endblocktranslate",
    "blocktrans": "endblocktrans",
    "comment": "endcomment",
    "block page_class": "endblock",
}


def test_indonesian_is_among_the_catalogues() -> None:
    assert "id" in {path.parent.parent.name for path in CATALOGUES}


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_no_text_is_untranslated(file: Path) -> None:
    found = faults(file)
    assert not found, "\n".join(["", *map(str, found)])


def hard_coded(source: str) -> list[str]:
    """Visible words of a template that stand outside translate and blocktranslate."""
    kept: list[str] = []
    closing = ""
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            tag, *rest = token.split_contents()
            if tag == closing:
                closing = ""
            elif not closing:
                closing = CLOSING.get(tag) or CLOSING.get(" ".join([tag, *rest]), "")
            kept.append("\0")
        elif token.token_type == TokenType.VAR:
            kept.append("\0")
        elif token.token_type == TokenType.TEXT and not closing:
            kept.append(token.contents)
    markup = re.sub(r"(?s)<(script|style|code)\b.*?</\1>|<!--.*?-->", " ", "".join(kept))
    spoken = [one or two for one, two in SPOKEN_ATTRIBUTES.findall(markup)]
    visible = re.sub(r"(?s)<[^>]*>", " ", markup)
    words = WORD.findall(re.sub(r"&\w+;", " ", " ".join([visible, *spoken])))
    return [word for word in words if word not in PROPER]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Selamat datang</p>", ["Selamat", "datang"]),
        ('<p title="Close it">{{ x }}</p>', ["Close", "it"]),
        ('{% translate "Welcome" %}{% blocktranslate %}Dear {{ x }}{% endblocktranslate %} km', []),
        ('<a class="button" href="/aid/">{{ label }}</a>&nbsp;·', []),
        ("{% if x %}yes{% endif %}", ["yes"]),
        ("{# a comment #}{% comment %}another{% endcomment %}", []),
    ],
)
def test_search_for_hard_coded_words_finds_them(source: str, words: list[str]) -> None:
    assert hard_coded(source) == words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_template_has_no_hard_coded_text(path: Path) -> None:
    assert hard_coded(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_template_has_nothing_inline_that_the_policy_forbids(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert (
        re.findall(r"<style|\sstyle=|\son(?:click|change|submit|load|input)=|hx-on|javascript:", source) == []
    )
    scripts = re.findall(r"<script\b([^>]*)>", source)
    assert [each for each in scripts if "src=" not in each and "application/json" not in each] == []
