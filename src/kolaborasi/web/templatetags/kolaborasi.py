"""Formats and components for templates: rupiah, numbers, days, distances, the three-number bar, QR codes.

All formats follow the language of the page; Babel's CLDR data says how.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import segno
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from django import template
from django.forms import BaseForm
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from kolaborasi.common import clock

register = template.Library()
Number = int | float | Decimal


def _locale() -> str:
    return (get_language() or "id").replace("-", "_")


@register.filter
def number(value: Number | None, digits: int = 0) -> str:
    """`12345` → `12.345` (id) or `12,345` (en); empty for None.

    Args:
        digits: at most this many decimals.
    """
    if value is None or value == "":
        return ""
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=_locale())


@register.filter
def rupiah(value: Any) -> str:
    """Whole rupiah: `45000` → `Rp45.000`; empty for None or an empty text."""
    if value is None or value == "":
        return ""
    sign = "-" if value < 0 else ""
    return f"{sign}Rp{number(abs(value))}"


@register.filter
def percent(ratio: Number | None) -> str:
    """A ratio as whole per cent, never rounded up to 100 nor down to 0: `0.997` → `>99%`, `0.0004` → `<1%`."""
    if ratio is None or ratio == "":
        return ""
    share = float(ratio) * 100
    sign, whole = "", round(share)
    if 0 < share < 1:
        sign, whole = "<", 1
    elif 99 < share < 100:
        sign, whole = ">", 99
    return sign + format_percent(whole / 100, format="#,##0%", locale=_locale())


@register.filter
def distance(kilometres: Number | None) -> str:
    """`0.35` → `350 m`, `1.24` → `1,2 km`, `14.4` → `14 km`; empty for None."""
    if kilometres is None or kilometres == "":
        return ""
    if kilometres < 0.95:
        return f"{round(float(kilometres) * 20) * 50} m"
    return f"{number(kilometres, 1 if kilometres < 9.95 else 0)} km"


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.filter
def day(value: date | datetime | None) -> str:
    """`12 Juli 2021`, in the city's time zone."""
    return format_date(_local(value), format="d MMMM y", locale=_locale()) if value else ""


@register.filter
def short_day(value: date | datetime | None) -> str:
    """`12 Jul 2021`."""
    return format_date(_local(value), format="d MMM y", locale=_locale()) if value else ""


@register.filter
def weekday(value: date | datetime | None) -> str:
    """`Senin, 12 Juli 2021`."""
    return format_date(_local(value), format="EEEE, d MMMM y", locale=_locale()) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """`12 Juli 2021 14.30 WIB`, in the city's time zone with its name."""
    if not value:
        return ""
    local = timezone.localtime(value)
    hour = format_skeleton("Hm", local, tzinfo=local.tzinfo, locale=_locale())
    return f"{day(local)} {hour} {_zone(local)}"


# Source: Keputusan Presiden 41/1987 on the three time zones of Indonesia.
ZONES = {7: "WIB", 8: "WITA", 9: "WIT"}


def _zone(local: datetime) -> str:
    offset = local.utcoffset()
    hours = offset.total_seconds() / 3600 if offset is not None else 0
    return ZONES.get(int(hours), local.strftime("%Z"))


@register.filter
def ago(value: datetime | None) -> str:
    """`3 jam yang lalu`, `dalam 2 hari`."""
    if not value:
        return ""
    return format_timedelta(value - clock.utc_now(), add_direction=True, locale=_locale())


@register.filter
def iso(value: date | datetime | None) -> str:
    """For `datetime=` attributes."""
    return _local(value).isoformat() if value else ""


@register.filter
def shown(value: Any) -> Any:
    """A plain value of a table cell in the form of its kind; a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, int | float | Decimal):
        return number(value, 0 if isinstance(value, int) else 2)
    if isinstance(value, datetime):
        return moment(value)
    return short_day(value) if isinstance(value, date) else value


@register.inclusion_tag("web/components/progress.html")
def progress(
    needed: int, committed: int, delivered: int, unit: str = "", compact: bool = False
) -> dict[str, Any]:
    """The three numbers as figures and as a bar of solid, hatched and empty parts.

    Args:
        needed, committed, delivered: in the item's unit; `committed` includes what is delivered.
        unit: translated name of the unit.
        compact: bar with figures on one line, for tables.
    """
    whole = max(needed, committed, delivered, 1)
    return {
        "needed": needed,
        "committed": committed,
        "delivered": delivered,
        "open": max(needed - committed, 0),
        "unit": unit,
        "compact": compact,
        "committed_width": round(100 * committed / whole, 2),
        "delivered_width": round(100 * min(delivered, whole) / whole, 2),
        "needed_width": round(100 * needed / whole, 2),
        "share": committed / needed if needed else 1,
    }


@register.simple_tag
def qr(text: str) -> SafeString:
    """QR code of a text as inline SVG, dark on white in every colour scheme so that cameras read it."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(scale=4, border=3, light="#fff", dark="#000", omitsize=True, svgclass="qr-code")
    return mark_safe(svg)  # noqa: S308 - segno draws modules only, the text itself is not in the markup


@register.filter
def field_errors(form: BaseForm) -> list[dict[str, Any]]:
    """Errors of visible fields for the summary on top: where and what; a group of choices is reached by its first."""
    return [
        {
            "target": f"{bound.auto_id}_0" if bound.use_fieldset else bound.auto_id,
            "label": bound.label,
            "text": text,
        }
        for bound in form.visible_fields()
        for text in bound.errors
    ]


@register.filter
def hidden_errors(form: BaseForm) -> list[str]:
    """Errors of hidden fields, which have no place of their own on the page."""
    return [str(text) for bound in form.hidden_fields() for text in bound.errors]
