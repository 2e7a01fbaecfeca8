"""What is wrong with the values of a request, in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "missing": _("This is needed. Add it."),
    "extra_forbidden": _("This is not known here. Leave it out."),
    "int_parsing": _("Give a whole number."),
    "int_type": _("Give a whole number."),
    "int_from_float": _("Give a whole number."),
    "float_parsing": _("Give a number."),
    "float_type": _("Give a number."),
    "bool_parsing": _("Give true or false."),
    "bool_type": _("Give true or false."),
    "string_type": _("Give a text."),
    "string_too_short": _("Give at least %(min_length)s characters."),
    "string_too_long": _("Give at most %(max_length)s characters."),
    "string_pattern_mismatch": _("This is not written as it must be; see the description of the field."),
    "too_short": _("Give at least %(min_length)s entries."),
    "too_long": _("Give at most %(max_length)s entries."),
    "greater_than_equal": _("Give at least %(ge)s."),
    "less_than_equal": _("Give at most %(le)s."),
    "enum": _("Give one of: %(expected)s."),
    "literal_error": _("Give one of: %(expected)s."),
    "date_parsing": _("Give a day as YYYY-MM-DD."),
    "date_from_datetime_parsing": _("Give a day as YYYY-MM-DD."),
    "date_type": _("Give a day as YYYY-MM-DD."),
    "list_type": _("Give a list."),
    "model_type": _("Give an object."),
    "model_attributes_type": _("Give an object."),
    "dict_type": _("Give an object."),
}
OTHER = _("This value is not accepted; see the description of the field.")


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Errors of pydantic as members of a problem; the values themselves are never repeated.

    Args:
        errors: as ninja hands them on: `loc` begins with where the value was sent, `type` and `ctx` say why.
    """
    return [
        {"place": str(error["loc"][0]), "pointer": _pointer(error["loc"]), "detail": _sentence(error)}
        for error in errors
    ]


def _pointer(loc: tuple[Any, ...]) -> str:
    # Bodies are declared with one argument named `payload`, which is no part of what was sent.
    steps = [step for step in loc[1:] if step != "payload"]
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _sentence(error: Mapping[str, Any]) -> str:
    context = error.get("ctx") or {}
    if error["type"] == "value_error":
        return str(context.get("error") or OTHER)
    if "expected" in context:
        # Pydantic joins the choices with an English word.
        context = {**context, "expected": context["expected"].replace(" or ", ", ")}
    return str(SENTENCES.get(error["type"], OTHER)) % context
