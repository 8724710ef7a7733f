"""A very large installation, created in the database itself: contacts, webinars and
registrations."""

from django.db import connection, transaction

from benchmarks.tables import CONTACT, REGISTRATION, WEBINAR
from contacts.models import Contact
from platforms.models import Connection
from webinars.models import Registration, Webinar

WEBINARS = 200
# Another past webinar with this many registrations, for a large export.
BIG, IN_BIG = "big", 100_000

_CONTACTS = f"""
INSERT INTO {CONTACT} (email, email_key, first_name, last_name, organization, job_title,
    industry, phone, address, city, state, zip_code, country, source, created_at, updated_at)
SELECT 'person' || n || '@example' || n %% 5000 || '.com',
    'person' || n || '@example' || n %% 5000 || '.com',
    (ARRAY['Ana','Bo','Chiara','Dev','Eva','Finn','Grace','Hugo'])[1 + n %% 8],
    'Name' || n %% 40000, 'Organization ' || n %% 5000, '', '', '', '', '', '', '',
    (ARRAY['Chile','Peru','France','Norway','Japan'])[1 + n %% 5],
    (ARRAY['platform','form','import'])[1 + n %% 3],
    now() - n * interval '30 seconds', now()
FROM generate_series(1, %s) AS n
"""

_WEBINARS = f"""
INSERT INTO {WEBINAR} (connection_id, key, slug, subject, description, starts_at, ends_at,
    times, calendar_dates, time_zone, experience_type, recurrence_type, recurrence_key,
    approval_type, registration_url, state, newly_required, organizer_name, auto_promote,
    sync_enabled, form_enabled, last_session_ended_at)
SELECT %s, 'w' || n, 'w' || n, 'Webinar ' || n, '', now() + (n - 180) * interval '1 day',
    now() + (n - 180) * interval '1 day' + interval '1 hour', '[]', '[]', 'UTC', '', '', '', '', '',
    'scheduled', '{{}}', '', false, true, true,
    CASE WHEN n < 180 THEN now() + (n - 180) * interval '1 day' END
FROM generate_series(1, %s) AS n
"""

# Each person registers for several consecutive webinars, in the three weeks before; rows are in the
# order of registration, with the webinars interleaved.
_REGISTRATIONS = f"""
INSERT INTO {REGISTRATION} (contact_id, webinar_id, state, source, registrant_key, join_url,
    referral_source, registered_at, cancelled_at, details_read_at, submitted, dismissed,
    push_attempts, problem_code, problem_params, platform_message, rejected_fields,
    sent_differently, sessions_attended, seconds_attended, waiting_since)
SELECT c.id, w.id,
    CASE WHEN (c.id / 3 + k) %% 50 = 0 THEN 'overflow' ELSE 'registered' END, 'platform',
    c.id || '-' || k, '', '', w.starts_at - c.id * 7919 %% 1814400 * interval '1 second',
    CASE WHEN (c.id / 5 + k) %% 40 = 0 THEN now() END, now(), '{{}}', '{{}}', 0,
    '', '{{}}', '', '[]', '[]',
    CASE WHEN w.last_session_ended_at IS NOT NULL AND (c.id / 8 + k) %% 2 = 0 THEN 1 ELSE 0 END,
    CASE WHEN w.last_session_ended_at IS NOT NULL AND (c.id / 8 + k) %% 2 = 0
        THEN 60 * ((c.id / 7 + k) %% 60) ELSE 0 END,
    CASE WHEN (c.id / 3 + k) %% 50 = 0 THEN w.starts_at - interval '3 days' END
FROM {CONTACT} AS c, generate_series(0, %s) AS k, {WEBINAR} AS w
WHERE w.key = 'w' || (1 + (c.id * 7 + k) %% %s)
ORDER BY 8
"""

_BIG = f"""
INSERT INTO {WEBINAR} (connection_id, key, slug, subject, description, starts_at, ends_at,
    times, calendar_dates, time_zone, experience_type, recurrence_type, recurrence_key,
    approval_type, registration_url, state, newly_required, organizer_name, auto_promote,
    sync_enabled, form_enabled, last_session_ended_at)
SELECT connection_id, %s, 'big', 'Very large', '', starts_at, ends_at, times, calendar_dates,
    time_zone, experience_type, recurrence_type, recurrence_key, approval_type, registration_url,
    state, newly_required, organizer_name, auto_promote, sync_enabled, form_enabled,
    last_session_ended_at
FROM {WEBINAR} WHERE key = 'w1'
"""

_IN_BIG = f"""
INSERT INTO {REGISTRATION} (contact_id, webinar_id, state, source, registrant_key, join_url,
    referral_source, registered_at, details_read_at, submitted, dismissed, push_attempts,
    problem_code, problem_params, platform_message, rejected_fields, sent_differently,
    sessions_attended, seconds_attended)
SELECT c.id, w.id, 'registered', 'platform', c.id || '-big', '', '',
    w.starts_at - c.id * interval '1 second', now(), '{{}}', '{{}}', 0, '', '{{}}', '', '[]', '[]',
    c.id %% 2, c.id %% 2 * 60 * (c.id %% 60)
FROM {CONTACT} AS c, {WEBINAR} AS w WHERE w.key = %s ORDER BY c.id LIMIT %s
"""


def make(contacts: int, each: int) -> None:
    """Create this many contacts, each registered for `each` of the webinars (PostgreSQL only).

    Some of them are also registered for one very large webinar.
    """
    organizer = Connection.objects.create(organizer_key="1", email="o@example.com")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CONTACTS, [contacts])
        cursor.execute(_WEBINARS, [organizer.pk, WEBINARS])
        cursor.execute(_REGISTRATIONS, [each - 1, WEBINARS])
        cursor.execute(_BIG, [BIG])
        cursor.execute(_IN_BIG, [BIG, IN_BIG])
    with connection.cursor() as cursor:
        for model in (Contact, Registration, Webinar):
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
