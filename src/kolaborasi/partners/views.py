"""Pages of the partners room: one query or one verb each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kolaborasi.common import clock
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import Column, Filter, IdempotentForm, ListPage, confirm, submit
from kolaborasi.common.permissions import tables
from kolaborasi.partners import queries, services
from kolaborasi.partners.forms import ApplyForm, AppointForm, ReasonForm
from kolaborasi.partners.models import Partner, PartnerKind, StateChoice
from kolaborasi.partners.permissions import TABLE
from kolaborasi.partners.states import CITY_ROLES, PARTNER

COORDINATOR = "coordinator"


class PartnerList(ListPage):
    """Partners, searchable by name."""

    title = _("Partners")
    introduction = _("Organisations that give, and how they stand with the city.")
    columns = (
        Column("name", _("Name"), sort="name", link=lambda partner: _page(partner.pk)),
        Column("kind", _("Kind"), "get_kind_display", sort="kind"),
        Column("place", _("Seat"), "place.name", sort="place__name"),
        Column("sites", _("Sites"), "site_count", sort="site_count", numeric=True),
        Column("state", _("State"), "get_state_display", sort="state"),
    )
    search_fields = ("name",)
    search_label = _("Name of the organisation")
    filters = (
        Filter.choice("kind", _("Kind"), PartnerKind.choices),
        Filter.choice("state", _("State"), StateChoice.choices),
        Filter.text("place", _("Area code"), lookup="place__code__startswith"),
    )
    default_sort = "name"
    empty_text = _("Partners show here once the city has activated them.")
    export_name = "partners"
    template_name = "partners/partner_list.html"


@dataclass(frozen=True)
class Step:
    """A page that walks a partner's lifecycle.

    Args:
        verb: of `services`.
        asks_reason: whether the form asks why.
        title, consequence, button: words of the confirmation.
    """

    verb: Callable[..., Partner]
    title: str | Promise
    consequence: str | Promise
    button: str | Promise
    asks_reason: bool = False


STEPS = {
    "activate": Step(
        services.activate,
        _("Activate this partner?"),
        _("It may take commitments from now on, and the one who applied becomes its administrator."),
        _("Activate"),
    ),
    "decline": Step(
        services.decline,
        _("Decline this application?"),
        _("The application ends. The organisation may apply again."),
        _("Decline"),
        asks_reason=True,
    ),
    "pause": Step(
        services.pause,
        _("Pause this partner?"),
        _("It takes nothing new until it resumes. What is promised already stays promised."),
        _("Pause"),
    ),
    "resume": Step(
        services.resume,
        _("Resume?"),
        _("The partner takes new commitments again."),
        _("Resume"),
    ),
    "freeze": Step(
        services.freeze,
        _("Freeze this partner?"),
        _("It takes no new commitment from this moment on. What is promised already is followed to its end."),
        _("Freeze"),
        asks_reason=True,
    ),
    "unfreeze": Step(
        services.unfreeze,
        _("Unfreeze this partner?"),
        _("It takes new commitments again."),
        _("Unfreeze"),
        asks_reason=True,
    ),
    "leave": Step(
        services.leave,
        _("End this partnership?"),
        _("The partner leaves and the roles of its people end. This cannot be undone."),
        _("End the partnership"),
    ),
}


@require_safe
def partner_list(request: HttpRequest) -> HttpResponseBase:
    """The list: of all partners for coordinators, of those that were activated for everybody else."""
    rows = queries.all_partners() if _actor(request).has_role(COORDINATOR) else queries.partners()
    return PartnerList(request, rows).response()


@require_safe
def partner_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One partner with its sites; for those who may act on it, the ways to do so and its members."""
    partner = _visible(request, pk)
    events = possible_events(_actor(request), partner)
    runs_it = _may_appoint(request, partner)
    context = {
        "title": partner.name,
        "partner": partner,
        "sites": queries.open_sites(partner),
        "steps": [(event, STEPS[event].button) for event in events],
        "memberships": queries.memberships_of(partner, clock.utc_now()) if runs_it else None,
        "gives_official_roles": partner.kind == PartnerKind.GOVERNMENT
        and _actor(request).has_role(COORDINATOR),
        "sees_reason": runs_it or _actor(request).has_role(COORDINATOR, "auditor"),
    }
    return render(request, "partners/partner.html", context)


@login_required
def apply(request: HttpRequest) -> HttpResponse:
    """The form of an organisation that wants to join."""
    form = ApplyForm(request.POST if request.method == "POST" else None)

    def write() -> int:
        values = form.cleaned_data
        return services.apply(
            name=values["name"],
            kind=values["kind"],
            legal_id=values["legal_id"],
            place=values["place"],
            by=_actor(request),
            now=clock.utc_now(),
        ).pk

    context = {
        "title": _("Become a partner"),
        "introduction": _(
            "Say who you are. The city checks it and activates you; then you can say what you give."
        ),
        "button": _("Apply"),
        "back_url": reverse("partners:list"),
    }
    return submit(request, form, scope="partners.apply", write=write, success_url=_page, context=context)


@login_required
def step(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Ask, then walk one step of the lifecycle."""
    partner = _visible(request, pk)
    chosen = STEPS[event]
    TABLE.require(_actor(request), event, partner_id=pk, place_code=_seat(partner))

    def write(form: IdempotentForm) -> int:
        given = (
            {name: form.cleaned_data[name] for name in ("reason", "reference")} if chosen.asks_reason else {}
        )
        return chosen.verb(partner=partner, **given, by=_actor(request), now=clock.utc_now()).pk

    return confirm(
        request,
        title=chosen.title,
        consequence=chosen.consequence,
        button=chosen.button,
        scope=f"partners.{event}/{pk}",
        write=write,
        # A declined applicant or a partner that left may no longer be visible to the one who ended it.
        success_url=reverse("partners:list") if event in {"decline", "leave"} else _page(pk),
        back_url=_page(pk),
        form_class=ReasonForm if chosen.asks_reason else IdempotentForm,
        context={"introduction": partner.name},
    )


@login_required
def appoint(request: HttpRequest, pk: int, official: bool = False) -> HttpResponse:
    """Give an account a role: one of the partner's own, or one of the city's when `official`."""
    partner = _visible(request, pk)
    form = AppointForm(request.POST if request.method == "POST" else None, official=official)
    if official:
        TABLE.require(_actor(request), "appoint_official", place_code=_reach(_actor(request)))
    else:
        TABLE.require(_actor(request), "appoint", partner_id=pk, place_code=_seat(partner))

    def write() -> int:
        values = form.cleaned_data
        user = queries.account_by_email(values["email"])
        named: dict[str, Any] = {"user": user, "partner": partner, "role": values["role"]}
        named |= {"by": _actor(request), "now": clock.utc_now()}
        if official:
            return services.appoint_official(**named, place=values["place"]).pk
        return services.appoint(**named).pk

    return submit(
        request,
        form,
        scope=f"partners.appoint/{pk}",
        write=write,
        success_url=_page(pk),
        context={"title": _("Give a role"), "button": _("Give the role"), "back_url": _page(pk)},
    )


@login_required
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then end a membership."""
    membership = queries.membership_by_id(pk)
    verb = services.dismiss_official if membership.role in CITY_ROLES else services.dismiss
    services.require_may_dismiss(membership, _actor(request))

    def write(form: IdempotentForm) -> int:
        return verb(membership=membership, by=_actor(request), now=clock.utc_now()).pk

    return confirm(
        request,
        title=_("End this role?"),
        consequence=_("The person may no longer act for this partner in this role."),
        button=_("End the role"),
        scope=f"partners.dismiss/{pk}",
        write=write,
        success_url=_page(membership.partner_id),
        back_url=_page(membership.partner_id),
    )


@require_safe
def permissions(request: HttpRequest) -> HttpResponse:
    """Who may do what: the permission tables of all rooms."""
    rooms = [(table.room, table.rows()) for table in tables()]
    return render(request, "partners/permissions.html", {"title": _("Who may do what"), "rooms": rooms})


def possible_events(actor: Actor, partner: Partner) -> list[str]:
    """Steps that are possible in the partner's state and allowed to the actor."""
    return [
        event
        for event in STEPS
        if partner.state in PARTNER.sources(event)
        and TABLE.allows(actor, event, partner_id=partner.pk, place_code=_seat(partner))
    ]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _page(pk: int) -> str:
    return reverse("partners:partner", args=[pk])


def _seat(partner: Partner) -> str | None:
    return partner.place.code if partner.place else None


def _reach(actor: Actor) -> str | None:
    """An area some coordinator role of the actor covers: None for the whole city."""
    codes = [role.place_code for role in actor.roles if role.name == COORDINATOR]
    return None if None in codes or not codes else codes[0]


def _may_appoint(request: HttpRequest, partner: Partner) -> bool:
    return TABLE.allows(_actor(request), "appoint", partner_id=partner.pk, place_code=_seat(partner))


def _visible(request: HttpRequest, pk: int) -> Partner:
    """The partner, if the actor may know of it: applications are seen by coordinators alone."""
    partner = queries.partner_by_id(pk)
    if partner is None or (partner.activated_at is None and not _knows_applications(request, partner)):
        raise NotFound(_("There is no such partner. Choose another one."))
    return partner


def _knows_applications(request: HttpRequest, partner: Partner) -> bool:
    actor = _actor(request)
    return actor.has_role(COORDINATOR) or queries.is_member(actor, partner)
