import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("partners", "0002_cache_table"),
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
                ("name", models.CharField(max_length=120)),
                ("unit", models.CharField(max_length=30)),
            ],
        ),
        migrations.CreateModel(
            name="Location",
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
                            ("site", "Site"),
                            ("transit", "Transit"),
                            ("supplier", "Supplier"),
                            ("recipient", "Recipient"),
                            ("loss", "Loss"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "site",
                    models.OneToOneField(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="partners.site"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "site"), ("site__isnull", False)),
                            models.Q(models.Q(("kind", "site"), _negated=True), ("site__isnull", True)),
                            _connector="OR",
                        ),
                        name="stock_location_of_kind_site_has_a_site",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["site", "transit", "supplier", "recipient", "loss"])
                        ),
                        name="stock_location_kind_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "site"), _negated=True),
                        fields=("kind",),
                        name="stock_location_outside_sites_is_one_per_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=60)),
                ("expires_date", models.DateField(blank=True, null=True)),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="stock.item")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("item", "code"), name="stock_lot_code_is_once_per_item")
                ],
            },
        ),
        migrations.CreateModel(
            name="Balance",
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
                ("on_hand", models.PositiveIntegerField(default=0)),
                ("arriving", models.PositiveIntegerField(default=0)),
                (
                    "location",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="stock.location"),
                ),
                ("lot", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="stock.lot")),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("committed__lte", models.F("limit"))),
                        name="stock_balance_promised_at_most_its_limit",
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
                        name="stock_balance_limit_is_reported_or_promised",
                    ),
                    models.UniqueConstraint(
                        fields=("location", "lot"), name="stock_balance_is_one_per_location_and_lot"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reported",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("on_hand"), "+", models.F("arriving")
                                ),
                            )
                        ),
                        name="stock_balance_reports_on_hand_and_arriving",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("quantity", models.PositiveIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("receipt", "Receipt"),
                            ("transfer", "Transfer"),
                            ("dispatch", "Dispatch"),
                            ("arrival", "Arrival"),
                            ("delivery", "Delivery"),
                            ("return", "Return"),
                            ("waste", "Waste"),
                            ("expiry", "Expiry"),
                            ("count", "Count"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("lot", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="stock.lot")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements_out",
                        to="stock.location",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements_in",
                        to="stock.location",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="stock_movement_moves_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("target")), _negated=True),
                        name="stock_movement_goes_somewhere_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "receipt",
                                    "transfer",
                                    "dispatch",
                                    "arrival",
                                    "delivery",
                                    "return",
                                    "waste",
                                    "expiry",
                                    "count",
                                ],
                            )
                        ),
                        name="stock_movement_reason_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("received", models.PositiveIntegerField(default=0)),
                ("arrives_date", models.DateField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("lot", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="stock.lot")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipments_out",
                        to="stock.location",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipments_in",
                        to="stock.location",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="stock_shipment_carries_at_least_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("received__lte", models.F("quantity"))),
                        name="stock_shipment_received_at_most_what_was_sent",
                    ),
                ],
            },
        ),
    ]
