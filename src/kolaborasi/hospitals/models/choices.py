"""Choices that several tables share, with their names for people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.rules import AgeGroup, Severity


class BedClassChoice(models.TextChoices):
    """Bed classes with their names for people."""

    ICU_NP_VENT = BedClass.ICU_NP_VENT, _("ICU, negative pressure, with ventilator")
    ICU_NP = BedClass.ICU_NP, _("ICU, negative pressure, without ventilator")
    ICU_VENT = BedClass.ICU_VENT, _("ICU with ventilator")
    ICU = BedClass.ICU, _("ICU without ventilator")
    HCU = BedClass.HCU, _("HCU (high care)")
    ISOLATION_NP = BedClass.ISOLATION_NP, _("isolation, negative pressure")
    ISOLATION = BedClass.ISOLATION, _("isolation")
    NICU = BedClass.NICU, _("NICU (newborn)")
    PICU = BedClass.PICU, _("PICU (children)")
    PERINATOLOGY = BedClass.PERINATOLOGY, _("perinatology")
    ED = BedClass.ED, _("emergency department")
    DELIVERY = BedClass.DELIVERY, _("delivery room")
    DIALYSIS = BedClass.DIALYSIS, _("dialysis")
    THEATRE = BedClass.THEATRE, _("operating theatre")
    WARD_1 = BedClass.WARD_1, _("ordinary ward, class I")
    WARD_2 = BedClass.WARD_2, _("ordinary ward, class II")
    WARD_3 = BedClass.WARD_3, _("ordinary ward, class III")


class SeverityChoice(models.IntegerChoices):
    """Severities with their names for people."""

    MILD = int(Severity.MILD), _("mild")
    MODERATE = int(Severity.MODERATE), _("moderate")
    SEVERE = int(Severity.SEVERE), _("severe")
    CRITICAL = int(Severity.CRITICAL), _("critical")


class AgeGroupChoice(models.TextChoices):
    """Age groups with their names for people."""

    NEONATE = AgeGroup.NEONATE, _("newborn, below 28 days")
    INFANT = AgeGroup.INFANT, _("baby, below one year")
    CHILD = AgeGroup.CHILD, _("child, below 18 years")
    ADULT = AgeGroup.ADULT, _("adult")
    ELDER = AgeGroup.ELDER, _("60 years or older")


class PcrState(models.TextChoices):
    """What is known of a PCR test; never a gate."""

    NOT_TESTED = "not-tested", _("not tested")
    PENDING = "pending", _("result pending")
    POSITIVE = "positive", _("positive")
    NEGATIVE = "negative", _("negative")


class ReferralSource(models.TextChoices):
    """Who asks for a bed."""

    PUSKESMAS = "puskesmas", _("puskesmas")
    AMBULANCE = "ambulance", _("ambulance")
    HOSPITAL = "hospital", _("hospital")
    HOTLINE = "hotline", _("hotline")
    ISOLATION = "isolation", _("home isolation follow-up")
