"""The form that hands a list of swabs in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics.forms.bench import FileForm


class SwabListForm(FileForm):
    """A list of a mass test, or of a site with a system of its own."""

    partly = forms.BooleanField(
        label=_("Take the good rows and report the others"),
        required=False,
        help_text=_("Otherwise one wrong row refuses the whole list, and nothing is written."),
    )
