import django.db.models.deletion
import kolaborasi.allocation.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("aid", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("programme", models.CharField(choices=[("aid", "Aid")], max_length=20)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "to be decided"),
                            ("partly-approved", "partly approved"),
                            ("approved", "approved"),
                            ("rejected", "not approved"),
                            ("expired", "expired"),
                        ],
                        default=kolaborasi.allocation.states.ProposalState["PROPOSED"],
                        max_length=15,
                    ),
                ),
                ("parameters", models.JSONField()),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                ("baseline", models.JSONField()),
                ("certificate", models.JSONField()),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["proposed", "partly-approved"])),
                        fields=["expires_at"],
                        name="proposal_open_until",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("programme__in", ["aid"])), name="proposal_programme_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "partly-approved", "approved", "rejected", "expired"])
                        ),
                        name="proposal_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="proposal_expires_after_it_was_made",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProposalLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("distance_km", models.FloatField()),
                ("minutes", models.FloatField()),
                ("reason", models.CharField(max_length=20)),
                ("numbers", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "to be decided"),
                            ("approved", "approved"),
                            ("refused", "refused by the system"),
                            ("rejected", "rejected"),
                            ("expired", "expired"),
                        ],
                        default=kolaborasi.allocation.states.LineState["PROPOSED"],
                        max_length=10,
                    ),
                ),
                ("refusal", models.CharField(blank=True, default="", max_length=40)),
                ("refusal_numbers", models.JSONField(default=dict)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "need_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="aid.needline"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="aid.offer"
                    ),
                ),
                (
                    "pledge",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="aid.pledge",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="allocation.proposal",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["proposal", "state"], name="proposal_line_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="proposal_line_gives_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("distance_km__gte", 0), ("minutes__gte", 0)),
                        name="proposal_line_distance_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "approved", "refused", "rejected", "expired"])
                        ),
                        name="proposal_line_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("pledge__isnull", False), ("state", "approved")),
                            models.Q(
                                models.Q(("state", "approved"), _negated=True), ("pledge__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="proposal_line_approved_is_a_pledge",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), models.Q(("refusal", ""), _negated=True)),
                            models.Q(models.Q(("state", "refused"), _negated=True), ("refusal", "")),
                            _connector="OR",
                        ),
                        name="proposal_line_refused_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "proposed")),
                            models.Q(
                                models.Q(("state", "proposed"), _negated=True), ("decided_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="proposal_line_decided_has_a_time",
                    ),
                    models.UniqueConstraint(
                        fields=("proposal", "offer", "need_line"),
                        name="proposal_line_once_per_offer_and_need",
                    ),
                ],
            },
        ),
    ]
