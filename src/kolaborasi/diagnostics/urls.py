"""Addresses of the diagnostics room."""

from __future__ import annotations

from django.urls import path

from kolaborasi.diagnostics.views import home

app_name = "diagnostics"

urlpatterns = [
    path("", home.home, name="home"),
    path("mine/<str:page>/", home.mine, name="mine"),
]
