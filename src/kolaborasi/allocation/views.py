"""Pages of plans: the list, one proposal with its lines, the decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.aid.labels import need_title, need_whereabouts
from kolaborasi.aid.queries import items
from kolaborasi.allocation import queries, reasons, services
from kolaborasi.allocation.carrying_out import AnyLine
from kolaborasi.allocation.models import (
    BedLine,
    LineStateChoice,
    Programme,
    Proposal,
    ProposalLine,
    ProposalStateChoice,
)
from kolaborasi.allocation.permissions import TABLE
from kolaborasi.allocation.rules import MOST_AT_ONCE
from kolaborasi.common import clock
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import Column, Filter, ListPage, confirm


def page_of(proposal: Proposal) -> str:
    """Address of a plan's page."""
    beds = proposal.programme == Programme.HOSPITALS
    return reverse("allocation:bed_proposal" if beds else "allocation:proposal", args=[proposal.pk])


class PlanList(ListPage):
    """All proposals, newest first."""

    title = _("Plans")
    introduction = _(
        "A plan proposes which offer goes where. Nothing is promised before a coordinator approves it."
    )
    columns = (
        Column("made_at", _("Made"), sort="made_at", template="allocation/_made.html", link=page_of),
        Column("state", _("State"), "get_state_display", sort="state", template="allocation/_state.html"),
        Column("lines", _("Lines"), "line_count", sort="line_count", numeric=True),
        Column("open", _("To decide"), "open_count", sort="open_count", numeric=True),
        Column("approved", _("Approved"), "approved_count", sort="approved_count", numeric=True),
        Column("refused", _("Refused"), "refused_count", sort="refused_count", numeric=True),
    )
    filters = (Filter.choice("state", _("State"), ProposalStateChoice.choices),)
    default_sort = "-made_at"
    empty_title = _("No plan has been made yet")
    empty_text = _("A plan needs open needs and offers of the same item.")
    export_name = "plans"
    template_name = "allocation/plan_list.html"


def _item_choices() -> list[tuple[str, str]]:
    return [(item.code, item.name) for item in items()]


class LineList(ListPage):
    """Lines of one proposal, with a tick box for each that is still to be decided."""

    title = _("Lines of the plan")
    columns = (
        Column(
            "need",
            _("To"),
            lambda line: need_title(line.need_line.need),
            sort=("need_line__need__place__code",),
            template="allocation/_need.html",
        ),
        Column("area", _("Area"), lambda line: need_whereabouts(line.need_line.need), shown=False),
        Column("place_code", _("Area code"), "need_line.need.place.code", shown=False),
        Column("item", _("Item"), "need_line.item.name", sort="need_line__item"),
        Column("quantity", _("Units"), sort="quantity", numeric=True),
        Column("giver", _("From"), lambda line: _giver(line), template="allocation/_giver.html"),
        Column(
            "distance_km",
            _("km (estimated)"),
            lambda line: round(line.distance_km, 1),
            sort="distance_km",
            numeric=True,
        ),
        Column("minutes", _("Minutes (estimated)"), shown=False),
        Column("why", _("Why"), reasons.why, template="allocation/_why.html"),
        Column(
            "state", _("State"), "get_state_display", sort="state", template="allocation/_line_state.html"
        ),
        Column("refusal", _("Why refused"), reasons.refusal, shown=False),
        Column("decided_at", _("Decided"), shown=False),
        Column("decided_by", _("Decided by"), reasons.decided_by, shown=False),
    )
    search_fields = (
        "need_line__need__place__name",
        "need_line__need__place__parent__name",
        "offer__partner__name",
    )
    search_label = _("Place or giver")
    filters = (
        Filter.choice("state", _("State"), LineStateChoice.choices),
        Filter.choice("item", _("Item"), _item_choices, lookup="need_line__item__code"),
        Filter.text("place", _("Area code"), lookup="need_line__need__place__code__startswith"),
    )
    page_size = 20
    empty_title = _("This plan has no lines")
    export_name = "plan-lines"
    template_name = "allocation/proposal.html"


def _giver(line: ProposalLine) -> str:
    return line.offer.partner.name if line.offer.partner else gettext("a citizen")


@login_required
@require_safe
def plans(request: HttpRequest) -> HttpResponseBase:
    """All plans."""
    actor = actor_of(request)
    TABLE.require(actor, "see_plans")
    return PlanList(request, queries.proposals(), may_plan=TABLE.allows(actor, "propose")).response()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Make a new plan."""
    actor = actor_of(request)
    TABLE.require(actor, "propose")
    return confirm(
        request,
        title=gettext("Make a new plan?"),
        consequence=gettext(
            "Open needs and offers are matched as they are now. Nothing is promised before you approve it."
        ),
        button=gettext("Make the plan"),
        scope="allocation.propose",
        write=lambda form: services.propose(by=actor, now=clock.utc_now()).pk,
        success_url=lambda pk: reverse("allocation:proposal", args=[pk]),
        back_url=reverse("allocation:list"),
    )


@login_required
@require_safe
def proposal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One plan: what it changes, how good it is, its lines."""
    actor = actor_of(request)
    TABLE.require(actor, "see_plans")
    found = found_plan(pk)
    now = clock.utc_now()
    return LineList(
        request,
        queries.lines_of(found),
        proposal=found,
        effect=_effect_rows(found),
        proof=reasons.proof(found.certificate),
        page=page_of(found),
        may_decide=TABLE.allows(actor, "approve") and found.expires_at > now and bool(found.open_count),  # type: ignore[attr-defined]
        is_over=found.expires_at <= now,
    ).response()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then approve the chosen lines one by one and say what became of them."""
    return decide(request, pk, "approve")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then reject the chosen lines."""
    return decide(request, pk, "reject")


def decide(
    request: HttpRequest,
    pk: int,
    verb: str,
    find: Callable[[int], Proposal | None] = queries.proposal_by_id,
    undecided: Callable[..., Sequence[AnyLine]] = queries.open_lines_of,
) -> HttpResponse:
    """Ask, then approve or reject the lines the address names.

    Args:
        verb: `approve` or `reject`.
        find: the plan, of the programme the page is of.
        undecided: its undecided lines: all, or those of some ids.
    """
    # Not `submit`: approving is done once by the lock of each line, and must not be one transaction.
    actor = actor_of(request)
    TABLE.require(actor, verb)
    found = found_plan(pk, find)
    lines, left_out = _chosen(request, partial(undecided, found))
    if not lines:
        messages.warning(
            request, gettext("No line was chosen that is still to be decided. Tick lines first.")
        )
        return redirect(page_of(found))
    if request.method == "POST":
        carry_out = _approve if verb == "approve" else _reject
        return redirect(carry_out(request, found, lines, actor))
    return render(
        request,
        "web/confirm.html",
        {**_question(verb, lines, left_out), "form": forms.Form(), "back_url": page_of(found)},
    )


def _chosen(request: HttpRequest, undecided: Callable[..., Sequence[AnyLine]]) -> tuple[list[AnyLine], int]:
    """Lines the address names that are still to be decided, all of them or those ticked; and how many are too many."""
    if request.GET.get("all"):
        lines = list(undecided())
        return lines[:MOST_AT_ONCE], max(0, len(lines) - MOST_AT_ONCE)
    ids = [
        int(text)
        for text in request.GET.getlist("line")
        if text.isascii() and text.isdigit() and len(text) < 19
    ]
    return list(undecided(ids))[:MOST_AT_ONCE], 0


def _question(verb: str, lines: Sequence[AnyLine], left_out: int) -> dict[str, Any]:
    words = {"lines": reasons.number(len(lines)), "left_out": reasons.number(left_out)}
    if verb == "approve":
        title = ngettext("Approve %(lines)s line?", "Approve %(lines)s lines?", len(lines))
        button = gettext("Approve")
        text = _consequence(lines)
    else:
        title = ngettext("Reject %(lines)s line?", "Reject %(lines)s lines?", len(lines))
        button = gettext("Reject")
        text = gettext(
            "They are not carried out. Needs and offers stay open and the next plan can match them again."
        )
    if left_out:
        more = (
            gettext("So many are decided at a time; %(left_out)s more stay to be decided afterwards.") % words
        )
        text = f"{text} {more}"
    return {"title": title % words, "consequence": text, "button": button}


def _consequence(lines: Sequence[AnyLine]) -> str:
    if isinstance(lines[0], BedLine):
        return gettext(
            "Each bed is held and its hospital asked at once; those who should convert beds see the request. A line the"
            " world has overtaken is refused and shown with the reason; the others are not touched by it."
        )
    return gettext(
        "Each becomes a promise at once and the givers are told. A line the world has overtaken is refused and"
        " shown with the reason; the others are not touched by it."
    )


def _approve(request: HttpRequest, found: Proposal, lines: Sequence[AnyLine], actor: Actor) -> str:
    done = services.approve(lines=lines, by=actor, now=clock.utc_now())
    count = len(done.approved)
    text = ngettext("%(lines)s line is a promise now.", "%(lines)s lines are promises now.", count)
    messages.success(request, text % {"lines": reasons.number(count)})
    if not done.refused:
        return page_of(found)
    count = len(done.refused)
    text = ngettext(
        "%(lines)s line was refused, because the world has moved on. The reason is beside it.",
        "%(lines)s lines were refused, because the world has moved on. The reason is beside each.",
        count,
    )
    messages.warning(request, text % {"lines": reasons.number(count)})
    return f"{page_of(found)}?state=refused"


def _reject(request: HttpRequest, found: Proposal, lines: Sequence[AnyLine], actor: Actor) -> str:
    count = services.reject(lines=lines, by=actor, now=clock.utc_now())
    text = ngettext("%(lines)s line was rejected.", "%(lines)s lines were rejected.", count)
    messages.success(request, text % {"lines": reasons.number(count)})
    return page_of(found)


def _effect_rows(found: Proposal) -> list[dict[str, Any]]:
    """For each item the plan or its alternative gives of: now, with the plan, and with first come, first served."""
    rows = []
    of_code = {item.code: item for item in items()}
    for code, before in found.before["items"].items():
        after, first = found.after["items"][code], found.baseline["items"][code]
        if after["promised"] > before["promised"] or first["promised"] > before["promised"]:
            effects = [_with_shares(each, before) for each in (before, after, first)]
            rows.append({"item": of_code[code], "added": effects[1]["added"], "effects": effects})
    return rows


def _with_shares(effect: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    added = effect["promised"] - before["promised"]
    return {
        **effect,
        "share": effect["promised"] / effect["needed"],
        "added": added,
        "km_per_unit": effect["kilometres"] / added if added else None,
    }


def found_plan(pk: int, find: Callable[[int], Proposal | None] = queries.proposal_by_id) -> Proposal:
    """A plan.

    Raises:
        NotFound: there is none of the programme.
    """
    found = find(pk)
    if found is None:
        raise NotFound(_("There is no such plan. Choose one from the list."))
    return found


def actor_of(request: HttpRequest) -> Actor:
    """The one who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
