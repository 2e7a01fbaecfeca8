"""How forms look: the renderer that draws every form and field with our components; the form of the check page."""

from __future__ import annotations

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from kolaborasi.web.verification import LONGEST


class FormRenderer(TemplatesSetting):
    """Forms and fields through `web/components`, widgets as Django draws them."""

    form_template_name = "web/components/form.html"
    field_template_name = "web/components/field.html"


class CodeForm(forms.Form):
    """The text of a code, a link that carries it, or the content of a card file."""

    code = forms.CharField(
        label=_("Code or link"),
        help_text=_("The text of the QR code as your camera reads it, or the link in it."),
        max_length=LONGEST,
        widget=forms.Textarea(
            attrs={"rows": 4, "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        ),
        error_messages={
            "max_length": _("This is far longer than any code. Paste the text of one code only.")
        },
    )
