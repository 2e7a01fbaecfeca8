"""Addresses of the allocation room, below `/posko/plans/`."""

from __future__ import annotations

from django.urls import path

from kolaborasi.allocation import views

app_name = "allocation"
urlpatterns = [
    path("", views.plans, name="list"),
    path("new/", views.make, name="make"),
    path("<int:pk>/", views.proposal, name="proposal"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/reject/", views.reject, name="reject"),
]
