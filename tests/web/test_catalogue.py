"""The text catalogue: finds every text and every fault, compiles what changed."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from kolaborasi.web.catalogue import Text, compile_all, faults, texts

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n'


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "room" / "templates").mkdir(parents=True)
    (tmp_path / "room" / "views.py").write_text(
        '_("Hello %(name)s")\nngettext("one box", "%(n)s boxes", n)\npgettext("verb", "Open")\ngettext_lazy("Late")\n'
    )
    (tmp_path / "room" / "templates" / "page.html").write_text(
        '{% translate "Title" %}{% blocktranslate %}Dear {{ who }}{% endblocktranslate %}'
    )
    return tmp_path


def po(package: Path, entries: str) -> Path:
    file = package / "locale" / "id" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEADER + entries)
    return file


ALL = """
msgid "Hello %(name)s"
msgstr "Halo %(name)s"

msgid "one box"
msgid_plural "%(n)s boxes"
msgstr[0] "%(n)s kotak"

msgctxt "verb"
msgid "Open"
msgstr "Buka"

msgid "Late"
msgstr "Terlambat"

msgid "Title"
msgstr "Judul"

msgid "Dear %(who)s"
msgstr "Yang terhormat %(who)s"
"""


def test_texts_of_code_and_templates_are_found_with_their_place(package: Path) -> None:
    assert set(texts(package)) == {
        Text("Hello %(name)s", None, None, "room/views.py:1"),
        Text("one box", "%(n)s boxes", None, "room/views.py:2"),
        Text("Open", None, "verb", "room/views.py:3"),
        Text("Late", None, None, "room/views.py:4"),
        Text("Title", None, None, "room/templates/page.html:1"),
        Text("Dear %(who)s", None, None, "room/templates/page.html:1"),
    }


def test_complete_catalogue_has_no_fault(package: Path) -> None:
    assert faults(po(package, ALL), package) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Late"\nmsgstr "Terlambat"\n', "", "missing: 'Late' (room/views.py:4)"),
        ('msgstr "Terlambat"', 'msgstr ""', "missing: 'Late' (room/views.py:4)"),
        ('msgid "Late"', '#, fuzzy\nmsgid "Late"', "fuzzy: 'Late' (room/views.py:4)"),
        ("Halo %(name)s", "Halo %(nama)s", "other placeholders: 'Hello %(name)s' (room/views.py:1)"),
        ("%(n)s kotak", "kotak", "other placeholders: 'one box' (room/views.py:2)"),
        ('msgctxt "verb"\n', "", "missing: 'Open' (room/views.py:3)"),
        ('msgid "Title"', 'msgid "Late"\nmsgstr "Telat"\n\nmsgid "Title"', "given twice: 'Late' (django.po)"),
    ],
)
def test_fault_is_named_with_its_place(package: Path, old: str, new: str, fault: str) -> None:
    assert old in ALL
    assert [str(each) for each in faults(po(package, ALL.replace(old, new)), package)] == [fault]


def test_compiled_catalogue_translates(package: Path) -> None:
    file = po(package, ALL)
    assert compile_all(package / "locale") == [file.with_suffix(".mo")]
    with file.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Late") == "Terlambat"
    assert sorted(path.name for path in file.parent.iterdir()) == ["django.mo", "django.po"]


def test_only_stale_catalogues_are_compiled_when_asked(package: Path) -> None:
    file = po(package, ALL)
    compile_all(package / "locale")
    assert compile_all(package / "locale", only_stale=True) == []
    later = file.with_suffix(".mo").stat().st_mtime + 10
    os.utime(file, (later, later))
    assert compile_all(package / "locale", only_stale=True) == [file.with_suffix(".mo")]
