"""The log and its seals are never changed; new entries queue for their seal."""

from django.db import migrations

from kolaborasi.common.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        append_only("audit_auditentry"),
        append_only("audit_seal"),
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION audit_queue_for_seal() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO audit_unsealedentry (entry_id) SELECT id FROM fresh;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER audit_queue_for_seal AFTER INSERT ON audit_auditentry
                    REFERENCING NEW TABLE AS fresh
                    FOR EACH STATEMENT EXECUTE FUNCTION audit_queue_for_seal();
            """,
            reverse_sql="""
                DROP TRIGGER audit_queue_for_seal ON audit_auditentry;
                DROP FUNCTION audit_queue_for_seal();
            """,
        ),
    ]
