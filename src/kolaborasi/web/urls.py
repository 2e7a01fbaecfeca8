"""Addresses of the base pages."""

from django.urls import path
from django.views.i18n import set_language

from kolaborasi.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", set_language, name="set_language"),
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
]
