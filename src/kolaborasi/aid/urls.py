"""Addresses of the aid room."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from kolaborasi.aid.views import following, offering, pledging, public, receiving, verifying

app_name = "aid"


def _followed(beginning: str, prefix: str) -> list[URLPattern]:
    """The page of a promise and the acts on it, below a secret link or below a number."""
    return [
        path(beginning, following.follow, name=f"{prefix}"),
        path(f"{beginning}confirm/", following.confirm_pledge, name=f"{prefix}_confirm"),
        path(f"{beginning}hand-over/", following.hand_over, name=f"{prefix}_hand_over"),
        path(f"{beginning}deliver/", following.deliver, name=f"{prefix}_deliver"),
        path(f"{beginning}cancel/", following.cancel_pledge, name=f"{prefix}_cancel"),
    ]


urlpatterns = [
    path("", public.needs, name="list"),
    path("points.json", public.points, name="points"),
    re_path(r"^outlines/(?P<kind>city|kecamatan|kelurahan)\.json$", public.outlines, name="outlines"),
    path("coverage/", public.coverage, name="coverage"),
    path("needs/new/", receiving.register, name="register"),
    path("needs/<int:pk>/", public.need, name="need"),
    path("needs/<int:pk>/pledges", pledging.pledge, name="pledge"),
    path("needs/<int:pk>/pledged/", pledging.pledged, name="pledged"),
    path("needs/<int:pk>/lines/<int:line_pk>/", receiving.change_line, name="change_line"),
    path("needs/<int:pk>/withdraw/", receiving.withdraw, name="withdraw"),
    path("photos/<int:pk>/", public.photo, name="photo"),
    *_followed("p/<str:token>/", "follow"),
    path("p/<str:token>/photos/<int:pk>/", public.photo, name="follow_photo"),
    path("my-pledges/", following.my_pledges, name="my_pledges"),
    *_followed("my-pledges/<int:pk>/", "own_pledge"),
    path("mine/", receiving.mine, name="mine"),
    path("mine/needs/", receiving.own_needs, name="own_needs"),
    path("receive/<int:pk>/", receiving.receive, name="receive"),
    path("receive/<int:pk>/dispute/", receiving.dispute, name="dispute"),
    path("receive/<int:pk>/renew-code/", receiving.renew_code, name="renew_code"),
    path("receive/<int:pk>/release/", receiving.release, name="release"),
    path("receive/<int:pk>/contact/", receiving.contact, name="contact"),
    path("r/<str:ticket>/", receiving.receive_by_code, name="receive_by_code"),
    path("r/<str:ticket>/done/", receiving.received, name="received"),
    path("verify/", verifying.queue, name="verify"),
    path("verify/deliveries/", verifying.late_deliveries, name="late_deliveries"),
    path("verify/<int:pk>/", verifying.check, name="verify_need"),
    path("verify/<int:pk>/reject/", verifying.reject, name="reject"),
    path("offers/", offering.offers, name="offers"),
    path("offers/new", offering.make, name="offer_new"),
    path("offers/<int:pk>/withdraw/", offering.withdraw, name="withdraw_offer"),
]
