"""What a caller may see: referrals at whose end they are, offers they may answer, hospitals they work at."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound
from kolaborasi.hospitals import queries
from kolaborasi.hospitals.models import Hospital, Placement, Referral
from kolaborasi.hospitals.permissions import TABLE


class ReferralUnknown(NotFound):
    """There is no such referral, or the caller is at neither end of it."""

    code = "referral-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such referral among those you may see."))


class OfferUnknown(NotFound):
    """There is no such offer, or it is not the caller's to answer."""

    code = "offer-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such offer among those you may answer."))


class HospitalUnknown(NotFound):
    """There is no such hospital."""

    code = "hospital-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such hospital. Look for it in the list of the network."))


class PatientUnknown(NotFound):
    """There is no such person."""

    code = "patient-unknown"

    def __init__(self) -> None:
        super().__init__(
            _("No person has this id. Send the identity instead, then the person is registered.")
        )


class RequesterNotYours(NotFound):
    """The caller works at no site with this number."""

    code = "requester-not-yours"

    def __init__(self) -> None:
        super().__init__(
            _("You work at no site with this number that asks for beds. Choose one of your own.")
        )


def hospital_of(pk: int) -> Hospital:
    """A hospital.

    Raises:
        HospitalUnknown: there is none.
    """
    found = queries.hospital_by_id(pk)
    if found is None:
        raise HospitalUnknown
    return found


def seen(pk: int, actor: Actor) -> Referral:
    """A referral the caller is at an end of.

    Raises:
        ReferralUnknown: there is none, or it is somebody else's, which is not told apart.
    """
    found = queries.referral_by_id(pk)
    if found is None or not queries.may_see(found, actor):
        raise ReferralUnknown
    return found


def answerable(pk: int, actor: Actor) -> Placement:
    """An offer the caller may answer.

    Raises:
        OfferUnknown: there is none, or it is somebody else's, which is not told apart.
    """
    found = queries.placement_by_id(pk)
    if found is None:
        raise OfferUnknown
    site = found.pool.hospital.site
    own = TABLE.allows(actor, "accept", place_code=site.place.code, partner_id=site.partner_id)
    if not own and not TABLE.allows(actor, "accept", place_code=found.referral.place.code):
        raise OfferUnknown
    return found
