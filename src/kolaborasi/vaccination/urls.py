"""Addresses of the vaccination room."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "vaccination"

urlpatterns: list[URLPattern] = []
