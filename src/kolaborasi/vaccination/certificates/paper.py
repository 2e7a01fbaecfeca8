"""The printed certificate: one page with the holder, the doses and the QR code, as SVG and as PDF.

Both are drawn from one layout, in millimetres from the upper left corner of an A5 page on its side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from xml.sax.saxutils import escape

import reportlab
import segno
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from segno.consts import MODE_BYTE, MODE_NUMERIC

from kolaborasi.vaccination.certificates.smart_health_card import PREFIX

WIDTH, HEIGHT = 210.0, 148.0
CODE = (120.0, 38.0, 82.0)
"""Corner and side of the QR code, quiet zone included."""
LEFT, LINE, POINT = 12.0, 5.6, 0.3528
QUIET = 4
WIDEST = 38
"""Characters of a name on one line beside the code."""
Run = tuple[float, float, float, float]


@dataclass(frozen=True)
class Text:
    """A line of text.

    Args:
        x, y: of its base line, mm.
        size: mm.
    """

    x: float
    y: float
    size: float
    text: str
    bold: bool = False


@dataclass(frozen=True)
class Paper:
    """What is printed.

    Args:
        heading, holder, doses, notes: lines of text; of the doses one block each, its first line in bold.
        numeric: text of the QR code (`shc:/…`).
    """

    heading: Sequence[str]
    holder: Sequence[tuple[str, str]]
    doses: Sequence[Sequence[str]]
    notes: Sequence[str]
    numeric: str


def code(numeric: str) -> segno.QRCode:
    """The QR code of a card as the specification asks for it: one byte segment, then digits, three to ten bits."""
    segments = [(PREFIX, MODE_BYTE), (numeric.removeprefix(PREFIX), MODE_NUMERIC)]
    # segno takes segments of several modes, which its type hints do not say.
    return segno.make(segments, error="l", boost_error=False, micro=False)  # type: ignore[arg-type]


def code_svg(numeric: str) -> str:
    """The QR code alone, for a page; dark on white so that cameras read it in every colour scheme."""
    drawn: str = code(numeric).svg_inline(
        scale=3, border=QUIET, light="#fff", dark="#000", omitsize=True, svgclass="qr-code"
    )
    return drawn


def svg(paper: Paper) -> str:
    """The page as an SVG document without styles, so that no security policy changes it."""
    texts = "".join(
        f'<text x="{each.x:g}" y="{each.y:g}" font-size="{each.size:g}"'
        f'{_weight(each)} fill="#1b2529">{escape(each.text)}</text>'
        for each in layout(paper)
    )
    runs = "".join(
        f"M{x:.3f} {y:.3f}h{width:.3f}v{height:.3f}h-{width:.3f}z" for x, y, width, height in _runs(paper)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}mm" height="{HEIGHT:g}mm"'
        f' viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="Helvetica, Arial, sans-serif">'
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fff"/>{texts}<path d="{runs}" fill="#000"/></svg>'
    )


def pdf(paper: Paper) -> bytes:
    """The page as PDF; the same paper gives the same bytes."""
    _fonts()
    file = BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH * mm, HEIGHT * mm), invariant=1)
    canvas.setTitle(paper.heading[0])
    for each in layout(paper):
        canvas.setFont("VeraBd" if each.bold else "Vera", each.size * 0.86 / POINT)
        canvas.drawString(each.x * mm, (HEIGHT - each.y) * mm, each.text)
    path = canvas.beginPath()
    for x, y, width, height in _runs(paper):
        path.rect(x * mm, (HEIGHT - y - height) * mm, width * mm, height * mm)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def layout(paper: Paper) -> Iterator[Text]:
    """Where each line stands."""
    first, *others = paper.heading
    yield Text(LEFT, 18, 7, first, bold=True)
    for number, line in enumerate(others):
        yield Text(LEFT, 26 + number * LINE, 4, line)
    y = 42.0
    for label, value in paper.holder:
        yield Text(LEFT, y, 3.4, label)
        for line in wrap(value, WIDEST) or [""]:
            y += LINE
            yield Text(LEFT, y, 4.8, line, bold=True)
        y += 1.3 * LINE
    for block in paper.doses:
        for number, line in enumerate(block):
            yield Text(LEFT, y, 4.2 if not number else 3.6, line, bold=not number)
            y += LINE * 0.88
        y += 2.0
    for number, line in enumerate(paper.notes):
        yield Text(CODE[0], CODE[1] + CODE[2] + 5 + number * 4.2, 3.2, line)


def _runs(paper: Paper) -> Iterator[Run]:
    """Rectangles of the dark modules, neighbours in a row together."""
    matrix = code(paper.numeric).matrix
    left, top, side = CODE
    size = side / (len(matrix) + 2 * QUIET)
    for row, modules in enumerate(matrix):
        begin = None
        for column, dark in enumerate([*modules, 0]):
            if dark and begin is None:
                begin = column
            elif not dark and begin is not None:
                yield (
                    left + (begin + QUIET) * size,
                    top + (row + QUIET) * size,
                    (column - begin) * size,
                    size,
                )
                begin = None


def _weight(text: Text) -> str:
    return ' font-weight="700"' if text.bold else ""


@cache
def _fonts() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in ("Vera", "VeraBd"):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
