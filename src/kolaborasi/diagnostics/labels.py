"""Labels of tubes: Code 128 with the barcode in letters below it, as SVG pictures and as a PDF sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

from barcode import Code128
from barcode.writer import ImageWriter, SVGWriter
from PIL import Image

OPTIONS = {
    "module_width": 0.25,
    "module_height": 9.0,
    "font_size": 7,
    "text_distance": 3.0,
    "quiet_zone": 3.0,
}
"""Millimetres: about 35 x 14 mm, for labels of tubes."""
DPI = 300
DOTS_OF_A_BAR = 3
"""A whole number of printer dots, so that no bar is wider than its neighbour by rounding."""
PRINTED = {
    "module_width": DOTS_OF_A_BAR * 25.4 / DPI,
    "module_height": 10.0,
    "font_size": 7,
    "text_distance": 3.4,
    "quiet_zone": 2.54,
    "dpi": DPI,
}
PAGE = (2480, 3508)
"""A4 in dots."""
COLUMNS, ROWS = 5, 13
LABEL = (450, 250)
PITCH = (480, 250)
"""Dots of a label and from one to the next: the sheet of 65 labels of 38.1 x 21.2 mm (L7651), 2.5 mm between columns."""
CORNER = (56, 126)


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
    size = COLUMNS * ROWS
    pages = [_sheet(barcodes[first : first + size]) for first in range(0, len(barcodes), size)]
    file = BytesIO()
    pages[0].save(file, "PDF", resolution=DPI, save_all=True, append_images=pages[1:])
    return file.getvalue()


def _sheet(barcodes: Sequence[str]) -> Image.Image:
    page = Image.new("1", PAGE, 1)
    for number, barcode in enumerate(barcodes):
        row, column = divmod(number, COLUMNS)
        picture = Code128(barcode, writer=ImageWriter(mode="L")).render(PRINTED)
        left = CORNER[0] + column * PITCH[0] + (LABEL[0] - picture.width) // 2
        top = CORNER[1] + row * PITCH[1] + (LABEL[1] - picture.height) // 2
        page.paste(picture.convert("1"), (left, top))
    return page


def _attributes(style: str) -> str:
    """`fill:black;` as `fill="black"`."""
    pairs = (each.partition(":") for each in style.split(";") if each.strip())
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, _colon, value in pairs)
