import django.contrib.postgres.constraints
import django.db.models.deletion
import kolaborasi.partners.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "__first__"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=160)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("government", "government body"),
                            ("campus", "campus"),
                            ("research", "research centre"),
                            ("company", "private company"),
                            ("hospital", "hospital"),
                            ("clinic", "clinic"),
                            ("lab", "laboratory"),
                            ("aggregator", "aggregator"),
                            ("community", "community"),
                            ("social", "social institution"),
                            ("warehouse", "warehouse operator"),
                            ("other", "other organisation"),
                        ],
                        max_length=12,
                    ),
                ),
                ("legal_id", models.CharField(blank=True, default="", max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applied", "applied"),
                            ("active", "active"),
                            ("paused", "paused"),
                            ("frozen", "frozen"),
                            ("left", "has left"),
                        ],
                        default=kolaborasi.partners.states.PartnerState["APPLIED"],
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("own-wish", "at its own wish"),
                            ("licence-expired", "licence has expired"),
                            ("licence-revoked", "licence was revoked"),
                            ("not-delivered", "promises were not delivered"),
                            ("complaint", "complaint under review"),
                            ("safety", "safety of goods or people"),
                            ("documents", "documents are missing or wrong"),
                            ("resolved", "the cause is resolved"),
                            ("other", "other, see the reference"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("reference", models.CharField(blank=True, default="", max_length=60)),
                ("applied_at", models.DateTimeField()),
                ("activated_at", models.DateTimeField(null=True)),
                ("state_at", models.DateTimeField()),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partners",
                        to="places.place",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "indexes": [models.Index(fields=["state", "kind"], name="partner_by_state_and_kind")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="partner_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "government",
                                    "campus",
                                    "research",
                                    "company",
                                    "hospital",
                                    "clinic",
                                    "lab",
                                    "aggregator",
                                    "community",
                                    "social",
                                    "warehouse",
                                    "other",
                                ],
                            )
                        ),
                        name="partner_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["applied", "active", "paused", "frozen", "left"])),
                        name="partner_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "",
                                    "own-wish",
                                    "licence-expired",
                                    "licence-revoked",
                                    "not-delivered",
                                    "complaint",
                                    "safety",
                                    "documents",
                                    "resolved",
                                    "other",
                                ],
                            )
                        ),
                        name="partner_reason_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", kolaborasi.partners.states.PartnerState["FROZEN"]), _negated=True
                            ),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="partner_frozen_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    kolaborasi.partners.states.PartnerState["APPLIED"],
                                    kolaborasi.partners.states.PartnerState["LEFT"],
                                ],
                            ),
                            ("activated_at__isnull", False),
                            _connector="OR",
                        ),
                        name="partner_at_work_was_activated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state_at__gte", models.F("applied_at"))),
                        name="partner_state_after_applied",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("legal_id", ""), _negated=True),
                        fields=("legal_id",),
                        name="partner_legal_id_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("coordinator", "coordinator"),
                            ("verifier", "verifier"),
                            ("auditor", "auditor"),
                            ("rw_head", "head of an RW"),
                            ("partner_admin", "partner administrator"),
                            ("partner_member", "partner member"),
                            ("courier", "courier"),
                        ],
                        max_length=16,
                    ),
                ),
                ("starts_date", models.DateField()),
                ("ends_date", models.DateField(blank=True, null=True)),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="places.place",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="partners.partner",
                    ),
                ),
            ],
            options={
                "ordering": ["partner", "role", "id"],
                "indexes": [models.Index(fields=["user", "starts_date"], name="membership_by_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "coordinator",
                                    "verifier",
                                    "auditor",
                                    "rw_head",
                                    "partner_admin",
                                    "partner_member",
                                    "courier",
                                ],
                            )
                        ),
                        name="membership_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_date__isnull", True),
                            ("ends_date__gte", models.F("starts_date")),
                            _connector="OR",
                        ),
                        name="membership_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", kolaborasi.partners.states.RoleName["RW_HEAD"]), _negated=True),
                            ("place__isnull", False),
                            _connector="OR",
                        ),
                        name="membership_rw_head_has_a_place",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ends_date__isnull", True)),
                        fields=("user", "partner", "role", "place"),
                        name="membership_open_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
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
                            ("collaboration", "collaboration agreement"),
                            ("fundraising", "fundraising licence"),
                            ("data", "data sharing agreement"),
                        ],
                        max_length=14,
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                ("number", models.CharField(blank=True, default="", max_length=80)),
                ("starts_date", models.DateField()),
                ("ends_date", models.DateField()),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="partners.partner",
                    ),
                ),
            ],
            options={
                "ordering": ["partner", "kind", "version"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["collaboration", "fundraising", "data"])),
                        name="agreement_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_date__gt", models.F("starts_date"))),
                        name="agreement_ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        fields=("partner", "kind", "version"), name="agreement_version_once"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("kind", "collaboration")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("partner_id"),
                                    models.F("partner_id"),
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
                        name="agreement_one_collaboration_at_a_time",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("kind", "fundraising")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("partner_id"),
                                    models.F("partner_id"),
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
                        name="agreement_one_fundraising_at_a_time",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("kind", "data")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("partner_id"),
                                    models.F("partner_id"),
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
                        name="agreement_one_data_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Site",
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
                            ("lab", "laboratory"),
                            ("hospital", "hospital"),
                            ("vaccination", "vaccination site"),
                            ("warehouse", "warehouse"),
                            ("collection", "collection point"),
                            ("orphanage", "orphanage"),
                            ("elderly-home", "home for the elderly"),
                            ("disability-home", "home for people with a disability"),
                            ("pesantren", "pesantren"),
                            ("other", "other site"),
                        ],
                        max_length=16,
                    ),
                ),
                ("name", models.CharField(max_length=160)),
                ("address", models.CharField(blank=True, default="", max_length=240)),
                ("latitude", models.FloatField(blank=True, null=True)),
                ("longitude", models.FloatField(blank=True, null=True)),
                ("opened_date", models.DateField()),
                ("closed_date", models.DateField(blank=True, null=True)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sites",
                        to="partners.partner",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sites", to="places.place"
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="site_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "lab",
                                    "hospital",
                                    "vaccination",
                                    "warehouse",
                                    "collection",
                                    "orphanage",
                                    "elderly-home",
                                    "disability-home",
                                    "pesantren",
                                    "other",
                                ],
                            )
                        ),
                        name="site_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__isnull", False),
                                ("latitude__range", (-90, 90)),
                                ("longitude__isnull", False),
                                ("longitude__range", (-180, 180)),
                            ),
                            _connector="OR",
                        ),
                        name="site_position_whole_and_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_date__isnull", True),
                            ("closed_date__gt", models.F("opened_date")),
                            _connector="OR",
                        ),
                        name="site_closes_after_it_opens",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_date__isnull", True)),
                        fields=("partner", "name"),
                        name="site_name_once_per_partner",
                    ),
                ],
            },
        ),
    ]
