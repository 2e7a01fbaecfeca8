"""Questions about proposals, and the rows a plan is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from kolaborasi.aid.models import NeedLine, Offer
from kolaborasi.aid.states import NeedState
from kolaborasi.allocation.models import BedLine, Programme, Proposal, ProposalLine
from kolaborasi.allocation.rules import kelurahan_of
from kolaborasi.allocation.states import LineCounts, LineState
from kolaborasi.places.models import Place


def proposals() -> QuerySet[Proposal]:
    """Proposals of aid, newest first, with `line_count`, `open_count`, `approved_count` and `refused_count`."""
    return _counted(Programme.AID, "lines")


def bed_proposals() -> QuerySet[Proposal]:
    """Bed plans, newest first, with the same counts."""
    return _counted(Programme.HOSPITALS, "bed_lines")


def _counted(programme: str, lines: str) -> QuerySet[Proposal]:
    in_state = {
        "open_count": LineState.PROPOSED,
        "approved_count": LineState.APPROVED,
        "refused_count": LineState.REFUSED,
    }
    counts = {name: Count(lines, filter=Q(**{f"{lines}__state": state})) for name, state in in_state.items()}
    found = Proposal.objects.filter(programme=programme)
    return found.annotate(line_count=Count(lines), **counts).order_by("-made_at", "-id")


def proposal_by_id(pk: int) -> Proposal | None:
    """A proposal with the counts of `proposals()`, or None."""
    return proposals().filter(pk=pk).first()


def lines_of(proposal: Proposal) -> QuerySet[ProposalLine]:
    """Lines of a proposal with all that pages show of them."""
    return (
        ProposalLine.objects.filter(proposal=proposal)
        .select_related(
            "need_line__item",
            "need_line__need__place__parent__parent",
            "need_line__need__institution",
            "offer__partner",
        )
        .select_related("offer__place")
        .order_by("id")
    )


def open_lines_of(proposal: Proposal, ids: Iterable[int] | None = None) -> list[ProposalLine]:
    """Undecided lines of a proposal: all, or those of these ids that are its own."""
    found = ProposalLine.objects.filter(proposal=proposal, state=LineState.PROPOSED).order_by("id")
    return list(found if ids is None else found.filter(pk__in=list(ids)))


def bed_proposal_by_id(pk: int) -> Proposal | None:
    """A bed plan with the counts of `bed_proposals()`, or None."""
    return bed_proposals().filter(pk=pk).first()


def bed_lines_of(proposal: Proposal) -> QuerySet[BedLine]:
    """Lines of a bed plan with all that pages show of them."""
    return (
        BedLine.objects.filter(proposal=proposal)
        .select_related("referral__place__parent", "hospital__site__place", "leaves__pool__hospital__site")
        .order_by("id")
    )


def open_bed_lines_of(proposal: Proposal, ids: Iterable[int] | None = None) -> list[BedLine]:
    """Undecided lines of a bed plan: all, or those of these ids that are its own."""
    found = BedLine.objects.filter(proposal=proposal, state=LineState.PROPOSED).order_by("id")
    return list(found if ids is None else found.filter(pk__in=list(ids)))


def line_counts(proposal: Proposal) -> LineCounts:
    """How many lines of a proposal are in which state."""
    model = BedLine if proposal.programme == Programme.HOSPITALS else ProposalLine
    found = model._default_manager.filter(proposal=proposal)
    return LineCounts(**dict(found.order_by().values_list("state").annotate(Count("id"))))


def open_lines() -> list[tuple[int, int, int, int]]:
    """All lines of open needs that need something: id, item id, units needed, units promised."""
    lines = NeedLine.objects.filter(need__state=NeedState.OPEN, reported__gt=0).order_by("pk")
    return list(lines.values_list("pk", "item_id", "reported", "committed"))


def places_of_offers() -> dict[int, str]:
    """Place code by offer."""
    return dict(Offer.objects.order_by().values_list("pk", "place__code"))


def places_of_needs() -> dict[int, str]:
    """Place code by line of an open need."""
    lines = NeedLine.objects.filter(need__state=NeedState.OPEN).order_by()
    return dict(lines.values_list("pk", "need__place__code"))


@dataclass(frozen=True)
class KelurahanChange:
    """Units of one item needed and promised in a kelurahan, its RW and institutions included."""

    code: str
    name: str
    needed: int
    before: int
    after: int

    @property
    def before_share(self) -> float:
        """Promised of needed before the plan."""
        return min(1.0, self.before / self.needed)

    @property
    def after_share(self) -> float:
        """Promised of needed with the plan."""
        return min(1.0, self.after / self.needed)


def changes_by_kelurahan(item: str, planned: Iterable[tuple[int, int]]) -> list[KelurahanChange]:
    """What a plan changes in every kelurahan with an open need of the item, the least covered afterwards first.

    Args:
        planned: (need line, units) the plan adds to what is promised now.
    """
    added: dict[int, int] = {}
    for line, units in planned:
        added[line] = added.get(line, 0) + units
    lines = NeedLine.objects.filter(need__state=NeedState.OPEN, item__code=item, reported__gt=0)
    sums: dict[str, list[int]] = {}
    for pk, place, needed, committed in lines.values_list("pk", "need__place__code", "reported", "committed"):
        row = sums.setdefault(kelurahan_of(place), [0, 0, 0])
        row[0] += needed
        row[1] += committed
        row[2] += committed + added.get(pk, 0)
    names = dict(Place.objects.filter(code__in=sums).values_list("code", "name"))
    changes = [KelurahanChange(code, names[code], *row) for code, row in sums.items()]
    return sorted(changes, key=lambda each: (each.after_share, each.before_share, each.code))


def units_by_line(proposal: Proposal) -> list[tuple[int, int]]:
    """(need line, units) that the undecided lines of a proposal would add."""
    rows = ProposalLine.objects.filter(proposal=proposal, state=LineState.PROPOSED).order_by()
    return list(rows.values_list("need_line").annotate(Sum("quantity")))
