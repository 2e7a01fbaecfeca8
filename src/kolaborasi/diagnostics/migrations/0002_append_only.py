"""What happened to a specimen is never changed or removed."""

from django.db import migrations

from kolaborasi.common.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("diagnostics", "0001_initial")]
    operations = [append_only("diagnostics_specimenevent")]
