"""The result document as PDF: what the signature says, in the reader's language and in English, with its QR code."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import reportlab
from babel.dates import format_date, format_datetime
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from kolaborasi.diagnostics.models import OutcomeChoice
from kolaborasi.diagnostics.queries.documents import ResultDocument

FONTS = Path(reportlab.__file__).parent / "fonts"
PLAIN, BOLD = "Vera", "VeraBd"
MARGIN = 20 * mm
QR_SIZE = 62 * mm
TITLE = gettext_noop("Test result")
SENTENCE = gettext_noop(
    "Scan the code to check that this document is genuine and still valid. Compare name and birth date with an"
    " identity card."
)


def verify_link(token: str, public_address: str) -> str:
    """The link in the QR code: the document stands behind the #, which browsers send to nobody."""
    return f"{public_address.rstrip('/')}/verify#{token}"


def result_pdf(document: ResultDocument, token: str, public_address: str) -> bytes:
    """One A4 page.

    Args:
        document: what the token says.
        token: the signed document itself, for the QR code.
    """
    for name in (PLAIN, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
    file = BytesIO()
    page = Canvas(file, pagesize=A4)
    page.setTitle(_(TITLE))
    page.setAuthor("Kolaborasi")
    height = A4[1]
    _draw_head(page, height)
    bottom = _draw_facts(page, document, height - MARGIN - 34 * mm)
    _draw_code(page, verify_link(token, public_address), bottom - 8 * mm)
    page.showPage()
    page.save()
    return file.getvalue()


def _draw_head(page: Canvas, height: float) -> None:
    page.setFont(BOLD, 12)
    page.drawString(MARGIN, height - MARGIN, "Kolaborasi")
    page.setFont(BOLD, 20)
    page.drawString(MARGIN, height - MARGIN - 16 * mm, _(TITLE))
    page.setFont(PLAIN, 10)
    with override("en"):
        page.drawString(MARGIN, height - MARGIN - 22 * mm, f"{_(TITLE)}: {_('PCR for SARS-CoV-2')}")


def _rows(document: ResultDocument) -> list[tuple[str, str]]:
    """Labels and values in the language in use."""
    moment = "d MMMM y HH.mm zzz"
    return [
        (_("Name"), document.name),
        (_("Birth date"), _day(document.birth_date)),
        (_("Result"), str(OutcomeChoice(document.outcome).label).upper()),
        (_("Test"), f"{_('PCR for SARS-CoV-2')} (LOINC {document.test})"),
        (_("Swab taken"), _moment(document.collected_at, moment)),
        (_("Result read"), _moment(document.resulted_at, moment)),
        (_("Laboratory"), document.lab),
        (_("Document"), document.number),
    ]


def _day(value: date) -> str:
    return format_date(value, format="d MMMM y", locale=_locale())


def _moment(value: datetime, pattern: str) -> str:
    local = localtime(value)
    return format_datetime(local, format=pattern, tzinfo=local.tzinfo, locale=_locale())


def _locale() -> str:
    return (get_language() or "id").replace("-", "_")


def _draw_facts(page: Canvas, document: ResultDocument, top: float) -> float:
    """Each fact in the reader's language, in English below it; returns where the next thing may begin."""
    own = _rows(document)
    with override("en"):
        english = _rows(document)
    at = top
    for (label, value), (label_en, value_en) in zip(own, english, strict=True):
        page.setFont(PLAIN, 10)
        page.drawString(MARGIN, at, label)
        page.setFont(BOLD, 12)
        page.drawString(MARGIN + 52 * mm, at, value)
        page.setFont(PLAIN, 8)
        if label_en != label:
            page.drawString(MARGIN, at - 4 * mm, label_en)
        if value_en != value:
            page.drawString(MARGIN + 52 * mm, at - 4 * mm, value_en)
        at -= 12 * mm
    return at


def _draw_code(page: Canvas, link: str, top: float) -> None:
    widget = QrCodeWidget(link, barLevel="M")
    left, low, right, _high = widget.getBounds()
    scale = QR_SIZE / (right - left)
    drawing = Drawing(QR_SIZE, QR_SIZE, transform=[scale, 0, 0, scale, -left * scale, -low * scale])
    drawing.add(widget)
    renderPDF.draw(drawing, page, MARGIN, top - QR_SIZE)
    text = page.beginText(MARGIN + QR_SIZE + 8 * mm, top - 10 * mm)
    text.setFont(PLAIN, 10, 14)
    for line in simpleSplit(_(SENTENCE), PLAIN, 10, A4[0] - 2 * MARGIN - QR_SIZE - 8 * mm):
        text.textLine(line)
    text.textLine("")
    text.textLine(link.partition("#")[0])
    page.drawText(text)
