"""Addresses of the allocation room, below `/posko/plans/`."""

from __future__ import annotations

from django.urls import path

from kolaborasi.allocation import bed_views, views

app_name = "allocation"
urlpatterns = [
    path("", views.plans, name="list"),
    path("new/", views.make, name="make"),
    path("<int:pk>/", views.proposal, name="proposal"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/reject/", views.reject, name="reject"),
    path("beds/", bed_views.plans, name="bed_list"),
    path("beds/new/", bed_views.make, name="bed_make"),
    path("beds/<int:pk>/", bed_views.proposal, name="bed_proposal"),
    path("beds/<int:pk>/approve/", bed_views.approve, name="bed_approve"),
    path("beds/<int:pk>/reject/", bed_views.reject, name="bed_reject"),
]
