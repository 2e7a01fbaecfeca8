"""What happened is never changed."""

from django.db import migrations

from kolaborasi.common.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [append_only("events_event")]
