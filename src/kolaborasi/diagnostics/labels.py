"""Labels of tubes: Code 128 with the barcode in letters below it, as SVG pictures and as a PDF sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

from barcode import Code128
from barcode.writer import SVGWriter
from reportlab.graphics.barcode.code128 import Code128 as Bars
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

OPTIONS = {
    "module_width": 0.25,
    "module_height": 9.0,
    "font_size": 7,
    "text_distance": 3.0,
    "quiet_zone": 3.0,
}
"""Millimetres: about 35 x 14 mm, for labels of tubes."""
BAR = 0.254 * mm
"""Three dots of a printer of 300 dots to the inch, so that no bar is wider than its neighbour by rounding."""
QUIET = 10 * BAR
"""Code 128 asks for ten bars of white on each side (ISO/IEC 15417)."""
COLUMNS, ROWS = 5, 13
LABEL = (38.1 * mm, 21.2 * mm)
PITCH = (40.6 * mm, 21.2 * mm)
"""A label and the way from one to the next: the sheet of 65 labels (L7651), 2.5 mm between columns."""
CORNER = (4.75 * mm, 10.7 * mm)
"""From the upper left corner of the A4 sheet to the first label."""


def label_svg(barcode: str) -> str:
    """A label as an SVG picture, to be printed alone or many on a page."""
    picture = BytesIO()
    Code128(barcode, writer=SVGWriter()).write(picture, OPTIONS)
    text = picture.getvalue().decode()
    # The document type would load a file from elsewhere and cannot stand inside a page.
    text = text[text.index("<svg") :]
    # The pages' security policy lets no style stand inside a document.
    return re.sub(r'style="([^"]*)"', lambda found: _attributes(found[1]), text)


def sheet_pdf(barcodes: Sequence[str]) -> bytes:
    """Labels as a PDF of A4 sheets, 65 on each, to be printed at full size.

    Raises:
        ValueError: there is none.
    """
    if not barcodes:
        raise ValueError("a sheet holds at least one label")
    file = BytesIO()
    page = Canvas(file, pagesize=A4)
    for number, barcode in enumerate(barcodes):
        turn = number % (COLUMNS * ROWS)
        if number and not turn:
            page.showPage()
        row, column = divmod(turn, COLUMNS)
        left = CORNER[0] + column * PITCH[0]
        _draw(page, barcode, left, A4[1] - CORNER[1] - row * PITCH[1] - LABEL[1])
    page.save()
    return file.getvalue()


def _draw(page: Canvas, barcode: str, left: float, bottom: float) -> None:
    bars = Bars(
        barcode,
        barWidth=BAR,
        barHeight=10 * mm,
        lquiet=QUIET,
        rquiet=QUIET,
        humanReadable=True,
        fontName="Courier-Bold",
        fontSize=9,
    )
    bars.drawOn(page, left + (LABEL[0] - bars.width) / 2, bottom + 5.5 * mm)


def _attributes(style: str) -> str:
    """`fill:black;` as `fill="black"`."""
    pairs = (each.partition(":") for each in style.split(";") if each.strip())
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, _colon, value in pairs)
