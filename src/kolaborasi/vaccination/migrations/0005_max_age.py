"""Schedule rules may have a highest age beside the lowest."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("vaccination", "0004_situation_keeps_the_session")]
    operations = [
        migrations.AddField(
            model_name="schedulerule",
            name="max_age",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="schedulerule",
            constraint=models.CheckConstraint(
                condition=Q(max_age__isnull=True) | Q(max_age__gte=F("min_age")),
                name="vaccination_rule_ages_are_a_range",
            ),
        ),
    ]
