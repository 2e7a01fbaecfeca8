"""Labels of tubes as SVG: Code 128 with the barcode in letters below it."""

from __future__ import annotations

from io import BytesIO

from barcode import Code128
from barcode.writer import SVGWriter

OPTIONS = {
    "module_width": 0.25,
    "module_height": 9.0,
    "font_size": 7,
    "text_distance": 3.0,
    "quiet_zone": 3.0,
}
"""Millimetres: about 35 x 14 mm, for labels of tubes."""


def label_svg(barcode: str) -> str:
    """A label as an SVG picture, to be printed alone or many on a page."""
    picture = BytesIO()
    Code128(barcode, writer=SVGWriter()).write(picture, OPTIONS)
    text = picture.getvalue().decode()
    # The document type would load a file from elsewhere and cannot stand inside a page.
    return text[text.index("<svg") :]
