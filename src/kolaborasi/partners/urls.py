"""Addresses of the partners room."""

from __future__ import annotations

from django.urls import path, re_path

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
    re_path(rf"^(?P<pk>\d+)/(?P<event>{'|'.join(views.STEPS)})/$", views.step, name="step"),
]
