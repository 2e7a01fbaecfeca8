"""Everything a booking is decided on, as a function, so that the database plans its query once for each connection.

Read by `services/situation.py`, which names the columns. No schema is named: the function lives beside the tables and
reads those of the connection's search path.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION vaccination_situation(who uuid, which bigint, moving bigint, zone text)
RETURNS TABLE (birth_date date, residence varchar, reachable boolean, open_booking bigint, history json,
    starts_at timestamptz, ends_at timestamptz, session_id bigint, session_state varchar, day date, product_id bigint,
    residents_of varchar, facility_id bigint, facility_state varchar, quotas json, balances json,
    newest_rule bigint, newest_product bigint, next_booking bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
SELECT recipient.birth_date,
    COALESCE((SELECT place.code FROM places_place AS place WHERE place.id = recipient.residence_id), ''),
    (SELECT person.email IS NOT NULL OR person.phone IS NOT NULL FROM people_person AS person
      WHERE person.id = recipient.person_id),
    (SELECT booking.id FROM vaccination_booking AS booking
      WHERE booking.recipient_id = recipient.person_id AND booking.state IN ('held', 'confirmed')
        AND booking.id IS DISTINCT FROM moving),
    (SELECT json_agg(json_build_array(dose.product_id, dose.number,
          (dose.given_at AT TIME ZONE zone)::date))
       FROM vaccination_dose AS dose WHERE dose.recipient_id = recipient.person_id AND dose.state = 'given'),
    slot.starts_at, slot.ends_at, session.id, session.state, session.date, session.product_id,
    COALESCE((SELECT place.code FROM places_place AS place WHERE place.id = session.residents_of_id), ''), facility.id, facility.state,
    (SELECT json_agg(json_build_array(quota.id, quota.channel, quota.reported, quota."limit", quota.committed))
       FROM vaccination_slotquota AS quota WHERE quota.slot_id = slot.id),
    (SELECT json_agg(json_build_array(balance.id, balance.reported, balance."limit", balance.committed)
          ORDER BY lot.expires_date, balance.id)
       FROM stock_balance AS balance
       JOIN vaccination_vaccinelot AS vaccine ON vaccine.lot_id = balance.lot_id
       JOIN stock_lot AS lot ON lot.id = balance.lot_id
      WHERE balance.location_id = session.location_id AND vaccine.product_id = session.product_id
        AND vaccine.state = 'released' AND COALESCE(vaccine.vvm_stage, 1) < 3
        AND lot.expires_date > session.date
        AND (vaccine.thawed_until_date IS NULL OR vaccine.thawed_until_date > session.date)
        AND NOT EXISTS (SELECT FROM vaccination_quarantine AS apart
              WHERE apart.lot_id = vaccine.lot_id AND apart.location_id = balance.location_id
                AND apart.closed_at IS NULL)
        AND NOT EXISTS (SELECT FROM stock_shipment AS shipment
              WHERE shipment.lot_id = balance.lot_id AND shipment.target_id = balance.location_id
                AND shipment.closed_at IS NULL AND shipment.arrives_date > session.date)),
    (SELECT max(id) FROM vaccination_schedulerule), (SELECT max(item_id) FROM vaccination_product),
    nextval(pg_get_serial_sequence('vaccination_booking', 'id'))
FROM vaccination_recipient AS recipient, vaccination_slot AS slot JOIN vaccination_session AS session ON session.id = slot.session_id
JOIN partners_partner AS facility ON facility.id = session.facility_id
WHERE recipient.person_id = who AND slot.id = which
FOR SHARE OF facility;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("vaccination", "0001_initial"),
        ("people", "0002_passport"),
        ("partners", "0003_constraints_on_legal_id_and_reference"),
        ("places", "0001_initial"),
        ("stock", "0003_points"),
    ]
    operations = [
        migrations.RunSQL(
            CREATE, "DROP FUNCTION vaccination_situation(uuid, bigint, bigint, text)"
        )
    ]
