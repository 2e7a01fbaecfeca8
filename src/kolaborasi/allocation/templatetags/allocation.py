"""Words of the allocation room in templates."""

from __future__ import annotations

from django import template
from django.urls import reverse

from kolaborasi.aid.labels import need_whereabouts
from kolaborasi.allocation import bed_reasons, reasons
from kolaborasi.allocation.models import BedLine, Programme, Proposal, ProposalLine

register = template.Library()


@register.filter
def refusal(line: ProposalLine) -> str:
    """Why the verb refused an approved line."""
    return reasons.refusal(line)


@register.filter
def page(proposal: Proposal) -> str:
    """Address of a plan's page."""
    beds = proposal.programme == Programme.HOSPITALS
    return reverse("allocation:bed_proposal" if beds else "allocation:proposal", args=[proposal.pk])


@register.filter
def bed_refusal(line: BedLine) -> str:
    """Why the verb refused an approved line of a bed plan."""
    return bed_reasons.refusal(line)


@register.filter
def whereabouts(line: ProposalLine) -> str:
    """Where the need of a line is."""
    return need_whereabouts(line.need_line.need)


@register.filter
def decided_by(line: ProposalLine) -> str:
    """Who decided a line."""
    return reasons.decided_by(line)
