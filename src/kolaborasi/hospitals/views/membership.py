"""A hospital's part in the network, by the city's coordinators: joining, what it gives, leaving, beds asked for, names."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.forms_membership import AgreementForm, ConversionForm, JoinForm, NameForm
from kolaborasi.hospitals.models import Hospital, NameInQuestion
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.states import NetworkState
from kolaborasi.hospitals.views.access import actor_of, known_hospital, works_at
from kolaborasi.hospitals.views.lists import NameList


def _coordinated(request: HttpRequest, pk: int, verb: str) -> Hospital:
    """A hospital on which the actor may do a verb of coordinators.

    Raises:
        NotFound: there is none.
        NotPermitted: it is of another area, or the actor coordinates nothing.
    """
    hospital = known_hospital(pk)
    if not works_at(actor_of(request), hospital, verb):
        raise NotPermitted
    return hospital


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a hospital into the network by an agreement, or change what the agreement gives."""
    hospital = _coordinated(request, pk, "join_network")
    inside = hospital.network in (NetworkState.JOINED, NetworkState.PAUSED)
    data = request.POST if request.method == "POST" else None
    agreed, classes = queries.agreement_of(hospital), queries.classes_shown()
    form = (
        AgreementForm(data, classes=classes, agreed=agreed)
        if inside
        else JoinForm(data, classes=classes, agreed={}, today=localdate())
    )

    def write() -> int:
        now, by = clock.utc_now(), actor_of(request)
        if isinstance(form, JoinForm):
            starts = form.cleaned_data["starts_date"]
            beds = form.beds()
            return services.join_network(hospital=hospital, beds=beds, starts_date=starts, by=by, now=now).pk
        return services.agree_beds(hospital=hospital, beds=form.beds(), by=by, now=now).pk

    back = reverse("hospitals:hospital", args=[pk])
    response = submit(
        request,
        form,
        scope=f"hospitals.agreement/{pk}",
        write=write,
        success_url=back,
        template="hospitals/agreement.html",
        context={
            "title": _("Change the agreement") if inside else _("Take into the network"),
            "hospital": hospital,
            "inside": inside,
            "introduction": translated(
                "Beds of each class that %(hospital)s gives to the network, with staff. Leave a class empty that it "
                "does not give."
            )
            % {"hospital": hospital.site.name},
            "button": _("Save the agreement") if inside else _("Take into the network"),
            "back_url": back,
        },
    )
    if data is not None and response.status_code in (204, 302):
        messages.success(request, _("The agreement is recorded. Beds count once the hospital reports them."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a hospital out of the network; asked first."""
    hospital, back = _coordinated(request, pk, "leave_network"), reverse("hospitals:hospital", args=[pk])
    return confirm(
        request,
        title=_("Leave the network?"),
        consequence=_(
            "The agreement ends today and nothing new is promised. Patients who lie in the beds or are on the way stay. "
            "To come back, the hospital needs a new agreement."
        ),
        button=_("Leave the network"),
        scope=f"hospitals.leave_network/{pk}",
        write=lambda form: (
            services.leave_network(hospital=hospital, by=actor_of(request), now=clock.utc_now()).pk
        ),
        success_url=back,
        back_url=back,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_conversion(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a hospital to turn ordinary beds into beds of a class."""
    hospital = _coordinated(request, pk, "ask_conversion")
    form = ConversionForm(request.POST if request.method == "POST" else None, classes=queries.classes_shown())

    def write() -> int:
        bed_class, beds = form.cleaned_data["bed_class"], form.cleaned_data["beds"]
        return services.ask_conversion(
            hospital=hospital, bed_class=bed_class, beds=beds, by=actor_of(request), now=clock.utc_now()
        ).pk

    back = reverse("hospitals:hospital", args=[pk])
    response = submit(
        request,
        form,
        scope=f"hospitals.ask_conversion/{pk}",
        write=write,
        success_url=back,
        context={
            "title": _("Ask to convert beds"),
            "introduction": translated(
                "%(hospital)s sees the request on its own page and says yes or no. The beds count once it reports them."
            )
            % {"hospital": hospital.site.name},
            "button": _("Ask"),
            "back_url": back,
        },
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("The hospital was asked. You see the answer on the network page."))
    return response


@login_required
@never_cache
@require_safe
def names(request: HttpRequest) -> HttpResponseBase:
    """Names of files that may or may not be a hospital of the city: a person says which."""
    TABLE.require(actor_of(request), "confirm_name")
    return NameList(request, queries.names_in_question()).response()


def _question(request: HttpRequest, pk: int) -> NameInQuestion:
    TABLE.require(actor_of(request), "confirm_name")
    # A form sent a second time gets its first answer; another answer is refused by the verb.
    found = queries.name_by_id(pk)
    if found is None or (found.answered_at is not None and request.method != "POST"):
        raise NotFound(_("Somebody has answered this already. Load the list again."))
    return found


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which hospital a name means."""
    question = _question(request, pk)
    form = NameForm(
        request.POST if request.method == "POST" else None,
        hospitals=list(queries.hospitals()),
        likely=question.likely_id,
    )

    def write() -> int:
        hospital = form.hospitals[form.cleaned_data["hospital"]]
        return services.confirm_name(
            hospital=hospital,
            name=question.name,
            city_code=question.city_code,
            by=actor_of(request),
            now=clock.utc_now(),
        ).pk

    back = reverse("hospitals:names")
    response = submit(
        request,
        form,
        scope=f"hospitals.confirm_name/{pk}",
        write=write,
        success_url=back,
        template="hospitals/name.html",
        context={
            "title": _("Which hospital is meant?"),
            "introduction": question.name,
            "button": _("This is the hospital"),
            "back_url": back,
            "question": question,
        },
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("Recorded. The rows that waited for this name are counted now."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a name is no hospital of the city; asked first."""
    question, back = _question(request, pk), reverse("hospitals:names")

    def write(form: IdempotentForm) -> int:
        return services.dismiss_name(question=question, by=actor_of(request), now=clock.utc_now()).pk

    return confirm(
        request,
        title=_("No hospital of this city?"),
        consequence=translated("Rows of “%(name)s” then stay out of the counts, also in later files.")
        % {"name": question.name},
        button=_("It is none of ours"),
        scope=f"hospitals.dismiss_name/{pk}",
        write=write,
        success_url=back,
        back_url=back,
    )
