import django.db.models.deletion
import django.db.models.functions.comparison
import kolaborasi.aid.states
import kolaborasi.commitments.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("partners", "0002_cache_table"),
        ("people", "0001_initial"),
        ("people", "__first__"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name_id", models.CharField(max_length=80)),
                ("name_en", models.CharField(max_length=80)),
                ("unit_id", models.CharField(max_length=30)),
                ("unit_en", models.CharField(max_length=30)),
                (
                    "basis",
                    models.CharField(
                        choices=[("household", "household"), ("person", "person")], max_length=10
                    ),
                ),
                ("reference_price", models.PositiveIntegerField(null=True)),
                ("content_id", models.TextField(blank=True)),
                ("content_en", models.TextField(blank=True)),
                ("rules_id", models.TextField(blank=True)),
                ("rules_en", models.TextField(blank=True)),
                ("source", models.TextField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="aid_item_names_its_source"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reference_price__isnull", True), ("reference_price__gt", 0), _connector="OR"
                        ),
                        name="aid_item_price_is_positive_rupiah",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Need",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("isolation", "Households in self-isolation"),
                            ("income", "Lost income"),
                            ("institution", "An institution's residents"),
                            ("disaster", "Flood or fire"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("households", models.PositiveIntegerField()),
                ("people", models.PositiveIntegerField()),
                ("estimated", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(default=kolaborasi.aid.states.NeedState["SUBMITTED"], max_length=10),
                ),
                ("state_reason", models.CharField(blank=True, max_length=200)),
                ("registered_at", models.DateTimeField()),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.site",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "indexes": [models.Index(fields=["state", "registered_at"], name="aid_need_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["submitted", "open", "rejected", "withdrawn"])),
                        name="aid_need_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("people__gte", models.F("households"))),
                        name="aid_need_has_people_in_households",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("people__gt", 0)), name="aid_need_is_for_somebody"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "open"), _negated=True),
                            ("verified_at__isnull", False),
                            _connector="OR",
                        ),
                        name="aid_need_open_means_verified",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["rejected", "withdrawn"]), _negated=True),
                            models.Q(("state_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="aid_need_ended_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedLine",
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
                ("needed_by_date", models.DateField()),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="aid.item"
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="aid.need"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("committed__lte", models.F("limit"))),
                        name="aid_needline_promised_at_most_its_limit",
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
                        name="aid_needline_limit_is_reported_or_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("committed"))),
                        name="aid_needline_delivered_at_most_what_is_promised",
                    ),
                    models.UniqueConstraint(fields=("need", "item"), name="aid_need_line_is_one_per_item"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
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
                ("named", models.BooleanField(default=False)),
                ("available_date", models.DateField()),
                ("until_date", models.DateField(blank=True, null=True)),
                ("registered_at", models.DateTimeField()),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="aid.item"
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("committed__lte", models.F("limit"))),
                        name="aid_offer_promised_at_most_its_limit",
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
                        name="aid_offer_limit_is_reported_or_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("committed"))),
                        name="aid_offer_delivered_at_most_what_is_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("partner__isnull", False), ("person__isnull", True)),
                            models.Q(("partner__isnull", True), ("person__isnull", False)),
                            _connector="OR",
                        ),
                        name="aid_offer_is_from_a_partner_or_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_date__isnull", True),
                            ("until_date__gt", models.F("available_date")),
                            _connector="OR",
                        ),
                        name="aid_offer_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pledge",
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
                ("named", models.BooleanField(default=False)),
                ("deliver_date", models.DateField()),
                ("pledged_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("handed_over_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.CharField(blank=True, max_length=200)),
                ("link_hash", models.CharField(max_length=64, unique=True)),
                ("receipt_code", models.CharField(max_length=8)),
                ("wrong_codes", models.PositiveSmallIntegerField(default=0)),
                (
                    "need_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pledges", to="aid.needline"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pledges",
                        to="aid.offer",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "held")),
                        fields=["held_until"],
                        name="aid_pledge_held_until",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="aid_pledge_promises_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivered__lte", models.F("quantity"))),
                        name="aid_pledge_delivers_at_most_what_was_promised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["held", "confirmed", "fulfilled", "released", "expired"])
                        ),
                        name="aid_pledge_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "held"), _negated=True),
                            ("held_until__isnull", False),
                            _connector="OR",
                        ),
                        name="aid_pledge_held_until_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "fulfilled"), _negated=True),
                            ("delivered__gt", 0),
                            _connector="OR",
                        ),
                        name="aid_pledge_fulfilled_means_delivered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["confirmed", "fulfilled"]), ("delivered", 0), _connector="OR"
                        ),
                        name="aid_pledge_delivered_only_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("partner__isnull", False), ("person__isnull", True)),
                            models.Q(("partner__isnull", True), ("person__isnull", False)),
                            _connector="OR",
                        ),
                        name="aid_pledge_is_from_a_partner_or_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["confirmed", "fulfilled"]), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="aid_pledge_confirmed_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("handed_over_at__isnull", True), ("confirmed_at__isnull", False), _connector="OR"
                        ),
                        name="aid_pledge_handed_over_after_it_was_confirmed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("reported_at", models.DateTimeField()),
                ("photo", models.FileField(blank=True, upload_to="aid/delivery")),
                (
                    "state",
                    models.CharField(default=kolaborasi.aid.states.DeliveryState["REPORTED"], max_length=12),
                ),
                ("received", models.PositiveIntegerField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "acknowledged_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("code", "the recipient's code"),
                            ("recipient", "the recipient's own page"),
                            ("verifier", "a verifier's visit"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "pledge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="aid.pledge",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="aid_delivery_brings_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["reported", "acknowledged", "disputed"])),
                        name="aid_delivery_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("acknowledged_at__isnull", False),
                                ("received__isnull", False),
                                ("state", "acknowledged"),
                            ),
                            models.Q(
                                models.Q(("state", "acknowledged"), _negated=True),
                                ("acknowledged_at__isnull", True),
                                ("received__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="aid_delivery_counts_only_when_acknowledged",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "reported")),
                        fields=("pledge",),
                        name="aid_delivery_is_one_at_a_time_per_pledge",
                    ),
                ],
            },
        ),
    ]
