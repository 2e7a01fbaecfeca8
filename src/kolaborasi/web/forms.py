"""How forms look: the renderer that draws every form and field with our components."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Forms and fields through `web/components`, widgets as Django draws them."""

    form_template_name = "web/components/form.html"
    field_template_name = "web/components/field.html"
