import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Place",
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
                            ("province", "province"),
                            ("city", "city or regency"),
                            ("kecamatan", "kecamatan"),
                            ("kelurahan", "kelurahan"),
                            ("rw", "RW"),
                        ],
                        max_length=10,
                    ),
                ),
                ("code", models.CharField(max_length=17)),
                ("name", models.CharField(max_length=80)),
                ("search_name", models.CharField(max_length=80)),
                ("latitude", models.FloatField(null=True)),
                ("longitude", models.FloatField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="places.place",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
                "indexes": [models.Index(fields=["kind", "code"], name="place_by_kind")],
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="place_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["province", "city", "kecamatan", "kelurahan", "rw"])
                        ),
                        name="place_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "province"), ("parent__isnull", True)),
                            models.Q(
                                models.Q(("kind", "province"), _negated=True), ("parent__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="place_below_another_unless_province",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="place_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__gte", -90),
                                ("latitude__isnull", False),
                                ("latitude__lte", 90),
                                ("longitude__gte", -180),
                                ("longitude__isnull", False),
                                ("longitude__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="place_position_whole_and_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="place_not_below_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Figure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bucket", models.CharField(blank=True, default="", max_length=80)),
                ("series", models.CharField(max_length=80)),
                ("date", models.DateField()),
                ("value", models.BigIntegerField()),
                ("source", models.CharField(max_length=120)),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="places.place",
                    ),
                ),
            ],
            options={
                "ordering": ["series", "date", "id"],
                "indexes": [models.Index(fields=["series", "date"], name="figure_by_series_and_date")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("place", "bucket", "series", "date", "source"),
                        name="figure_once_per_place_series_date_source",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("bucket", ""), ("place__isnull", False)),
                            models.Q(("place__isnull", True), models.Q(("bucket", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="figure_of_place_or_bucket",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="figure_sourced"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaceCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scheme",
                    models.CharField(
                        choices=[("kemendagri", "Kemendagri"), ("bps", "BPS"), ("rw", "RW")], max_length=10
                    ),
                ),
                ("code", models.CharField(max_length=17)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="places.place"
                    ),
                ),
            ],
            options={
                "ordering": ["scheme", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("scheme", "code"), name="place_code_once_per_scheme"),
                    models.UniqueConstraint(fields=("place", "scheme"), name="place_one_code_per_scheme"),
                    models.CheckConstraint(
                        condition=models.Q(("scheme__in", ["kemendagri", "bps", "rw"])),
                        name="place_code_scheme_known",
                    ),
                ],
            },
        ),
    ]
