import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import kolaborasi.commitments.states
import kolaborasi.vaccination.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("partners", "0003_constraints_on_legal_id_and_reference"),
        ("people", "0002_passport"),
        ("people", "__first__"),
        ("places", "0001_initial"),
        ("stock", "0003_points"),
    ]

    operations = [
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("delivered", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        default=kolaborasi.commitments.states.CommitmentState["HELD"], max_length=10
                    ),
                ),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("booking", "booking"),
                            ("collective", "list of an RT, RW or employer"),
                            ("returning", "due for the next dose"),
                            ("walk-in", "walk-in"),
                        ],
                        max_length=10,
                    ),
                ),
                ("dose_number", models.PositiveSmallIntegerField()),
                ("booked_at", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cancelled", "cancelled by the person"),
                            ("no-show", "did not come"),
                            ("session", "session called off"),
                            ("deferred", "deferred at screening"),
                            ("no-dose", "no dose was there"),
                            ("lapsed", "offer not answered in time"),
                            ("left", "left before the dose"),
                        ],
                        default="",
                        max_length=9,
                    ),
                ),
                ("link_hash", models.CharField(max_length=64, unique=True)),
                (
                    "balance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.balance"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "held")),
                        fields=["held_until"],
                        name="vacc_booking_held_until",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="vaccination_booking_promises_at_least_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("quantity"))),
                        name="vaccination_booking_delivers_at_most_what_was_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["held", "confirmed", "fulfilled", "released", "expired"])
                        ),
                        name="vaccination_booking_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held"), _negated=True),
                            ("held_until__isnull", False),
                            _connector="OR",
                        ),
                        name="vaccination_booking_held_until_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "fulfilled"), _negated=True),
                            ("delivered__gt", 0),
                            _connector="OR",
                        ),
                        name="vaccination_booking_fulfilled_means_delivered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["confirmed", "fulfilled"]), ("delivered", 0), _connector="OR"
                        ),
                        name="vaccination_booking_delivered_only_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity", 1)), name="vaccination_booking_is_of_one_dose"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ["booking", "collective", "returning", "walk-in"])
                        ),
                        name="vaccination_booking_channel_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "released"), _negated=True),
                            models.Q(
                                ("ended_at__isnull", False), models.Q(("end_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="vaccination_booking_taken_back_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="stock.item",
                    ),
                ),
                ("code", models.SlugField(max_length=30, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("manufacturer", models.CharField(max_length=80)),
                ("icd11", models.CharField(max_length=10)),
                ("cvx", models.CharField(max_length=5)),
                ("dose_microlitres", models.PositiveSmallIntegerField()),
                (
                    "storage",
                    models.CharField(
                        choices=[
                            ("2-8", "refrigerated, 2 to 8 °C"),
                            ("-25-15", "frozen, −25 to −15 °C"),
                            ("-90-60", "ultra-cold, −90 to −60 °C"),
                        ],
                        max_length=8,
                    ),
                ),
                ("thawed_days", models.PositiveSmallIntegerField(null=True)),
                ("opened_minutes", models.PositiveSmallIntegerField()),
                ("observation_minutes", models.PositiveSmallIntegerField(default=15)),
                ("source", models.TextField()),
            ],
            options={
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        name="vaccination_product_names_its_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("storage__in", ["2-8", "-25-15", "-90-60"])),
                        name="vaccination_product_storage_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dose_microlitres__gt", 0), ("opened_minutes__gt", 0)),
                        name="vaccination_product_has_a_dose_and_an_open_life",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                ("birth_date", models.DateField()),
                (
                    "sex",
                    models.CharField(
                        blank=True, choices=[("female", "female"), ("male", "male")], max_length=6
                    ),
                ),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("health_worker", "health worker"),
                            ("public_servant", "public servant"),
                            ("elderly", "60 years and older"),
                            ("stage3", "vulnerable and general public"),
                            ("gotong_royong", "Gotong Royong, paid by an employer"),
                            ("youth", "12 to 17 years"),
                            ("child", "6 to 11 years"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "identified_by",
                    models.CharField(
                        choices=[("nik", "NIK"), ("passport", "passport"), ("word", "word of a case worker")],
                        max_length=8,
                    ),
                ),
                ("enrolled_at", models.DateTimeField()),
                (
                    "residence",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "vouched_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["residence"], name="vacc_recipient_by_home")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "group__in",
                                [
                                    "health_worker",
                                    "public_servant",
                                    "elderly",
                                    "stage3",
                                    "gotong_royong",
                                    "youth",
                                    "child",
                                ],
                            )
                        ),
                        name="vaccination_recipient_group_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["", "female", "male"])),
                        name="vaccination_recipient_sex_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("identified_by__in", ["nik", "passport"]), ("vouched_by__isnull", True)
                            ),
                            models.Q(("identified_by", "word"), ("vouched_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="vaccination_recipient_without_papers_is_vouched_for",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dose",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("given_at", models.DateTimeField()),
                ("lot_code", models.CharField(max_length=60)),
                (
                    "route",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("IM-LA", "intramuscular, left arm"),
                            ("IM-RA", "intramuscular, right arm"),
                            ("IM-LT", "intramuscular, thigh"),
                        ],
                        default="",
                        max_length=5,
                    ),
                ),
                ("observe_until", models.DateTimeField(blank=True, null=True)),
                ("observed_at", models.DateTimeField(blank=True, null=True)),
                ("country", models.CharField(default="IDN", max_length=3)),
                (
                    "state",
                    models.CharField(default=kolaborasi.vaccination.states.DoseState["GIVEN"], max_length=16),
                ),
                ("recorded_at", models.DateTimeField()),
                ("entry_key", models.CharField(blank=True, default="", max_length=80)),
                (
                    "booking",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="doses",
                        to="vaccination.booking",
                    ),
                ),
                (
                    "movement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.movement",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="vaccination.dose",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.site",
                    ),
                ),
                (
                    "vaccinator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vaccination.product",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="doses",
                        to="vaccination.recipient",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["given_at"], name="vacc_dose_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["given", "entered-in-error"])),
                        name="vaccination_dose_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gt", 0)), name="vaccination_dose_number_from_1"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "given")),
                        fields=("recipient", "number"),
                        name="vaccination_dose_number_once_per_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "given")),
                        fields=("movement",),
                        name="vaccination_dose_is_one_per_movement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("observed_at__isnull", True),
                            ("observed_at__gte", models.F("given_at")),
                            _connector="OR",
                        ),
                        name="vaccination_dose_observed_after_it_was_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("wrong-identity", "NIK, name or birth date is wrong"),
                            ("missing-dose", "a dose is missing"),
                            ("misattributed-dose", "a dose of somebody else"),
                        ],
                        max_length=18,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("due_date", models.DateField()),
                (
                    "state",
                    models.CharField(
                        default=kolaborasi.vaccination.states.CorrectionState["OPEN"], max_length=8
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reference", models.CharField(blank=True, default="", max_length=60)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "dose",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="vaccination.dose",
                    ),
                ),
                (
                    "resulting_dose",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vaccination.dose",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="vaccination.recipient",
                    ),
                ),
                (
                    "right_recipient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vaccination.recipient",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "due_date"], name="vacc_fix_by_due_date")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["wrong-identity", "missing-dose", "misattributed-dose"])
                        ),
                        name="vaccination_correction_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "open")),
                            models.Q(("decided_at__isnull", False), ("state__in", ["resolved", "rejected"])),
                            _connector="OR",
                        ),
                        name="vaccination_correction_decided_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "misattributed-dose"), _negated=True),
                            ("dose__isnull", False),
                            _connector="OR",
                        ),
                        name="vaccination_correction_of_a_dose_names_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dose__isnull", False), ("recipient__isnull", False), _connector="OR"
                        ),
                        name="vaccination_correction_is_about_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rid", models.CharField(max_length=24)),
                ("kid", models.CharField(max_length=43)),
                ("doses", models.PositiveSmallIntegerField()),
                ("issued_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "revoke_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("corrected", "the record was corrected"),
                            ("replaced", "replaced by a newer one"),
                            ("fraud", "obtained by fraud"),
                            ("key", "its key is no longer trusted"),
                        ],
                        default="",
                        max_length=9,
                    ),
                ),
                (
                    "last_dose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vaccination.dose"
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="vaccination.recipient",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("revoked_at__isnull", False)),
                        fields=["kid"],
                        name="vacc_certificate_revoked",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("rid",), name="vaccination_certificate_rid_once"),
                    models.CheckConstraint(
                        condition=models.Q(("rid__regex", "^[A-Za-z0-9_-]{1,24}$")),
                        name="vaccination_certificate_rid_is_base64url",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoke_reason", ""), ("revoked_at__isnull", True)),
                            models.Q(
                                ("revoked_at__isnull", False), models.Q(("revoke_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="vaccination_certificate_revoked_with_a_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("recipient",),
                        name="vaccination_certificate_is_one_valid_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("doses__gt", 0)),
                        name="vaccination_certificate_shows_at_least_one_dose",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="booking",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="vaccination.recipient",
            ),
        ),
        migrations.CreateModel(
            name="ScheduleRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("booster", models.BooleanField(default=False)),
                ("min_days", models.PositiveSmallIntegerField(default=0)),
                ("max_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("min_age", models.PositiveSmallIntegerField()),
                ("starts_date", models.DateField()),
                ("ends_date", models.DateField(blank=True, null=True)),
                ("source", models.TextField()),
                (
                    "previous",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vaccination.product",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="vaccination.product",
                    ),
                ),
            ],
            options={
                "ordering": ["product", "number", "previous", "starts_date"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        name="vaccination_rule_names_its_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", 1), ("previous__isnull", True)),
                            models.Q(("number__gt", 1), ("previous__isnull", False)),
                            _connector="OR",
                        ),
                        name="vaccination_rule_of_a_later_dose_names_the_one_before",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_days__isnull", True),
                            ("max_days__gte", models.F("min_days")),
                            _connector="OR",
                        ),
                        name="vaccination_rule_interval_is_a_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_date__isnull", True),
                            ("ends_date__gt", models.F("starts_date")),
                            _connector="OR",
                        ),
                        name="vaccination_rule_ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        fields=("product", "number", "previous", "starts_date"),
                        name="vaccination_rule_is_one_per_step_and_start",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fixed", "fixed site"),
                            ("mobile", "vehicle, half a day at a stop"),
                            ("mass", "mass event"),
                            ("workplace", "workplace"),
                            ("community", "list of an RT or RW"),
                            ("home", "home visits"),
                        ],
                        max_length=10,
                    ),
                ),
                ("date", models.DateField()),
                ("vaccinators", models.PositiveSmallIntegerField()),
                ("minutes_per_dose", models.PositiveSmallIntegerField(default=5)),
                (
                    "state",
                    models.CharField(
                        default=kolaborasi.vaccination.states.SessionState["PLANNED"], max_length=9
                    ),
                ),
                ("planned_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "location",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="session",
                        to="stock.location",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="vaccination.product",
                    ),
                ),
                (
                    "registrar",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
                (
                    "residents_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
                    ),
                ),
                (
                    "sponsor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
                (
                    "stock_owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "vaccinator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
            options={
                "ordering": ["date", "id"],
                "indexes": [
                    models.Index(fields=["state", "date"], name="vacc_session_by_state"),
                    models.Index(fields=["site", "date"], name="vacc_session_by_site"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["fixed", "mobile", "mass", "workplace", "community", "home"])
                        ),
                        name="vaccination_session_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["planned", "open", "closed", "cancelled"])),
                        name="vaccination_session_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes_per_dose__gt", 0), ("vaccinators__gt", 0)),
                        name="vaccination_session_has_vaccinators",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opened_at__isnull", True), ("state", "planned")),
                            ("state", "cancelled"),
                            ("opened_at__isnull", False),
                            _connector="OR",
                        ),
                        name="vaccination_session_open_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state__in", ["planned", "open"])),
                            models.Q(("ended_at__isnull", False), ("state__in", ["closed", "cancelled"])),
                            _connector="OR",
                        ),
                        name="vaccination_session_over_has_a_time",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="dose",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="doses",
                to="vaccination.session",
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="bookings", to="vaccination.session"
            ),
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="vaccination.session",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="vaccination_slot_ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        fields=("session", "starts_at"), name="vaccination_slot_is_one_per_start"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SlotQuota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reported", models.PositiveIntegerField()),
                ("limit", models.PositiveIntegerField()),
                ("committed", models.PositiveIntegerField(default=0)),
                ("delivered", models.PositiveIntegerField(default=0)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("booking", "booking"),
                            ("collective", "list of an RT, RW or employer"),
                            ("returning", "due for the next dose"),
                            ("walk-in", "walk-in"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotas",
                        to="vaccination.slot",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("committed__lte", models.F("limit"))),
                        name="vaccination_slotquota_promised_at_most_its_limit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "limit",
                                django.db.models.functions.comparison.Greatest(
                                    models.F("reported"), models.F("committed")
                                ),
                            )
                        ),
                        name="vaccination_slotquota_limit_is_reported_or_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("committed"))),
                        name="vaccination_slotquota_delivered_at_most_what_is_promised",
                    ),
                    models.UniqueConstraint(
                        fields=("slot", "channel"), name="vaccination_quota_is_one_per_channel"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ["booking", "collective", "returning", "walk-in"])
                        ),
                        name="vaccination_quota_channel_is_known",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="booking",
            name="quota",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="vaccination.slotquota",
            ),
        ),
        migrations.CreateModel(
            name="SupplyPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_date", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("proposed_at", models.DateTimeField()),
                ("effect", models.JSONField(default=dict)),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.location"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__range", (1, 60))), name="vaccination_plan_spans_days"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VaccineLot",
            fields=[
                (
                    "lot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="vaccine",
                        serialize=False,
                        to="stock.lot",
                    ),
                ),
                ("doses_per_vial", models.PositiveSmallIntegerField()),
                ("thawed_until_date", models.DateField(blank=True, null=True)),
                ("vvm_stage", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        default=kolaborasi.vaccination.states.LotState["RELEASED"], max_length=8
                    ),
                ),
                (
                    "recall_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("quality", "quality defect"),
                            ("safety", "safety signal"),
                            ("cold-chain", "cold chain broken before arrival"),
                            ("documents", "release papers withdrawn"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("recalled_at", models.DateTimeField(blank=True, null=True)),
                ("registered_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="vaccination.product",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("doses_per_vial__range", (1, 20))),
                        name="vaccination_lot_vial_holds_doses",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("vvm_stage__isnull", True), ("vvm_stage__range", (1, 4)), _connector="OR"
                        ),
                        name="vaccination_lot_vvm_stage_is_1_to_4",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("recall_reason", ""), ("recalled_at__isnull", True), ("state", "released")
                            ),
                            models.Q(
                                ("recalled_at__isnull", False),
                                ("state", "recalled"),
                                models.Q(("recall_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="vaccination_lot_recalled_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupplyLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("arrives_date", models.DateField()),
                ("doses", models.PositiveIntegerField()),
                ("reasons", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        default=kolaborasi.vaccination.states.LineState["PROPOSED"], max_length=8
                    ),
                ),
                ("refusal", models.CharField(blank=True, default="", max_length=40)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "shipment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.shipment",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.location"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="vaccination.supplyplan",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vaccination.vaccinelot",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("doses__gt", 0)), name="vaccination_line_sends_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "approved", "rejected", "refused"])),
                        name="vaccination_line_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("shipment__isnull", False), ("state", "approved")),
                            models.Q(
                                models.Q(("state", "approved"), _negated=True), ("shipment__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="vaccination_line_approved_means_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "refused"), ("refusal", ""), _connector="OR"),
                        name="vaccination_line_refused_with_a_reason",
                    ),
                    models.UniqueConstraint(
                        fields=("plan", "lot", "target", "arrives_date"),
                        name="vaccination_line_is_one_per_move",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StorageReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("tenths_celsius", models.SmallIntegerField()),
                ("vvm_stage", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("excursion", models.BooleanField()),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.location"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="vaccination.vaccinelot",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["location", "at"], name="vacc_reading_by_place")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lot", "location", "at"), name="vaccination_reading_is_one_per_moment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("vvm_stage__isnull", True), ("vvm_stage__range", (1, 4)), _connector="OR"
                        ),
                        name="vaccination_reading_vvm_stage_is_1_to_4",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("counted_at", models.DateTimeField()),
                ("expected", models.PositiveIntegerField()),
                ("counted", models.PositiveIntegerField()),
                (
                    "explanation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unrecorded-dose", "doses given and not recorded"),
                            ("unrecorded-loss", "losses not recorded"),
                            ("unrecorded-move", "doses moved and not recorded"),
                            ("earlier-count", "an earlier count was wrong"),
                            ("vial-size", "more or fewer doses in the vials than printed"),
                            ("unknown", "not known yet"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.location"
                    ),
                ),
                (
                    "movement",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.movement",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counts",
                        to="vaccination.vaccinelot",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("counted", models.F("expected")), ("movement__isnull", True)),
                            models.Q(
                                models.Q(("counted", models.F("expected")), _negated=True),
                                models.Q(("explanation", ""), _negated=True),
                                ("movement__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="vaccination_count_explains_its_difference",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Quarantine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("excursion", "temperature outside its range"),
                            ("vvm", "vial monitor past its discard point"),
                            ("inspection", "under inspection"),
                        ],
                        max_length=10,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("fit", models.BooleanField(blank=True, null=True)),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.location"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quarantines",
                        to="vaccination.vaccinelot",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("lot", "location"),
                        name="vaccination_quarantine_is_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("fit__isnull", True)),
                            models.Q(("closed_at__isnull", False), ("fit__isnull", False)),
                            _connector="OR",
                        ),
                        name="vaccination_quarantine_closes_with_a_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["excursion", "vvm", "inspection"])),
                        name="vaccination_quarantine_reason_is_known",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="dose",
            name="lot",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="doses",
                to="vaccination.vaccinelot",
            ),
        ),
        migrations.CreateModel(
            name="Vial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("discard_at", models.DateTimeField()),
                ("doses", models.PositiveSmallIntegerField()),
                ("given", models.PositiveSmallIntegerField(default=0)),
                ("wasted", models.PositiveSmallIntegerField(default=0)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vials",
                        to="vaccination.vaccinelot",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vials",
                        to="vaccination.session",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "doses__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("given"), "+", models.F("wasted")
                                ),
                            )
                        ),
                        name="vaccination_vial_gives_at_most_what_it_holds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("discard_at__gt", models.F("opened_at"))),
                        name="vaccination_vial_has_a_clock",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            (
                                "doses",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("given"), "+", models.F("wasted")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="vaccination_vial_closes_when_every_dose_is_accounted_for",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="dose",
            name="vial",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="vaccination.vial",
            ),
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("booking", "booking"),
                            ("collective", "list of an RT, RW or employer"),
                            ("returning", "due for the next dose"),
                            ("walk-in", "walk-in"),
                        ],
                        max_length=10,
                    ),
                ),
                ("arrived_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("called_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        default=kolaborasi.vaccination.states.VisitState["WAITING"], max_length=8
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visit",
                        to="vaccination.booking",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="vaccination.recipient",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="vaccination.session",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("session", "number"), name="vaccination_visit_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "left"), _negated=True),
                        fields=("session", "recipient"),
                        name="vaccination_visit_is_one_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "called", "screened", "done", "left"])),
                        name="vaccination_visit_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lane__in", ["booking", "collective", "returning", "walk-in"])),
                        name="vaccination_visit_lane_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("called_at__isnull", True),
                            ("called_at__gte", models.F("arrived_at")),
                            _connector="OR",
                        ),
                        name="vaccination_visit_called_after_arrival",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Screening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("answers", models.JSONField()),
                ("outcome", models.CharField(max_length=5)),
                ("observation_minutes", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="screening",
                        to="vaccination.visit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["fit", "defer", "unfit"])),
                        name="vaccination_screening_outcome_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingWish",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("joined_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        default=kolaborasi.vaccination.states.WaitingState["WAITING"], max_length=7
                    ),
                ),
                ("offers", models.PositiveSmallIntegerField(default=0)),
                (
                    "booking",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vaccination.booking",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vaccination.product",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wishes",
                        to="vaccination.recipient",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "waiting wishes",
                "ordering": ["joined_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["joined_at"],
                        name="vacc_wish_in_order",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "offered", "booked", "left"])),
                        name="vaccination_wish_state_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "offered"])),
                        fields=("recipient",),
                        name="vaccination_wish_is_one_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["offered", "booked"]), _negated=True),
                            ("booking__isnull", False),
                            _connector="OR",
                        ),
                        name="vaccination_wish_offered_has_a_booking",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Wastage",
            fields=[
                (
                    "movement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="stock.movement",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("expired", "expired"),
                            ("cold-chain", "too warm or too cold"),
                            ("vvm", "vial monitor past its discard point"),
                            ("broken", "broken"),
                            ("open-vial", "left in an opened vial"),
                            ("drawn", "drawn up and not given"),
                            ("recalled", "recalled lot destroyed"),
                            ("lost", "lost or stolen"),
                        ],
                        max_length=10,
                    ),
                ),
                ("doses", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="stock.location"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wastages",
                        to="vaccination.vaccinelot",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vaccination.session",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "wastages",
                "indexes": [models.Index(fields=["at"], name="vacc_wastage_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("doses__gt", 0)), name="vaccination_wastage_loses_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "expired",
                                    "cold-chain",
                                    "vvm",
                                    "broken",
                                    "open-vial",
                                    "drawn",
                                    "recalled",
                                    "lost",
                                ],
                            )
                        ),
                        name="vaccination_wastage_reason_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdverseEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("local", "severe local reaction"),
                            ("fever", "fever of 38 °C or more"),
                            ("fainting", "fainting"),
                            ("allergy", "allergic reaction"),
                            ("anaphylaxis", "anaphylaxis"),
                            ("seizure", "seizure"),
                            ("clotting", "thrombosis with low platelets"),
                            ("other", "other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("onset_at", models.DateTimeField()),
                ("serious", models.BooleanField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("unknown", "not known yet"),
                            ("recovering", "recovering"),
                            ("recovered", "recovered"),
                            ("sequelae", "recovered with lasting effects"),
                            ("died", "died"),
                        ],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        default=kolaborasi.vaccination.states.AdverseState["REPORTED"], max_length=8
                    ),
                ),
                ("reported_at", models.DateTimeField()),
                ("due_date", models.DateField()),
                ("followed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adverse_events",
                        to="vaccination.dose",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "due_date"], name="vacc_aefi_by_due_date")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "local",
                                    "fever",
                                    "fainting",
                                    "allergy",
                                    "anaphylaxis",
                                    "seizure",
                                    "clotting",
                                    "other",
                                ],
                            )
                        ),
                        name="vaccination_aefi_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["unknown", "recovering", "recovered", "sequelae", "died"])
                        ),
                        name="vaccination_aefi_outcome_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["reported", "followed", "closed"])),
                        name="vaccination_aefi_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "closed"), _negated=True),
                            models.Q(("outcome", "unknown"), _negated=True),
                            _connector="OR",
                        ),
                        name="vaccination_aefi_closes_with_an_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("serious", True),
                            models.Q(("kind", "anaphylaxis"), _negated=True),
                            _connector="OR",
                        ),
                        name="vaccination_aefi_anaphylaxis_is_serious",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["session", "state"], name="vacc_booking_by_session"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["quota"], name="vacc_booking_by_quota"),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["held", "confirmed"])),
                fields=("recipient",),
                name="vaccination_one_next_dose_per_person",
            ),
        ),
        migrations.AddIndex(
            model_name="dose",
            index=models.Index(fields=["session"], name="vacc_dose_by_session"),
        ),
        migrations.AddConstraint(
            model_name="dose",
            constraint=models.CheckConstraint(
                condition=models.Q(("lot_code", ""), _negated=True), name="vaccination_dose_names_its_lot"
            ),
        ),
        migrations.AddConstraint(
            model_name="dose",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lot__isnull", True), ("movement__isnull", True), ("session__isnull", True)),
                    models.Q(
                        ("lot__isnull", False),
                        ("movement__isnull", False),
                        ("session__isnull", False),
                        ("site__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="vaccination_dose_given_here_moved_stock",
            ),
        ),
        migrations.AddConstraint(
            model_name="dose",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entry_key", ""), _negated=True),
                fields=("session", "entry_key"),
                name="vaccination_dose_entry_once_per_session",
            ),
        ),
    ]
