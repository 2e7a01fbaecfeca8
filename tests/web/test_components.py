"""Components: what they say does not depend on colour or on script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation


def drawn(source: str, **context: Any) -> str:
    with translation.override("en"):
        return Template("{% load kolaborasi %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("numbers", "widths", "share"),
    [
        ((120, 90, 40), ("100.00", "75.00", "33.33"), "75%"),
        ((100, 0, 0), ("100.00", "0.00", "0.00"), "0%"),
        ((80, 100, 100), ("80.00", "100.00", "100.00"), "125%"),
        ((0, 0, 0), ("0.00", "0.00", "0.00"), "100%"),
    ],
)
def test_progress_shows_three_numbers_and_their_shares(
    numbers: tuple[int, int, int], widths: tuple[str, str, str], share: str
) -> None:
    needed, committed, delivered = numbers
    content = drawn("{% progress n c d unit='packages' %}", n=needed, c=committed, d=delivered)
    assert tuple(re.findall(r'<rect class="progress__\w+" width="([\d.]+)%"', content)) == widths
    figures = [figure.strip() for figure in re.findall(r"<dd>(\d+)", content)]
    assert figures == [str(number) for number in numbers]
    assert [word in content for word in ("Needed", "Promised", "Delivered")] == [True] * 3
    assert f'<span class="unit">{share}</span>' in content


def test_promised_part_is_hatched_not_only_coloured() -> None:
    assert 'fill="url(#hatch)"' in drawn("{% progress 10 5 1 %}")


class Sample(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the letter.")
    note = forms.CharField(label="Note", required=False)
    agree = forms.BooleanField(label="I agree")
    way = forms.ChoiceField(label="Way", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)


def test_field_ties_label_help_and_error_to_the_input() -> None:
    content = drawn("{{ form }}", form=Sample({"note": ""}))
    assert '<label class="field__label" for="id_name">Name</label>' in content
    assert 'aria-describedby="id_name_helptext id_name_error"' in content
    assert 'id="id_name_helptext"' in content
    assert 'id="id_name_error"' in content
    assert 'aria-invalid="true"' in content
    assert '<span class="field__optional">(optional)</span>' in content
    assert '<legend class="field__label">Way</legend>' in content


def test_summary_on_top_leads_to_each_field() -> None:
    content = drawn("{% include 'web/components/error_summary.html' %}", form=Sample({"name": "x"}))
    assert re.findall(r'href="#([\w-]+)"', content) == ["id_agree", "id_way_0"]
    assert "data-focus" in content
    assert drawn("{% include 'web/components/error_summary.html' %}", form=Sample()).strip() == ""


def test_qr_code_has_a_name_and_its_text_in_letters() -> None:
    content = drawn(
        "{% include 'web/components/qr.html' with text='https://example.org/p/1' label='Show this' code='AB12' %}"
    )
    assert 'role="img" aria-label="QR code: Show this"' in content
    assert "<svg" in content
    assert '<code class="qr__text">AB12</code>' in content


def test_steps_say_which_is_now_and_which_are_done() -> None:
    content = drawn(
        "{% include 'web/components/steps.html' with current=2 %}", steps=["Choose", "Fill in", "Send"]
    )
    assert content.count('aria-current="step"') == 1
    assert content.count("(done)") == 1


def test_map_carries_its_sources_and_waits_hidden_for_the_script() -> None:
    content = drawn(
        "{% include 'web/components/map.html' with outlines_url='/o.json' points_id='p' label='Needs' %}"
    )
    assert 'data-outlines="/o.json" data-points="p"' in content
    assert content.rstrip().endswith("hidden></div>")
    assert "data-tiles" not in content
