"""Addresses of the vaccination room."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "vaccination"

resident: list[URLPattern] = []
"""Pages for residents; they come first."""

staff: list[URLPattern] = []
"""Pages of sites, stores, planners and coordinators, and the public page on coverage."""

urlpatterns = [*resident, *staff]
