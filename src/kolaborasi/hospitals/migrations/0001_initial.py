import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import kolaborasi.commitments.states
import kolaborasi.hospitals.states
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
            name="BedPool",
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
                ("staffed", models.PositiveIntegerField(default=0)),
                ("occupied", models.PositiveIntegerField(default=0)),
                ("others", models.PositiveIntegerField(default=0)),
                ("cleaning", models.PositiveIntegerField(default=0)),
                ("preparing", models.PositiveIntegerField(default=0)),
                ("waiting_outside", models.PositiveIntegerField(default=0)),
                ("waiting_inside", models.PositiveIntegerField(default=0)),
                ("free_only", models.BooleanField(default=False)),
                ("age_unknown", models.BooleanField(default=False)),
                (
                    "bed_class",
                    models.CharField(
                        choices=[
                            ("icu-np-vent", "ICU, negative pressure, with ventilator"),
                            ("icu-np", "ICU, negative pressure, without ventilator"),
                            ("icu-vent", "ICU with ventilator"),
                            ("icu", "ICU without ventilator"),
                            ("hcu", "HCU (high care)"),
                            ("isolation-np", "isolation, negative pressure"),
                            ("isolation", "isolation"),
                            ("nicu", "NICU (newborn)"),
                            ("picu", "PICU (children)"),
                            ("perinatology", "perinatology"),
                            ("ed", "emergency department"),
                            ("delivery", "delivery room"),
                            ("dialysis", "dialysis"),
                            ("theatre", "operating theatre"),
                            ("ward-1", "ordinary ward, class I"),
                            ("ward-2", "ordinary ward, class II"),
                            ("ward-3", "ordinary ward, class III"),
                        ],
                        max_length=12,
                    ),
                ),
                ("observed_at", models.DateTimeField(blank=True, null=True)),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("hospital", "the hospital's own page"),
                            ("api", "the hospital's system"),
                            ("siranap", "SIRANAP"),
                            ("file", "a file"),
                            ("coordinator", "by telephone"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("limit__gt", models.F("committed"))),
                        fields=["bed_class"],
                        name="bed_pool_with_beds_left",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "bed_class__in",
                                [
                                    "icu-np-vent",
                                    "icu-np",
                                    "icu-vent",
                                    "icu",
                                    "hcu",
                                    "isolation-np",
                                    "isolation",
                                    "nicu",
                                    "picu",
                                    "perinatology",
                                    "ed",
                                    "delivery",
                                    "dialysis",
                                    "theatre",
                                    "ward-1",
                                    "ward-2",
                                    "ward-3",
                                ],
                            )
                        ),
                        name="bed_pool_class_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("observed_at__isnull", True), ("received_at__isnull", True), ("reported", 0)
                            ),
                            models.Q(("observed_at__isnull", False), ("received_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="bed_pool_has_beds_only_with_a_report",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ambulance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("call_sign", models.CharField(max_length=30)),
                ("retired_date", models.DateField(blank=True, null=True)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ambulances",
                        to="partners.partner",
                    ),
                ),
            ],
            options={
                "ordering": ["call_sign", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("call_sign",), name="ambulance_call_sign_once"),
                    models.CheckConstraint(
                        condition=models.Q(("call_sign", ""), _negated=True), name="ambulance_has_a_call_sign"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BedReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("staffed", models.PositiveIntegerField(default=0)),
                ("occupied", models.PositiveIntegerField(default=0)),
                ("others", models.PositiveIntegerField(default=0)),
                ("cleaning", models.PositiveIntegerField(default=0)),
                ("preparing", models.PositiveIntegerField(default=0)),
                ("waiting_outside", models.PositiveIntegerField(default=0)),
                ("waiting_inside", models.PositiveIntegerField(default=0)),
                ("free_only", models.BooleanField(default=False)),
                ("age_unknown", models.BooleanField(default=False)),
                ("others_estimated", models.BooleanField(default=False)),
                ("observed_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("hospital", "the hospital's own page"),
                            ("api", "the hospital's system"),
                            ("siranap", "SIRANAP"),
                            ("file", "a file"),
                            ("coordinator", "by telephone"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="hospitals.bedpool",
                    ),
                ),
            ],
            options={
                "ordering": ["-observed_at", "-id"],
                "indexes": [models.Index(fields=["pool", "-observed_at"], name="bed_report_newest_first")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "staffed__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("occupied"), "+", models.F("cleaning")
                                ),
                            )
                        ),
                        name="hospitals_bedreport_has_no_more_in_use_than_staffed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("others__lte", models.F("occupied"))),
                        name="hospitals_bedreport_others_are_among_the_occupied",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["hospital", "api", "siranap", "file", "coordinator"])
                        ),
                        name="bed_report_source_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cylinder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("serial", models.CharField(max_length=40)),
                ("litres", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("full", "full"),
                            ("empty", "empty"),
                            ("at-filler", "at the filler"),
                            ("lost", "lost"),
                        ],
                        default=kolaborasi.hospitals.states.CylinderState["FULL"],
                        max_length=9,
                    ),
                ),
                ("state_at", models.DateTimeField()),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_cylinders",
                        to="partners.site",
                    ),
                ),
                (
                    "lot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cylinder", to="stock.lot"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_cylinders",
                        to="partners.site",
                    ),
                ),
            ],
            options={
                "ordering": ["serial"],
                "indexes": [models.Index(fields=["holder", "state"], name="cylinder_by_holder")],
                "constraints": [
                    models.UniqueConstraint(fields=("serial",), name="cylinder_serial_once"),
                    models.CheckConstraint(
                        condition=models.Q(("serial", ""), _negated=True), name="cylinder_has_a_serial"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("litres__gt", 0)), name="cylinder_holds_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["full", "empty", "at-filler", "lost"])),
                        name="cylinder_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hospital",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("registry_code", models.CharField(blank=True, max_length=12, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("general", "general hospital"),
                            ("mother-child", "mother and child hospital"),
                            ("special", "special hospital"),
                        ],
                        default="general",
                        max_length=12,
                    ),
                ),
                (
                    "hospital_class",
                    models.CharField(
                        blank=True,
                        choices=[("A", "A"), ("B", "B"), ("C", "C"), ("D", "D"), ("", "not set")],
                        default="",
                        max_length=1,
                    ),
                ),
                (
                    "ownership",
                    models.CharField(
                        choices=[
                            ("ministry", "ministry of health"),
                            ("province", "province"),
                            ("state", "another state body"),
                            ("forces", "army, navy, air force or police"),
                            ("state-company", "state company"),
                            ("foundation", "foundation or religious organisation"),
                            ("private", "private company or person"),
                        ],
                        max_length=14,
                    ),
                ),
                ("total_beds", models.PositiveIntegerField(blank=True, null=True)),
                ("hotline", models.CharField(blank=True, default="", max_length=40)),
                ("dialysis", models.BooleanField(default=False)),
                ("obstetrics", models.BooleanField(default=False)),
                ("paediatrics", models.BooleanField(default=False)),
                ("ventilator", models.BooleanField(default=False)),
                (
                    "network",
                    models.CharField(
                        choices=[
                            ("outside", "outside the network"),
                            ("joined", "in the network"),
                            ("paused", "paused"),
                            ("left", "has left the network"),
                        ],
                        default=kolaborasi.hospitals.states.NetworkState["OUTSIDE"],
                        max_length=8,
                    ),
                ),
                ("acceptance", models.FloatField(blank=True, null=True)),
                (
                    "site",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hospital",
                        to="partners.site",
                    ),
                ),
            ],
            options={
                "ordering": ["site__name", "id"],
                "indexes": [models.Index(fields=["network"], name="hospital_by_network")],
                "constraints": [
                    models.UniqueConstraint(fields=("registry_code",), name="hospital_registry_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("registry_code__isnull", True),
                            models.Q(("registry_code", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="hospital_registry_code_is_none_or_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hospital_class__in", ["A", "B", "C", "D", ""])),
                        name="hospital_class_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["general", "mother-child", "special"])),
                        name="hospital_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "ownership__in",
                                [
                                    "ministry",
                                    "province",
                                    "state",
                                    "forces",
                                    "state-company",
                                    "foundation",
                                    "private",
                                ],
                            )
                        ),
                        name="hospital_ownership_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("network__in", ["outside", "joined", "paused", "left"])),
                        name="hospital_network_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("acceptance__isnull", True), ("acceptance__range", (0, 1)), _connector="OR"
                        ),
                        name="hospital_acceptance_is_a_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConversionRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "bed_class",
                    models.CharField(
                        choices=[
                            ("icu-np-vent", "ICU, negative pressure, with ventilator"),
                            ("icu-np", "ICU, negative pressure, without ventilator"),
                            ("icu-vent", "ICU with ventilator"),
                            ("icu", "ICU without ventilator"),
                            ("hcu", "HCU (high care)"),
                            ("isolation-np", "isolation, negative pressure"),
                            ("isolation", "isolation"),
                            ("nicu", "NICU (newborn)"),
                            ("picu", "PICU (children)"),
                            ("perinatology", "perinatology"),
                            ("ed", "emergency department"),
                            ("delivery", "delivery room"),
                            ("dialysis", "dialysis"),
                            ("theatre", "operating theatre"),
                            ("ward-1", "ordinary ward, class I"),
                            ("ward-2", "ordinary ward, class II"),
                            ("ward-3", "ordinary ward, class III"),
                        ],
                        max_length=12,
                    ),
                ),
                ("beds", models.PositiveIntegerField()),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "asked"), ("agreed", "agreed"), ("declined", "declined")],
                        default=kolaborasi.hospitals.states.ConversionState["ASKED"],
                        max_length=8,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "hospital",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversion_requests",
                        to="hospitals.hospital",
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "bed_class__in",
                                [
                                    "icu-np-vent",
                                    "icu-np",
                                    "icu-vent",
                                    "icu",
                                    "hcu",
                                    "isolation-np",
                                    "isolation",
                                    "nicu",
                                    "picu",
                                    "perinatology",
                                    "ed",
                                    "delivery",
                                    "dialysis",
                                    "theatre",
                                    "ward-1",
                                    "ward-2",
                                    "ward-3",
                                ],
                            )
                        ),
                        name="conversion_class_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("beds__gt", 0)), name="conversion_asks_for_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", True),
                                ("state", kolaborasi.hospitals.states.ConversionState["ASKED"]),
                            ),
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        kolaborasi.hospitals.states.ConversionState["AGREED"],
                                        kolaborasi.hospitals.states.ConversionState["DECLINED"],
                                    ],
                                ),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="conversion_answered_has_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", kolaborasi.hospitals.states.ConversionState["ASKED"])),
                        fields=("hospital", "bed_class"),
                        name="conversion_asked_once_per_class",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="bedpool",
            name="hospital",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pools", to="hospitals.hospital"
            ),
        ),
        migrations.CreateModel(
            name="AgreedBeds",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "bed_class",
                    models.CharField(
                        choices=[
                            ("icu-np-vent", "ICU, negative pressure, with ventilator"),
                            ("icu-np", "ICU, negative pressure, without ventilator"),
                            ("icu-vent", "ICU with ventilator"),
                            ("icu", "ICU without ventilator"),
                            ("hcu", "HCU (high care)"),
                            ("isolation-np", "isolation, negative pressure"),
                            ("isolation", "isolation"),
                            ("nicu", "NICU (newborn)"),
                            ("picu", "PICU (children)"),
                            ("perinatology", "perinatology"),
                            ("ed", "emergency department"),
                            ("delivery", "delivery room"),
                            ("dialysis", "dialysis"),
                            ("theatre", "operating theatre"),
                            ("ward-1", "ordinary ward, class I"),
                            ("ward-2", "ordinary ward, class II"),
                            ("ward-3", "ordinary ward, class III"),
                        ],
                        max_length=12,
                    ),
                ),
                ("beds", models.PositiveIntegerField()),
                ("starts_date", models.DateField()),
                ("ends_date", models.DateField(blank=True, null=True)),
                (
                    "hospital",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreed_beds",
                        to="hospitals.hospital",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "agreed beds",
                "ordering": ["hospital", "bed_class", "starts_date", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "bed_class__in",
                                [
                                    "icu-np-vent",
                                    "icu-np",
                                    "icu-vent",
                                    "icu",
                                    "hcu",
                                    "isolation-np",
                                    "isolation",
                                    "nicu",
                                    "picu",
                                    "perinatology",
                                    "ed",
                                    "delivery",
                                    "dialysis",
                                    "theatre",
                                    "ward-1",
                                    "ward-2",
                                    "ward-3",
                                ],
                            )
                        ),
                        name="agreed_beds_class_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_date__isnull", True),
                            ("ends_date__gte", models.F("starts_date")),
                            _connector="OR",
                        ),
                        name="agreed_beds_end_after_they_start",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ends_date__isnull", True)),
                        fields=("hospital", "bed_class"),
                        name="agreed_beds_open_once_per_class",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IsolationCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "age_group",
                    models.CharField(
                        choices=[
                            ("neonate", "newborn, below 28 days"),
                            ("infant", "baby, below one year"),
                            ("child", "child, below 18 years"),
                            ("adult", "adult"),
                            ("elder", "60 years or older"),
                        ],
                        max_length=7,
                    ),
                ),
                ("pregnant", models.BooleanField(default=False)),
                ("at_risk", models.BooleanField(default=False)),
                ("started_date", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "isolating at home"),
                            ("referred", "referred to a hospital"),
                            ("recovered", "recovered"),
                            ("died", "died"),
                            ("stopped", "ended otherwise"),
                        ],
                        default=kolaborasi.hospitals.states.IsolationState["OPEN"],
                        max_length=9,
                    ),
                ),
                ("ended_date", models.DateField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "puskesmas",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="isolation_cases",
                        to="partners.site",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["puskesmas", "state"], name="isolation_by_puskesmas")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    kolaborasi.hospitals.states.IsolationState["OPEN"],
                                    kolaborasi.hospitals.states.IsolationState["REFERRED"],
                                ],
                            )
                        ),
                        fields=("person",),
                        name="isolation_one_open_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "referred", "recovered", "died", "stopped"])
                        ),
                        name="isolation_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("age_group__in", ["neonate", "infant", "child", "adult", "elder"])
                        ),
                        name="isolation_age_group_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_date__isnull", True),
                                (
                                    "state__in",
                                    [
                                        kolaborasi.hospitals.states.IsolationState["OPEN"],
                                        kolaborasi.hospitals.states.IsolationState["REFERRED"],
                                    ],
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        [
                                            kolaborasi.hospitals.states.IsolationState["OPEN"],
                                            kolaborasi.hospitals.states.IsolationState["REFERRED"],
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("ended_date__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="isolation_over_has_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_date__isnull", True),
                            ("ended_date__gte", models.F("started_date")),
                            _connector="OR",
                        ),
                        name="isolation_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paused", models.BooleanField(default=False)),
                ("starts_date", models.DateField()),
                ("ends_date", models.DateField(blank=True, null=True)),
                (
                    "hospital",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="network_periods",
                        to="hospitals.hospital",
                    ),
                ),
            ],
            options={
                "ordering": ["hospital", "starts_date", "id"],
                "indexes": [models.Index(fields=["starts_date", "ends_date"], name="network_period_by_date")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_date__isnull", True),
                            ("ends_date__gte", models.F("starts_date")),
                            _connector="OR",
                        ),
                        name="network_period_ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ends_date__isnull", True)),
                        fields=("hospital",),
                        name="network_period_open_once",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("hospital_id"),
                                    models.F("hospital_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=models.DateField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("starts_date"),
                                    models.F("ends_date"),
                                    models.Value("[)"),
                                    function="daterange",
                                    output_field=models.DateField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="network_period_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("puskesmas", "puskesmas"),
                            ("ambulance", "ambulance"),
                            ("hospital", "hospital"),
                            ("hotline", "hotline"),
                            ("isolation", "home isolation follow-up"),
                        ],
                        max_length=10,
                    ),
                ),
                ("on_behalf", models.BooleanField(default=False)),
                ("is_transfer", models.BooleanField(default=False)),
                (
                    "severity",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "mild"), (2, "moderate"), (3, "severe"), (4, "critical")]
                    ),
                ),
                (
                    "severity_reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), default=list, size=None
                    ),
                ),
                (
                    "age_group",
                    models.CharField(
                        choices=[
                            ("neonate", "newborn, below 28 days"),
                            ("infant", "baby, below one year"),
                            ("child", "child, below 18 years"),
                            ("adult", "adult"),
                            ("elder", "60 years or older"),
                        ],
                        max_length=7,
                    ),
                ),
                ("pregnant", models.BooleanField(default=False)),
                (
                    "pcr",
                    models.CharField(
                        choices=[
                            ("not-tested", "not tested"),
                            ("pending", "result pending"),
                            ("positive", "positive"),
                            ("negative", "negative"),
                        ],
                        default="not-tested",
                        max_length=10,
                    ),
                ),
                ("spo2", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("breaths", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("needs_ventilator", models.BooleanField(default=False)),
                ("needs_dialysis", models.BooleanField(default=False)),
                ("needs_obstetric", models.BooleanField(default=False)),
                ("needs_paediatric", models.BooleanField(default=False)),
                ("needs_isolation", models.BooleanField(default=False)),
                ("in_labour", models.BooleanField(default=False)),
                ("requested_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "waiting for a bed"),
                            ("offered", "offered to a hospital"),
                            ("accepted", "accepted, waiting for transport"),
                            ("in-transit", "on the way"),
                            ("admitted", "admitted"),
                            ("discharged", "discharged"),
                            ("died", "died"),
                            ("transferred", "transferred to another hospital"),
                            ("cancelled", "cancelled"),
                        ],
                        default=kolaborasi.hospitals.states.ReferralState["REQUESTED"],
                        max_length=11,
                    ),
                ),
                ("state_at", models.DateTimeField()),
                (
                    "cancel_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("recovered", "no longer needs a bed"),
                            ("elsewhere", "found a bed elsewhere"),
                            ("refused", "patient or family does not want it"),
                            ("duplicate", "was registered twice"),
                            ("unreachable", "cannot be reached"),
                        ],
                        default="",
                        max_length=11,
                    ),
                ),
                (
                    "ask_next",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "from_hospital",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_out",
                        to="hospitals.hospital",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requester",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    kolaborasi.hospitals.states.ReferralState["REQUESTED"],
                                    kolaborasi.hospitals.states.ReferralState["OFFERED"],
                                ],
                            )
                        ),
                        fields=["-severity", "requested_at"],
                        name="referral_waiting_in_order",
                    ),
                    models.Index(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    kolaborasi.hospitals.states.ReferralState["REQUESTED"],
                                    kolaborasi.hospitals.states.ReferralState["OFFERED"],
                                    kolaborasi.hospitals.states.ReferralState["ACCEPTED"],
                                    kolaborasi.hospitals.states.ReferralState["IN_TRANSIT"],
                                ],
                            )
                        ),
                        fields=["state_at"],
                        name="referral_open_by_time",
                    ),
                    models.Index(fields=["patient"], name="referral_by_patient"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("is_transfer", False),
                            (
                                "state__in",
                                [
                                    kolaborasi.hospitals.states.ReferralState["REQUESTED"],
                                    kolaborasi.hospitals.states.ReferralState["OFFERED"],
                                    kolaborasi.hospitals.states.ReferralState["ACCEPTED"],
                                    kolaborasi.hospitals.states.ReferralState["IN_TRANSIT"],
                                    kolaborasi.hospitals.states.ReferralState["ADMITTED"],
                                ],
                            ),
                        ),
                        fields=("patient",),
                        name="referral_one_active_per_patient",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("is_transfer", True),
                            (
                                "state__in",
                                [
                                    kolaborasi.hospitals.states.ReferralState["REQUESTED"],
                                    kolaborasi.hospitals.states.ReferralState["OFFERED"],
                                    kolaborasi.hospitals.states.ReferralState["ACCEPTED"],
                                    kolaborasi.hospitals.states.ReferralState["IN_TRANSIT"],
                                    kolaborasi.hospitals.states.ReferralState["ADMITTED"],
                                ],
                            ),
                        ),
                        fields=("patient",),
                        name="referral_one_transfer_per_patient",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_transfer", False), ("from_hospital__isnull", False), _connector="OR"
                        ),
                        name="referral_transfer_has_a_hospital",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "requested",
                                    "offered",
                                    "accepted",
                                    "in-transit",
                                    "admitted",
                                    "discharged",
                                    "died",
                                    "transferred",
                                    "cancelled",
                                ],
                            )
                        ),
                        name="referral_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", [1, 2, 3, 4])), name="referral_severity_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("age_group__in", ["neonate", "infant", "child", "adult", "elder"])
                        ),
                        name="referral_age_group_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pcr__in", ["not-tested", "pending", "positive", "negative"])),
                        name="referral_pcr_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["puskesmas", "ambulance", "hospital", "hotline", "isolation"])
                        ),
                        name="referral_source_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spo2__isnull", True), ("spo2__range", (30, 100)), _connector="OR"
                        ),
                        name="referral_spo2_is_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("breaths__isnull", True), ("breaths__range", (4, 120)), _connector="OR"
                        ),
                        name="referral_breaths_are_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "cancel_reason__in",
                                    ["recovered", "elsewhere", "refused", "duplicate", "unreachable"],
                                ),
                                ("state", kolaborasi.hospitals.states.ReferralState["CANCELLED"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("state", kolaborasi.hospitals.states.ReferralState["CANCELLED"]),
                                    _negated=True,
                                ),
                                ("cancel_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="referral_cancelled_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Placement",
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
                ("is_transfer", models.BooleanField(default=False)),
                ("grade", models.PositiveSmallIntegerField(default=0)),
                ("minutes", models.FloatField(blank=True, null=True)),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("pending", "waiting for the answer"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("unanswered", "no answer"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default=kolaborasi.hospitals.states.Answer["PENDING"],
                        max_length=10,
                    ),
                ),
                (
                    "decline_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("full", "no bed is free after all"),
                            ("no-staff", "no staff for the bed"),
                            ("no-equipment", "equipment or oxygen is missing"),
                            ("not-fit", "cannot treat this patient"),
                            ("other", "another reason"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("offered_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("departed_at", models.DateTimeField(blank=True, null=True)),
                ("admitted_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="hospitals.bedpool",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="hospitals.referral",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "held")),
                        fields=["held_until"],
                        name="placement_held_until",
                    ),
                    models.Index(fields=["pool", "admitted_at", "ended_at"], name="placement_in_bed"),
                    models.Index(fields=["referral", "offered_at"], name="placement_of_referral"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="hospitals_placement_promises_at_least_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("quantity"))),
                        name="hospitals_placement_delivers_at_most_what_was_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["held", "confirmed", "fulfilled", "released", "expired"])
                        ),
                        name="hospitals_placement_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held"), _negated=True),
                            ("held_until__isnull", False),
                            _connector="OR",
                        ),
                        name="hospitals_placement_held_until_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "fulfilled"), _negated=True),
                            ("delivered__gt", 0),
                            _connector="OR",
                        ),
                        name="hospitals_placement_fulfilled_means_delivered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["confirmed", "fulfilled"]), ("delivered", 0), _connector="OR"
                        ),
                        name="hospitals_placement_delivered_only_when_confirmed",
                    ),
                    models.CheckConstraint(condition=models.Q(("quantity", 1)), name="placement_is_one_bed"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_transfer", False), ("state__in", ["held", "confirmed"])),
                        fields=("patient",),
                        name="placement_one_bed_per_patient",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_transfer", True), ("state__in", ["held", "confirmed"])),
                        fields=("patient",),
                        name="placement_one_transfer_per_patient",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["held", "confirmed"])),
                        fields=("referral",),
                        name="placement_one_bed_per_referral",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answer__in", ["pending", "accepted", "declined", "unanswered", "withdrawn"])
                        ),
                        name="placement_answer_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", kolaborasi.hospitals.states.Answer["DECLINED"]),
                                (
                                    "decline_reason__in",
                                    ["full", "no-staff", "no-equipment", "not-fit", "other"],
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    ("answer", kolaborasi.hospitals.states.Answer["DECLINED"]), _negated=True
                                ),
                                ("decline_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="placement_declined_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", kolaborasi.hospitals.states.Answer["PENDING"]),
                                ("answered_at__isnull", True),
                            ),
                            models.Q(
                                models.Q(
                                    ("answer", kolaborasi.hospitals.states.Answer["PENDING"]), _negated=True
                                ),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="placement_answered_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("admitted_at__isnull", True),
                            ("answer", kolaborasi.hospitals.states.Answer["ACCEPTED"]),
                            _connector="OR",
                        ),
                        name="placement_admitted_was_accepted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state__in", ["held", "confirmed"])),
                            ("state__in", ["fulfilled", "released", "expired"]),
                            _connector="OR",
                        ),
                        name="placement_open_has_not_ended",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("date", models.DateField()),
                ("reached", models.BooleanField(default=True)),
                ("spo2", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("breaths", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("breathless", models.BooleanField(default=False)),
                ("chest_pain", models.BooleanField(default=False)),
                ("confused", models.BooleanField(default=False)),
                ("not_drinking", models.BooleanField(default=False)),
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="hospitals.isolationcase",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hospitals.referral",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["case", "date"], name="follow_up_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spo2__isnull", True), ("spo2__range", (30, 100)), _connector="OR"
                        ),
                        name="follow_up_spo2_is_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("breaths__isnull", True), ("breaths__range", (4, 120)), _connector="OR"
                        ),
                        name="follow_up_breaths_are_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reached", True),
                            models.Q(
                                ("breathless", False),
                                ("breaths__isnull", True),
                                ("chest_pain", False),
                                ("confused", False),
                                ("not_drinking", False),
                                ("spo2__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="follow_up_not_reached_found_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AmbulanceRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "severity",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "mild"), (2, "moderate"), (3, "severe"), (4, "critical")]
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "waiting for an ambulance"),
                            ("dispatched", "ambulance on its way to the patient"),
                            ("picked-up", "patient on board"),
                            ("arrived", "arrived"),
                            ("cancelled", "cancelled"),
                        ],
                        default=kolaborasi.hospitals.states.RideState["REQUESTED"],
                        max_length=10,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("dispatched_at", models.DateTimeField(blank=True, null=True)),
                ("picked_up_at", models.DateTimeField(blank=True, null=True)),
                ("arrived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ambulance",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="hospitals.ambulance",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "hospital",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rides",
                        to="hospitals.hospital",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rides",
                        to="hospitals.referral",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", kolaborasi.hospitals.states.RideState["REQUESTED"])),
                        fields=["-severity", "requested_at"],
                        name="ride_waiting_in_order",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    kolaborasi.hospitals.states.RideState["DISPATCHED"],
                                    kolaborasi.hospitals.states.RideState["PICKED_UP"],
                                ],
                            )
                        ),
                        fields=("ambulance",),
                        name="ride_one_at_a_time_per_ambulance",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    kolaborasi.hospitals.states.RideState["REQUESTED"],
                                    kolaborasi.hospitals.states.RideState["DISPATCHED"],
                                    kolaborasi.hospitals.states.RideState["PICKED_UP"],
                                ],
                            )
                        ),
                        fields=("patient",),
                        name="ride_one_active_per_patient",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["requested", "dispatched", "picked-up", "arrived", "cancelled"])
                        ),
                        name="ride_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", [1, 2, 3, 4])), name="ride_severity_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    [
                                        kolaborasi.hospitals.states.RideState["DISPATCHED"],
                                        kolaborasi.hospitals.states.RideState["PICKED_UP"],
                                        kolaborasi.hospitals.states.RideState["ARRIVED"],
                                    ],
                                ),
                                _negated=True,
                            ),
                            models.Q(("ambulance__isnull", False), ("dispatched_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="ride_dispatched_has_an_ambulance",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefillRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("total", models.PositiveIntegerField()),
                ("each", models.PositiveIntegerField()),
                ("planned_at", models.DateTimeField()),
                (
                    "filler",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
                    ),
                ),
            ],
            options={
                "ordering": ["-date", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("each__gt", 0), ("total__gt", 0)),
                        name="refill_round_carries_at_least_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefillLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quota", models.PositiveIntegerField()),
                ("sent", models.PositiveIntegerField(default=0)),
                ("returned", models.PositiveIntegerField(default=0)),
                (
                    "hospital",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refill_lines",
                        to="hospitals.hospital",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="hospitals.refillround",
                    ),
                ),
            ],
            options={
                "ordering": ["round", "hospital"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "hospital"), name="refill_line_once_per_round_and_hospital"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent__lte", models.F("quota"))),
                        name="refill_line_sends_at_most_its_quota",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("returned__lte", models.F("sent"))),
                        name="refill_line_returns_at_most_what_was_sent",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="bedpool",
            constraint=models.CheckConstraint(
                condition=models.Q(("committed__lte", models.F("limit"))),
                name="hospitals_bedpool_promised_at_most_its_limit",
            ),
        ),
        migrations.AddConstraint(
            model_name="bedpool",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "limit",
                        django.db.models.functions.comparison.Greatest(
                            models.F("reported"), models.F("committed")
                        ),
                    )
                ),
                name="hospitals_bedpool_limit_is_reported_or_promised",
            ),
        ),
        migrations.AddConstraint(
            model_name="bedpool",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "staffed__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("occupied"), "+", models.F("cleaning")
                        ),
                    )
                ),
                name="hospitals_bedpool_has_no_more_in_use_than_staffed",
            ),
        ),
        migrations.AddConstraint(
            model_name="bedpool",
            constraint=models.CheckConstraint(
                condition=models.Q(("others__lte", models.F("occupied"))),
                name="hospitals_bedpool_others_are_among_the_occupied",
            ),
        ),
        migrations.AddConstraint(
            model_name="bedpool",
            constraint=models.UniqueConstraint(
                fields=("hospital", "bed_class"), name="bed_pool_once_per_hospital_and_class"
            ),
        ),
    ]
