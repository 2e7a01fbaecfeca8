"""Addresses of the demo room; they exist in demo mode only."""

from __future__ import annotations

from django.urls import path

from kolaborasi.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.doors, name="doors"),
    path("enter/", views.enter, name="enter"),
    path("outbox/", views.outbox, name="outbox"),
]
