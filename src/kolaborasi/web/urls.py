"""Addresses of the base pages."""

from django.urls import path
from django.views.i18n import set_language

from kolaborasi.web import documents, views

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", set_language, name="set_language"),
    path("verify", documents.verify, name="verify"),
    path(".well-known/jwks.json", documents.keys, name="jwks"),
    path(".well-known/crl/<str:kid>.json", documents.revocations, name="crl"),
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
]
