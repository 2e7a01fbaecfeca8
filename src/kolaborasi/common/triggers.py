"""Migration operations for tables whose rows never change."""

from __future__ import annotations

from django.db import migrations


def append_only(table: str) -> migrations.RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on a table; the error names the table.

    The function lives in the schema of the tables, so that no SQL names a schema.
    """
    return migrations.RunSQL(
        sql=f"""
            CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{table} is append-only: % refused', TG_OP
                    USING ERRCODE = 'restrict_violation', CONSTRAINT = '{table}_is_append_only';
            END $$;
            CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only();
            CREATE TRIGGER {table}_is_never_truncated BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only();
        """,
        reverse_sql=f"""
            DROP TRIGGER {table}_is_append_only ON {table};
            DROP TRIGGER {table}_is_never_truncated ON {table};
            DROP FUNCTION {table}_is_append_only();
        """,
    )
