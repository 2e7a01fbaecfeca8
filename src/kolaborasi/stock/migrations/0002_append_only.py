"""Movements are never changed; a mistake is undone by a movement back."""

from django.db import migrations

from kolaborasi.common.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial")]
    operations = [append_only("stock_movement")]
