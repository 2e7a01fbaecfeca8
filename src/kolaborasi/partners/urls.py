"""Addresses of the partners room."""

from __future__ import annotations

from django.urls import path

from kolaborasi.partners import views

app_name = "partners"
urlpatterns = [
    path("", views.partner_list, name="list"),
    path("apply/", views.apply, name="apply"),
    path("permissions/", views.permissions, name="permissions"),
    path("memberships/<int:pk>/end/", views.dismiss, name="dismiss"),
    path("<int:pk>/", views.partner_page, name="partner"),
    path("<int:pk>/roles/new/", views.appoint, name="appoint"),
    path("<int:pk>/roles/official/new/", views.appoint, {"official": True}, name="appoint_official"),
    *[path(f"<int:pk>/{event}/", views.step, {"event": event}, name=event) for event in views.STEPS],
]
