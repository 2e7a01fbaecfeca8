"""Counts of beds and follow-ups are history: they are added to, never changed."""

from django.db import migrations

from kolaborasi.common.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("hospitals", "0001_initial")]

    operations = [append_only("hospitals_bedreport"), append_only("hospitals_followup")]
