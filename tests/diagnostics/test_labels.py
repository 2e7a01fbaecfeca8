"""Labels of tubes and the week that compares dispatch with contracts."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.dispatch_week import balanced, city, simulate
from kolaborasi.diagnostics.dispatch import assign, fixed_contracts
from kolaborasi.diagnostics.labels import BAR, LABEL, QUIET, Bars, label_svg, sheet_pdf
from kolaborasi.diagnostics.rules.barcodes import barcode_of


def test_label_is_a_picture_that_loads_nothing() -> None:
    barcode = barcode_of(42)
    picture = label_svg(barcode)
    root = ElementTree.fromstring(picture)  # noqa: S314
    assert root.tag.endswith("svg")
    assert barcode in "".join(root.itertext())
    assert "DOCTYPE" not in picture
    assert "href" not in picture
    # Start, 11 characters, check and stop of Code 128: more than 30 bars.
    assert picture.count("<rect") > 30
    assert label_svg(barcode_of(43)) != picture


@pytest.mark.parametrize(("number", "pages"), [(1, 1), (65, 1), (66, 2)])
def test_sheet_holds_65_labels_as_vectors(number: int, pages: int) -> None:
    file = sheet_pdf([barcode_of(each) for each in range(1, number + 1)])
    assert file.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", file)) == pages
    assert b"/Subtype /Image" not in file


def test_bars_of_a_label_fit_it_with_their_white() -> None:
    bars = Bars(barcode_of(9_999_999), barWidth=BAR, lquiet=QUIET, rquiet=QUIET)
    assert bars.width <= LABEL[0]


def test_planned_dispatch_beats_contracts_in_a_week_with_an_outage() -> None:
    place = city(20, 8, seed=2)
    contracts = balanced(place)
    assert np.array_equal(contracts[place.sites :], np.arange(8))
    network = simulate(place, assign)
    fixed = simulate(place, lambda problem: fixed_contracts(problem, contracts))
    assert network["read"] + network["spoilt"] == fixed["read"] + fixed["spoilt"] == place.swabs[:, 3].sum()
    for number in ("median_hours", "p95_hours", "spoilt"):
        assert network[number] <= fixed[number]
    assert network["p95_hours"] < fixed["p95_hours"]
