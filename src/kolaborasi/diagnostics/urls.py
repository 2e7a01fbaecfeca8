"""Addresses of the diagnostics room."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "diagnostics"

urlpatterns: list[URLPattern] = []
