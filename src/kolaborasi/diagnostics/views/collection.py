"""The desk of a collection site: who waits, orders, cards, swabs, labels."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import confirm, submit
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.errors import DuplicateOrder
from kolaborasi.diagnostics.forms.collection import (
    CollectForm,
    ConfirmCardForm,
    DiscardForm,
    FindForm,
    LabelsForm,
    OrderForm,
    moment_or,
)
from kolaborasi.diagnostics.labels import label_svg, sheet_pdf
from kolaborasi.diagnostics.models import Specimen
from kolaborasi.diagnostics.permissions import may_discard
from kolaborasi.diagnostics.queries import desk as waiting
from kolaborasi.diagnostics.queries import events_of, results_of
from kolaborasi.diagnostics.services import Wish
from kolaborasi.diagnostics.states import READ, SPECIMEN
from kolaborasi.diagnostics.views.access import (
    actor_of,
    may,
    own_site,
    said_at,
    seen_order,
    seen_specimen,
    show_identity,
)
from kolaborasi.diagnostics.views.lists import SiteSpecimenList, WaitingList
from kolaborasi.people.services import look_at_many_for_care
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind


def kelurahan() -> list[Place]:
    """All kelurahan by name, with their kecamatan."""
    return list(places_of_kind(Kind.KELURAHAN).select_related("parent").order_by("name", "code"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who waits for a swab, those booked for today first. A POST shows their names, which is recorded."""
    site, now = own_site(request, pk), clock.utc_now()
    page = WaitingList(
        request,
        waiting.people_waiting(site, now),
        site=site,
        numbers=waiting.desk_numbers(site, now),
        find_form=FindForm(),
        now=now,
    )
    if request.method == "POST":
        people = [order.person for order in page.page]
        known = look_at_many_for_care(people=people, fields=["name"], by=actor_of(request), now=now)
        page.context["names"] = {pk: seen.get("name", "") for pk, seen in known.items()}
    return page.response()


@login_required
@never_cache
@require_POST
def find(request: HttpRequest, pk: int) -> HttpResponse:
    """Look somebody up by the NIK of their card: on to the order that waits, or to a new one."""
    site, form = own_site(request, pk), FindForm(request.POST)

    def onwards(order: int | None) -> str:
        if order is not None:
            return reverse("diagnostics:collect", args=[order])
        messages.info(request, _("Nobody with this NIK waits for a swab here. Order a test."))
        return reverse("diagnostics:order_test", args=[pk])

    def write() -> int | None:
        found = waiting.order_waiting_of(site, form.cleaned_data["nik"])
        return found.pk if found else None

    return submit(
        request,
        form,
        scope=f"diagnostics.find/{pk}",
        write=write,
        success_url=onwards,
        context={
            "title": _("Look up by NIK"),
            "button": _("Look up"),
            "back_url": reverse("diagnostics:desk", args=[pk]),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Order a test for somebody whose card is at hand; on to the swab."""
    site = own_site(request, pk)
    form = OrderForm(request.POST if request.method == "POST" else None, places=kelurahan())
    elsewhere: dict[str, Any] = {}

    def write() -> int:
        clean = form.cleaned_data
        wish = Wish(
            reason=clean["reason"],
            site=site,
            priority=clean["priority"],
            channel=clean["channel"],
            language=clean["language"],
            residence=form.home,
        )
        try:
            return services.order_test(
                subject=form.subject(), wish=wish, by=actor_of(request), now=clock.utc_now()
            ).pk
        except DuplicateOrder as error:
            waits_here = waiting.people_waiting(site, clock.utc_now())
            elsewhere["waiting"] = waits_here.filter(pk=error.details["order"]).first()
            raise

    back = reverse("diagnostics:desk", args=[pk])
    context = {"title": _("Order a test"), "button": _("Order the test"), "back_url": back, "site": site}
    return submit(
        request,
        form,
        scope=f"diagnostics.order_test/{pk}",
        write=write,
        success_url=lambda order: reverse("diagnostics:collect", args=[order]),
        template="diagnostics/order_test.html",
        context={**context, "elsewhere": elsewhere},
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def collect(request: HttpRequest, pk: int) -> HttpResponse:
    """A swab of an order: scan the label that is stuck on the tube."""
    order, now = seen_order(request, pk), clock.utc_now()
    form = CollectForm(request.POST if request.method == "POST" else None)
    back = reverse("diagnostics:desk", args=[order.site_id])

    def write() -> int:
        clean = form.cleaned_data
        with said_at("barcode"):
            return services.collect(
                order=order,
                barcode=clean["barcode"],
                kind=clean["kind"],
                collected_at=moment_or(clean["collected_at"], now),
                by=actor_of(request),
                now=now,
            ).pk

    response = submit(
        request,
        form,
        scope=f"diagnostics.collect/{pk}",
        write=write,
        success_url=back,
        template="diagnostics/collect.html",
        context={"title": _("Take a swab"), "order": order, "back_url": back},
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("The specimen is recorded. Keep it cool until the courier comes."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of somebody who ordered for themselves."""
    order = seen_order(request, pk)
    form = ConfirmCardForm(request.POST if request.method == "POST" else None)
    onwards = reverse("diagnostics:collect", args=[pk])
    return submit(
        request,
        form,
        scope=f"diagnostics.confirm_person/{pk}",
        write=lambda: (
            services.confirm_person(
                order=order, subject=form.subject(), by=actor_of(request), now=clock.utc_now()
            ).pk
        ),
        success_url=onwards,
        context={
            "title": _("Confirm the identity card"),
            "introduction": _(
                "Type what the card says. It is compared with the number itself and with what is known."
            ),
            "button": _("Confirm"),
            "back_url": onwards,
        },
    )


@login_required
@never_cache
@require_POST
def identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and contact of the person of an order; the look is on record."""
    order = seen_order(request, pk)
    back = reverse("diagnostics:collect", args=[pk])
    return show_identity(request, order, back_url=back, title=_("Who is tested"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up an order that waits for a swab."""
    order = seen_order(request, pk)
    return confirm(
        request,
        title=_("Cancel this order?"),
        consequence=_("A booked place is free for somebody else. The person can order again."),
        button=_("Cancel the order"),
        scope=f"diagnostics.cancel_order/{pk}",
        write=lambda form: services.cancel_order(order=order, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=reverse("diagnostics:desk", args=[order.site_id]),
        back_url=reverse("diagnostics:collect", args=[pk]),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue labels and print those that are on no tube yet."""
    site = own_site(request, pk, "issue_labels")
    form = LabelsForm(request.POST if request.method == "POST" else None)
    return submit(
        request,
        form,
        scope=f"diagnostics.issue_labels/{pk}",
        write=lambda: len(
            services.issue_labels(
                site=site, number=form.cleaned_data["number"], by=actor_of(request), now=clock.utc_now()
            )
        ),
        success_url=reverse("diagnostics:labels", args=[pk]),
        template="diagnostics/labels.html",
        context={
            "title": _("Labels"),
            "button": _("Issue labels"),
            "site": site,
            "batches": list(waiting.label_batches(site)[:20]),
        },
    )


@login_required
@never_cache
@require_safe
def labels_sheet(request: HttpRequest, pk: int, first: int, form: str) -> HttpResponse:
    """A batch of labels as a PDF of A4 sheets, or as SVG pictures on a page for a label printer."""
    site = own_site(request, pk, "issue_labels")
    barcodes = waiting.batch_of(site, first)
    if not barcodes:
        raise NotFound(_("These labels were all used. Issue new ones."))
    if form == "pdf":
        response = HttpResponse(sheet_pdf(barcodes), content_type="application/pdf")
        response["Content-Disposition"] = 'inline; filename="label.pdf"'
        return response
    context = {"title": _("Labels"), "site": site, "pictures": [label_svg(each) for each in barcodes]}
    return render(request, "diagnostics/labels_sheet.html", context)


@login_required
@never_cache
@require_safe
def specimens(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Specimens a site took, wherever they are now."""
    site = own_site(request, pk)
    return SiteSpecimenList(request, waiting.specimens_of_site(site), site=site).response()


@login_required
@never_cache
@require_safe
def specimen(request: HttpRequest, pk: int) -> HttpResponse:
    """One specimen: where it is, what happened to it when, and for its lab the results it had."""
    found, actor = seen_specimen(request, pk), actor_of(request)
    in_lab = found.lab is not None and may(actor, "validate_results", found.lab.site)
    context = {
        "title": _("Specimen"),
        "specimen": found,
        "events": list(events_of(found)),
        "results": list(results_of(found)) if in_lab else [],
        "may_discard": found.state in SPECIMEN.sources("discard") and may_discard(actor, found),
        "takes_swabs": may(actor, "order_test", found.site),
        "may_tell": found.state in READ and may(actor, "tell_again", found.site),
    }
    return render(request, "diagnostics/specimen.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tell_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody lost the link to their result: send another one to the contact that is known."""
    found, back = seen_specimen(request, pk), reverse("diagnostics:specimen", args=[pk])
    response = confirm(
        request,
        title=_("Send the link to the result again?"),
        consequence=_("It goes to the contact that is known; the link sent before ends."),
        button=_("Send it"),
        scope=f"diagnostics.tell_again/{found.order_id}",
        write=lambda form: (
            services.tell_again(order=found.order, by=actor_of(request), now=clock.utc_now()).link.pk
        ),
        success_url=back,
        back_url=back,
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("A new link is on its way."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """A specimen is lost, broken or unreadable: the person waits for another swab."""
    found = seen_specimen(request, pk)
    back = reverse("diagnostics:specimen", args=[pk])
    return confirm(
        request,
        title=_("Discard this specimen?"),
        consequence=_("It gives no result; the person waits for a swab again. This cannot be undone."),
        button=_("Discard"),
        scope=f"diagnostics.discard/{pk}",
        write=lambda form: (
            services.discard(
                barcode=found.label.barcode,
                reason=form.cleaned_data["reason"],
                by=actor_of(request),
                now=clock.utc_now(),
            ).pk
        ),
        success_url=_after_discard(request, found),
        back_url=back,
        form_class=DiscardForm,
    )


def _after_discard(request: HttpRequest, found: Specimen) -> str:
    """Where somebody is who may no longer see the specimen once it is lost."""
    actor = actor_of(request)
    if may(actor, "order_test", found.site) or (found.lab and may(actor, "receive", found.lab.site)):
        return reverse("diagnostics:specimen", args=[found.pk])
    manifest = found.consignment
    if manifest is not None and may(actor, "receive", manifest.lab.site):
        return reverse("diagnostics:reception", args=[manifest.lab_id])
    return reverse("diagnostics:manifest", args=[manifest.pk]) if manifest else reverse("diagnostics:rounds")
