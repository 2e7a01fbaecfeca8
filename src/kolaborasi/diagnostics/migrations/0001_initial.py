import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import kolaborasi.commitments.states
import kolaborasi.diagnostics.rules.assays
import kolaborasi.diagnostics.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("partners", "0004_site_kind_puskesmas"),
        ("people", "0002_passport"),
        ("people", "__first__"),
        ("places", "0001_initial"),
        ("stock", "0003_points"),
    ]

    operations = [
        migrations.CreateModel(
            name="AntigenTest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("birth_date", models.DateField()),
                ("sex", models.CharField(choices=[("female", "female"), ("male", "male")], max_length=6)),
                ("brand", models.CharField(max_length=80)),
                ("outcome", models.CharField(max_length=12)),
                ("tested_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
                    ),
                ),
            ],
            options={
                "ordering": ["-tested_at", "-id"],
                "indexes": [models.Index(fields=["tested_at"], name="diagnostics_antigen_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__in",
                                [
                                    kolaborasi.diagnostics.rules.assays.Outcome["POSITIVE"],
                                    kolaborasi.diagnostics.rules.assays.Outcome["NEGATIVE"],
                                    kolaborasi.diagnostics.rules.assays.Outcome["INVALID"],
                                ],
                            )
                        ),
                        name="diagnostics_antigen_outcome_is_known",
                    ),
                    models.UniqueConstraint(
                        fields=("person", "site", "tested_at"), name="diagnostics_antigen_recorded_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("cut_offs", models.JSONField()),
                ("detected_for_positive", models.PositiveSmallIntegerField()),
                ("control", models.CharField(blank=True, default="", max_length=20)),
                ("control_cut_off", models.FloatField(default=0)),
                ("cycles", models.FloatField()),
                ("loinc", models.CharField(max_length=10)),
                ("pooled", models.BooleanField(default=False)),
                ("source", models.TextField()),
                (
                    "kit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.item",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        name="diagnostics_assay_names_its_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("detected_for_positive__gte", 1)),
                        name="diagnostics_assay_needs_a_target",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "seen_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "indexes": [models.Index(fields=["site", "made_at"], name="diagnostics_notice_by_site")],
            },
        ),
        migrations.CreateModel(
            name="Catchment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "place",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="catchments",
                        to="partners.site",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DispatchPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("departs_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "to be decided"),
                            ("approved", "approved"),
                            ("rejected", "not approved"),
                            ("expired", "expired"),
                        ],
                        default=kolaborasi.diagnostics.states.PlanState["PROPOSED"],
                        max_length=10,
                    ),
                ),
                ("waiting", models.PositiveIntegerField()),
                ("planned", models.PositiveIntegerField()),
                ("expected", models.JSONField(default=dict)),
                ("baseline", models.JSONField(default=dict)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
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
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "approved", "rejected", "expired"])),
                        name="diagnostics_plan_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("planned__lte", models.F("waiting"))),
                        name="diagnostics_plan_carries_what_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="diagnostics_plan_expires_after_it_was_made",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "expired"]),
                            ("decided_at__isnull", False),
                            _connector="OR",
                        ),
                        name="diagnostics_plan_decided_has_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lab",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("biosafety", models.PositiveSmallIntegerField()),
                ("mobile", models.BooleanField(default=False)),
                ("preparation_minutes", models.PositiveSmallIntegerField(default=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("registered", "waits to be verified"),
                            ("active", "working"),
                            ("down", "down"),
                            ("closed", "closed"),
                        ],
                        default=kolaborasi.diagnostics.states.LabState["REGISTERED"],
                        max_length=10,
                    ),
                ),
                (
                    "down_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("machine", "machines out of order"),
                            ("reagents", "reagents used up"),
                            ("staff", "not enough staff"),
                            ("contamination", "contamination"),
                            ("power", "power or building"),
                            ("other", "other"),
                        ],
                        max_length=13,
                    ),
                ),
                ("registered_at", models.DateTimeField()),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("state_at", models.DateTimeField()),
                (
                    "site",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lab", to="partners.site"
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["site__name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["registered", "active", "down", "closed"])),
                        name="diagnostics_lab_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("biosafety__gte", 1), ("biosafety__lte", 4)),
                        name="diagnostics_lab_biosafety_is_1_to_4",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["active", "down"]), _negated=True),
                            models.Q(("biosafety__gte", 2), ("verified_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="diagnostics_lab_works_only_verified_and_safe",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "down"), models.Q(("down_reason", ""), _negated=True)),
                            models.Q(models.Q(("state", "down"), _negated=True), ("down_reason", "")),
                            _connector="OR",
                        ),
                        name="diagnostics_lab_down_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consignment",
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
                ("made_at", models.DateTimeField()),
                ("departs_at", models.DateTimeField()),
                ("arrives_at", models.DateTimeField()),
                ("picked_up_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "courier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consignments",
                        to="partners.site",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consignments",
                        to="diagnostics.dispatchplan",
                    ),
                ),
                (
                    "lab",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consignments",
                        to="diagnostics.lab",
                    ),
                ),
            ],
            options={
                "ordering": ["departs_at", "id"],
                "abstract": False,
                "indexes": [
                    models.Index(fields=["origin", "state"], name="diagnostics_consign_by_origin"),
                    models.Index(fields=["lab", "state"], name="diagnostics_consign_by_lab"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="diagnostics_consignment_promises_at_least_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("quantity"))),
                        name="diagnostics_consignment_delivers_at_most_what_was_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["held", "confirmed", "fulfilled", "released", "expired"])
                        ),
                        name="diagnostics_consignment_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held"), _negated=True),
                            ("held_until__isnull", False),
                            _connector="OR",
                        ),
                        name="diagnostics_consignment_held_until_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "fulfilled"), _negated=True),
                            ("delivered__gt", 0),
                            _connector="OR",
                        ),
                        name="diagnostics_consignment_fulfilled_means_delivered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["confirmed", "fulfilled"]), ("delivered", 0), _connector="OR"
                        ),
                        name="diagnostics_consignment_delivered_only_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("arrives_at__gte", models.F("departs_at"))),
                        name="diagnostics_consignment_arrives_after_it_departs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            ("state__in", ["fulfilled", "released", "expired"]),
                            _connector="OR",
                        ),
                        name="diagnostics_consignment_closed_only_when_it_is_over",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LabDay",
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
                ("date", models.DateField()),
                ("derived", models.PositiveIntegerField()),
                ("offered_at", models.DateTimeField()),
                (
                    "lab",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="days", to="diagnostics.lab"
                    ),
                ),
            ],
            options={
                "ordering": ["date", "lab"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("committed__lte", models.F("limit"))),
                        name="diagnostics_labday_promised_at_most_its_limit",
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
                        name="diagnostics_labday_limit_is_reported_or_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("committed"))),
                        name="diagnostics_labday_delivered_at_most_what_is_promised",
                    ),
                    models.UniqueConstraint(fields=("lab", "date"), name="diagnostics_lab_day_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DispatchLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "specimens",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("travel_minutes", models.PositiveIntegerField()),
                ("arrives_at", models.DateTimeField()),
                ("results_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "to be decided"),
                            ("approved", "approved"),
                            ("refused", "refused by the system"),
                            ("dropped", "not carried out"),
                        ],
                        default=kolaborasi.diagnostics.states.LineState["PROPOSED"],
                        max_length=10,
                    ),
                ),
                ("refusal", models.CharField(blank=True, default="", max_length=40)),
                (
                    "consignment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="line",
                        to="diagnostics.consignment",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="diagnostics.dispatchplan",
                    ),
                ),
                (
                    "lab",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="diagnostics.lab"
                    ),
                ),
                (
                    "lab_day",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="diagnostics.labday"
                    ),
                ),
            ],
            options={
                "ordering": ["plan", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="diagnostics_line_carries_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity", models.Func(models.F("specimens"), function="cardinality"))
                        ),
                        name="diagnostics_line_counts_its_specimens",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "approved", "refused", "dropped"])),
                        name="diagnostics_line_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("consignment__isnull", False), ("state", "approved")),
                            models.Q(
                                models.Q(("state", "approved"), _negated=True), ("consignment__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="diagnostics_line_approved_is_a_consignment",
                    ),
                    models.UniqueConstraint(
                        fields=("plan", "origin", "lab_day"), name="diagnostics_line_once_per_way"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="consignment",
            name="lab_day",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consignments",
                to="diagnostics.labday",
            ),
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("barcode", models.CharField(max_length=11)),
                ("issued_at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("barcode",), name="diagnostics_label_barcode_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Machine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("model", models.CharField(max_length=60)),
                ("wells", models.PositiveSmallIntegerField()),
                ("run_minutes", models.PositiveSmallIntegerField()),
                (
                    "targets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("in_service", models.BooleanField(default=True)),
                (
                    "lab",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="machines",
                        to="diagnostics.lab",
                    ),
                ),
            ],
            options={
                "ordering": ["lab", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lab", "name"), name="diagnostics_machine_name_once_per_lab"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wells__gte", 1), ("wells__lte", 384)),
                        name="diagnostics_machine_wells_1_to_384",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("run_minutes__gte", 10), ("run_minutes__lte", 1440)),
                        name="diagnostics_machine_run_is_10_minutes_to_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("birth_date", models.DateField()),
                ("sex", models.CharField(choices=[("female", "female"), ("male", "male")], max_length=6)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("suspect", "suspected case"),
                            ("contact", "close contact"),
                            ("discharge", "before discharge"),
                            ("screening", "screening"),
                            ("travel", "travel"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("urgent", "urgent"), ("high", "high"), ("routine", "routine")],
                        default="routine",
                        max_length=8,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "Email"), ("sms", "Sms"), ("whatsapp", "Whatsapp")],
                        default="email",
                        max_length=10,
                    ),
                ),
                ("language", models.CharField(default="id", max_length=5)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "waits for a swab"),
                            ("collected", "specimen taken"),
                            ("cancelled", "cancelled"),
                        ],
                        default=kolaborasi.diagnostics.states.OrderState["REQUESTED"],
                        max_length=10,
                    ),
                ),
                ("ordered_at", models.DateTimeField()),
                (
                    "confirms",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmation",
                        to="diagnostics.antigentest",
                    ),
                ),
                (
                    "ordered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
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
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="test_orders",
                        to="partners.site",
                    ),
                ),
            ],
            options={
                "ordering": ["-ordered_at", "-id"],
                "indexes": [
                    models.Index(fields=["site", "state", "ordered_at"], name="diagnostics_order_by_site")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["requested", "collected", "cancelled"])),
                        name="diagnostics_order_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["suspect", "contact", "discharge", "screening", "travel"])
                        ),
                        name="diagnostics_order_reason_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", ["urgent", "high", "routine"])),
                        name="diagnostics_order_priority_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["female", "male"])),
                        name="diagnostics_order_sex_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "requested")),
                        fields=("person",),
                        name="diagnostics_order_waits_once_per_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CloseContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=10)),
                ("link_hash", models.CharField(max_length=64)),
                ("listed_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="diagnostics.casenotice",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="as_contact",
                        to="diagnostics.order",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notice", "person"), name="diagnostics_contact_once_per_case"
                    ),
                    models.UniqueConstraint(fields=("link_hash",), name="diagnostics_contact_link_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pool",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("size", models.PositiveSmallIntegerField()),
                ("outcome", models.CharField(blank=True, default="", max_length=12)),
                (
                    "lab",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="diagnostics.lab",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 2)), name="diagnostics_pool_mixes_at_least_two"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("positive", "positive"),
                            ("negative", "negative"),
                            ("inconclusive", "inconclusive"),
                            ("invalid", "invalid"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("plate", "plate of this platform"),
                            ("file", "file"),
                            ("hl7", "HL7 v2"),
                            ("hand", "typed in"),
                        ],
                        max_length=5,
                    ),
                ),
                ("resulted_at", models.DateTimeField()),
                ("entered_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "waits for validation"),
                            ("validated", "validated"),
                            ("superseded", "replaced by a correction"),
                            ("rejected", "not accepted"),
                        ],
                        default=kolaborasi.diagnostics.states.ResultState["PROPOSED"],
                        max_length=10,
                    ),
                ),
                ("validated_at", models.DateTimeField(blank=True, null=True)),
                (
                    "correction_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("mix-up", "specimens were mixed up"),
                            ("typing", "typing mistake"),
                            ("contamination", "contamination"),
                            ("re-read", "curves were read anew"),
                            ("retest", "the specimen was tested again"),
                        ],
                        default="",
                        max_length=13,
                    ),
                ),
                (
                    "assay",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="diagnostics.assay",
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="diagnostics.result",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lab",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="diagnostics.lab",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="diagnostics.pool",
                    ),
                ),
                (
                    "validated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-resulted_at", "-id"],
                "indexes": [
                    models.Index(fields=["lab", "state"], name="diagnostics_result_by_lab"),
                    models.Index(fields=["validated_at"], name="diagnostics_result_by_report"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["positive", "negative", "inconclusive", "invalid"])
                        ),
                        name="diagnostics_result_outcome_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "validated", "superseded", "rejected"])
                        ),
                        name="diagnostics_result_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["validated", "superseded"]), _negated=True),
                            models.Q(("validated_at__isnull", False), ("validated_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="diagnostics_result_validated_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("validated_by__isnull", True),
                            ("entered_by__isnull", True),
                            models.Q(("validated_by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="diagnostics_result_is_seen_by_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["validated", "superseded"]), _negated=True),
                            models.Q(("outcome", "invalid"), _negated=True),
                            _connector="OR",
                        ),
                        name="diagnostics_result_invalid_is_repeated_not_validated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("correction_reason", ""), ("corrects__isnull", True)),
                            models.Q(
                                ("corrects__isnull", False),
                                models.Q(("correction_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="diagnostics_result_corrected_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=20)),
                ("ct", models.FloatField(blank=True, null=True)),
                (
                    "result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cts",
                        to="diagnostics.result",
                    ),
                ),
            ],
            options={
                "ordering": ["result", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("result", "target"), name="diagnostics_ct_once_per_target"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ct__isnull", True), models.Q(("ct__gt", 0), ("ct__lte", 50)), _connector="OR"
                        ),
                        name="diagnostics_ct_is_a_cycle",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="casenotice",
            name="result",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="notice", to="diagnostics.result"
            ),
        ),
        migrations.CreateModel(
            name="ResultLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("link_hash", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("wrong_tries", models.PositiveSmallIntegerField(default=0)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="diagnostics.order",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("link_hash",), name="diagnostics_link_once"),
                    models.CheckConstraint(
                        condition=models.Q(("wrong_tries__lte", 5)), name="diagnostics_link_tries_are_limited"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("sent_at"))),
                        name="diagnostics_link_ends_after_it_was_sent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("plate", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "being prepared"),
                            ("running", "in the machine"),
                            ("read", "read"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default=kolaborasi.diagnostics.states.RunState["PLANNED"],
                        max_length=10,
                    ),
                ),
                ("failure", models.CharField(blank=True, default="", max_length=40)),
                ("prepared_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "assay",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="diagnostics.assay",
                    ),
                ),
                (
                    "kit_lot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "lab",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="diagnostics.lab"
                    ),
                ),
                (
                    "machine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="diagnostics.machine",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-prepared_at", "-id"],
                "indexes": [models.Index(fields=["lab", "state"], name="diagnostics_run_by_lab")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lab", "plate"), name="diagnostics_run_plate_once_per_lab"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("machine",),
                        name="diagnostics_run_one_in_a_machine",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["planned", "running", "read", "failed", "cancelled"])
                        ),
                        name="diagnostics_run_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["running", "read", "failed"]), _negated=True),
                            ("started_at__isnull", False),
                            _connector="OR",
                        ),
                        name="diagnostics_run_started_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("ended_at__gte", models.F("started_at")),
                            _connector="OR",
                        ),
                        name="diagnostics_run_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField()),
                ("starts_minute", models.PositiveSmallIntegerField()),
                ("minutes", models.PositiveSmallIntegerField()),
                ("staffed_machines", models.PositiveSmallIntegerField()),
                (
                    "lab",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shifts",
                        to="diagnostics.lab",
                    ),
                ),
            ],
            options={
                "ordering": ["lab", "weekday", "starts_minute"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lab", "weekday", "starts_minute"), name="diagnostics_shift_begins_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 6)), name="diagnostics_shift_weekday_0_to_6"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("starts_minute__lt", 1440)),
                        name="diagnostics_shift_starts_within_the_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 30), ("minutes__lte", 1440)),
                        name="diagnostics_shift_half_hour_to_a_day",
                    ),
                ],
            },
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
                ("reported", models.PositiveIntegerField()),
                ("limit", models.PositiveIntegerField()),
                ("committed", models.PositiveIntegerField(default=0)),
                ("delivered", models.PositiveIntegerField(default=0)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="test_slots",
                        to="partners.site",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "site"],
                "abstract": False,
                "indexes": [models.Index(fields=["starts_at"], name="diagnostics_slot_by_start")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("committed__lte", models.F("limit"))),
                        name="diagnostics_slot_promised_at_most_its_limit",
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
                        name="diagnostics_slot_limit_is_reported_or_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("committed"))),
                        name="diagnostics_slot_delivered_at_most_what_is_promised",
                    ),
                    models.UniqueConstraint(
                        fields=("site", "starts_at"), name="diagnostics_slot_begins_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="diagnostics_slot_ends_after_it_begins",
                    ),
                ],
            },
        ),
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
                ("booked_at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="diagnostics.order",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="diagnostics.slot",
                    ),
                ),
            ],
            options={
                "ordering": ["slot", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="diagnostics_booking_promises_at_least_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("quantity"))),
                        name="diagnostics_booking_delivers_at_most_what_was_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["held", "confirmed", "fulfilled", "released", "expired"])
                        ),
                        name="diagnostics_booking_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held"), _negated=True),
                            ("held_until__isnull", False),
                            _connector="OR",
                        ),
                        name="diagnostics_booking_held_until_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "fulfilled"), _negated=True),
                            ("delivered__gt", 0),
                            _connector="OR",
                        ),
                        name="diagnostics_booking_fulfilled_means_delivered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["confirmed", "fulfilled"]), ("delivered", 0), _connector="OR"
                        ),
                        name="diagnostics_booking_delivered_only_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity", 1)), name="diagnostics_booking_is_for_one"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["held", "confirmed"])),
                        fields=("order",),
                        name="diagnostics_booking_one_at_a_time_per_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Specimen",
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
                            ("np-swab", "nasopharyngeal swab"),
                            ("op-swab", "oropharyngeal swab"),
                            ("np-op-swab", "nasopharyngeal and oropharyngeal swab"),
                            ("saliva", "saliva"),
                            ("sputum", "sputum"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("urgent", "urgent"), ("high", "high"), ("routine", "routine")], max_length=8
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("collected", "waits for the courier"),
                            ("in-transit", "on the way"),
                            ("received", "at the lab"),
                            ("running", "being read"),
                            ("resulted", "waits for validation"),
                            ("validated", "validated"),
                            ("notified", "person told"),
                            ("discarded", "discarded"),
                        ],
                        default=kolaborasi.diagnostics.states.SpecimenState["COLLECTED"],
                        max_length=10,
                    ),
                ),
                (
                    "discard_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lost", "lost on the way"),
                            ("leaked", "leaked or broken"),
                            ("expired", "waited too long"),
                            ("unsatisfactory", "not enough or unreadable"),
                            ("mixed-up", "label and person do not match"),
                            ("cancelled", "no longer needed"),
                        ],
                        default="",
                        max_length=14,
                    ),
                ),
                ("repeats", models.PositiveSmallIntegerField(default=0)),
                ("collected_at", models.DateTimeField()),
                ("keeps_until", models.DateTimeField()),
                ("late_at", models.DateTimeField()),
                ("picked_up_at", models.DateTimeField(blank=True, null=True)),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                ("run_started_at", models.DateTimeField(blank=True, null=True)),
                ("resulted_at", models.DateTimeField(blank=True, null=True)),
                ("validated_at", models.DateTimeField(blank=True, null=True)),
                ("notified_at", models.DateTimeField(blank=True, null=True)),
                ("disposed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "consignment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="specimens",
                        to="diagnostics.consignment",
                    ),
                ),
                (
                    "lab",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="specimens",
                        to="diagnostics.lab",
                    ),
                ),
                (
                    "label",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="specimen",
                        to="diagnostics.label",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="specimens",
                        to="diagnostics.order",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="specimens",
                        to="partners.site",
                    ),
                ),
            ],
            options={
                "ordering": ["-collected_at", "-id"],
                "indexes": [
                    models.Index(fields=["lab", "state", "collected_at"], name="diagnostics_specimen_by_lab"),
                    models.Index(fields=["site", "state"], name="diagnostics_specimen_by_site"),
                    models.Index(fields=["collected_at"], name="diagnostics_specimen_by_swab"),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ["collected", "in-transit", "received", "running", "resulted"])
                        ),
                        fields=["late_at"],
                        name="diagnostics_specimen_late",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "collected",
                                    "in-transit",
                                    "received",
                                    "running",
                                    "resulted",
                                    "validated",
                                    "notified",
                                    "discarded",
                                ],
                            )
                        ),
                        name="diagnostics_specimen_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "collected"), _negated=True),
                            ("lab__isnull", True),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_waiting_is_at_its_site",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "in-transit"), _negated=True),
                            models.Q(("consignment__isnull", False), ("lab__isnull", True)),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_on_the_way_is_with_a_courier",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["received", "running", "resulted", "validated", "notified"]),
                                _negated=True,
                            ),
                            ("lab__isnull", False),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_being_read_is_in_a_lab",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "discarded"), models.Q(("discard_reason", ""), _negated=True)),
                            models.Q(models.Q(("state", "discarded"), _negated=True), ("discard_reason", "")),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_discarded_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["resulted", "validated", "notified"]), _negated=True),
                            models.Q(("received_at__isnull", False), ("resulted_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_read_was_received",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["validated", "notified"]), _negated=True),
                            ("validated_at__isnull", False),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_validated_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_at__isnull", True),
                            ("received_at__gte", models.F("collected_at")),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_received_after_collected",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("picked_up_at__isnull", True),
                            ("picked_up_at__gte", models.F("collected_at")),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_picked_up_after_collected",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("resulted_at__isnull", True),
                            models.Q(
                                ("received_at__isnull", False), ("resulted_at__gte", models.F("received_at"))
                            ),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_resulted_after_received",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("validated_at__isnull", True),
                            models.Q(
                                ("resulted_at__isnull", False), ("validated_at__gte", models.F("resulted_at"))
                            ),
                            _connector="OR",
                        ),
                        name="diagnostics_specimen_validated_after_resulted",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="result",
            name="specimen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="results", to="diagnostics.specimen"
            ),
        ),
        migrations.CreateModel(
            name="PoolMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="diagnostics.pool",
                    ),
                ),
                (
                    "specimen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="diagnostics.specimen",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("pool", "specimen"), name="diagnostics_pool_member_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SpecimenEvent",
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
                            ("collected", "taken"),
                            ("planned", "assigned to a lab"),
                            ("unplanned", "assignment taken back"),
                            ("picked-up", "picked up"),
                            ("brought-back", "brought back"),
                            ("received", "received by the lab"),
                            ("run-started", "run started"),
                            ("run-aborted", "run stopped"),
                            ("resulted", "result read"),
                            ("repeated", "to be read again"),
                            ("validated", "result validated"),
                            ("notified", "person told"),
                            ("corrected", "result corrected"),
                            ("discarded", "discarded"),
                            ("disposed", "disposed of after its result"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "specimen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="diagnostics.specimen",
                    ),
                ),
            ],
            options={
                "ordering": ["recorded_at", "id"],
                "indexes": [models.Index(fields=["specimen", "kind"], name="diagnostics_event_of_specimen")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "collected",
                                    "planned",
                                    "unplanned",
                                    "picked-up",
                                    "brought-back",
                                    "received",
                                    "run-started",
                                    "run-aborted",
                                    "resulted",
                                    "repeated",
                                    "validated",
                                    "notified",
                                    "corrected",
                                    "discarded",
                                    "disposed",
                                ],
                            )
                        ),
                        name="diagnostics_event_kind_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Well",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.CharField(max_length=3)),
                (
                    "content",
                    models.CharField(
                        choices=[
                            ("specimen", "specimen"),
                            ("pool", "pool"),
                            ("positive", "positive control"),
                            ("negative", "negative control"),
                        ],
                        max_length=8,
                    ),
                ),
                ("readings", models.JSONField(blank=True, null=True)),
                (
                    "pool",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wells",
                        to="diagnostics.pool",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wells",
                        to="diagnostics.run",
                    ),
                ),
                (
                    "specimen",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wells",
                        to="diagnostics.specimen",
                    ),
                ),
            ],
            options={
                "ordering": ["run", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "position"), name="diagnostics_well_holds_one"),
                    models.UniqueConstraint(
                        fields=("run", "specimen"), name="diagnostics_well_specimen_once_per_run"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content", "specimen"), ("pool__isnull", True), ("specimen__isnull", False)
                            ),
                            models.Q(
                                ("content", "pool"), ("pool__isnull", False), ("specimen__isnull", True)
                            ),
                            models.Q(
                                ("content__in", ["positive", "negative"]),
                                ("pool__isnull", True),
                                ("specimen__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="diagnostics_well_holds_what_it_says",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="result",
            name="well",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="results",
                to="diagnostics.well",
            ),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["proposed", "validated"])),
                fields=("specimen",),
                name="diagnostics_result_one_counts_per_specimen",
            ),
        ),
    ]
