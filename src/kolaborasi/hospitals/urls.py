"""Addresses of the hospitals room."""

from __future__ import annotations

from django.urls import path

from kolaborasi.hospitals.views import (
    acts,
    board,
    home,
    loads,
    membership,
    oxygen,
    public,
    referrals,
    transport,
    ward,
)

app_name = "hospitals"

urlpatterns = [
    path("", public.beds, name="list"),
    path("points.json", public.points, name="points"),
    path("outlines.json", public.outlines, name="outlines"),
    path("network/", public.network, name="network"),
    path("<int:pk>/", public.hospital, name="hospital"),
    path("<int:pk>/agreement/", membership.agreement, name="agreement"),
    path("<int:pk>/leave/", membership.leave, name="leave"),
    path("<int:pk>/conversions/new/", membership.ask_conversion, name="ask_conversion"),
    path("names/", membership.names, name="names"),
    path("names/<int:pk>/", membership.name, name="name"),
    path("names/<int:pk>/dismiss/", membership.dismiss, name="dismiss_name"),
    path("files/", loads.loads, name="loads"),
    path("files/new/", loads.new, name="load_new"),
    path("files/<int:pk>/", loads.load, name="load"),
    path("mine/", ward.mine, name="mine"),
    path("<int:pk>/desk/", ward.desk, name="desk"),
    path("<int:pk>/report/", ward.report, name="report"),
    path("<int:pk>/part/<str:name>/", ward.part, name="part"),
    path("<int:pk>/conversions/<int:conversion_pk>/<str:name>/", ward.conversion, name="conversion"),
    path("board/", board.board, name="board"),
    path("referrals/", referrals.mine, name="referrals"),
    path("referrals/new/", referrals.new, name="refer"),
    path("referrals/<int:pk>/", referrals.referral, name="referral"),
    path("referrals/<int:pk>/reassess/", referrals.reassess, name="reassess"),
    path("referrals/<int:pk>/transfer/", referrals.transfer, name="transfer"),
    path("referrals/<int:pk>/move/", referrals.move, name="move"),
    path("referrals/<int:pk>/identity/", referrals.identity, name="identity"),
    path("referrals/<int:pk>/ambulance/", referrals.ambulance, name="ambulance"),
    path("referrals/<int:pk>/<str:name>/", acts.act_on_referral, name="act"),
    path("offers/<int:pk>/<str:name>/", acts.act_on_offer, name="answer"),
    path("isolation/", home.isolation, name="isolation"),
    path("isolation/new/", home.new, name="isolate"),
    path("isolation/<int:pk>/", home.follow_up, name="follow_up"),
    path("isolation/<int:pk>/end/", home.end, name="end_isolation"),
    path("isolation/<int:pk>/identity/", home.identity, name="isolation_identity"),
    path("ambulances/", transport.ambulances, name="ambulances"),
    path("ambulances/<int:pk>/dispatch/", transport.dispatch, name="dispatch"),
    path("ambulances/<int:pk>/<str:name>/", transport.act, name="ride"),
    path("oxygen/", oxygen.oxygen, name="oxygen"),
    path("oxygen/rounds/new/", oxygen.plan, name="plan_refill"),
    path("oxygen/lines/<int:pk>/send/", oxygen.send, name="send_cylinders"),
    path("oxygen/lines/<int:pk>/return/", oxygen.bring_back, name="return_cylinders"),
    path("oxygen/<int:pk>/register/", oxygen.register, name="register_cylinders"),
    path("oxygen/<int:pk>/use/", oxygen.use, name="use_cylinders"),
]
