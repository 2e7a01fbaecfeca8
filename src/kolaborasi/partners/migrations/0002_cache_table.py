"""The table of Django's database cache, in which attempts to sign in are counted.

As `createcachetable` makes it; made here so that every database that is migrated has it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE TABLE platform_cache (
                    cache_key varchar(255) PRIMARY KEY,
                    value text NOT NULL,
                    expires timestamptz NOT NULL
                );
                CREATE INDEX platform_cache_expires ON platform_cache (expires);
            """,
            reverse_sql="DROP TABLE platform_cache",
        ),
    ]
