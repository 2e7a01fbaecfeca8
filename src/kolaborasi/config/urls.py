"""Addresses that stay."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("kolaborasi.web.urls")),
    path("aid/", include("kolaborasi.aid.urls")),
    path("diagnostics/", include("kolaborasi.diagnostics.urls")),
    path("hospitals/", include("kolaborasi.hospitals.urls")),
    path("vaccination/", include("kolaborasi.vaccination.urls")),
    path("partners/", include("kolaborasi.partners.urls")),
    path("posko/plans/", include("kolaborasi.allocation.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("kolaborasi.api.urls")),
]
if settings.DEMO:
    urlpatterns += [path("demo/", include("kolaborasi.demo.urls"))]

handler400 = "kolaborasi.config.failures.bad_request"
handler403 = "kolaborasi.config.failures.forbidden"
handler404 = "kolaborasi.config.failures.not_found"
handler429 = "kolaborasi.web.views.too_many"
handler500 = "kolaborasi.config.failures.server_error"
