"""A booking keeps its session open until it is done: calling a session off waits for it, and then ends it too.

Before, a booking that had read the session as open could be written after its list of bookings to end was made.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("kolaborasi.vaccination.migrations.0002_situation").CREATE.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
AFTER = BEFORE.replace("FOR SHARE OF facility;", "FOR SHARE OF facility, session;")


class Migration(migrations.Migration):
    dependencies = [("vaccination", "0003_said_of_corrections")]
    operations = [migrations.RunSQL(AFTER, BEFORE)]
