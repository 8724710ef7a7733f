"""The measured pages, each with its URL and equivalent hand-written SQL.

{w} is a webinar with all its people, {c} a contact, {s} the webinars before {w} of which no one was
in two.
"""

from benchmarks.tables import (
    ACTIVITY,
    ALTERNATE_EMAIL,
    ATTENDANCE,
    CONSENT,
    CONTACT,
    CONTACT_TAG,
    OPT_OUT,
    REGISTRATION,
    SESSION,
    SUBMISSION,
    TAG,
    WEBINAR,
)

_REGISTERED = "r.state = 'registered'"
# Each audience by its name in URLs, with its condition (rule 8); of past webinars.
AUDIENCES = {
    "registered": _REGISTERED,
    "attended": "r.sessions_attended > 0",
    "no-show": f"{_REGISTERED} AND r.sessions_attended = 0",
    "cancelled": "r.cancelled_at IS NOT NULL",
    "overflow": "r.state = 'overflow'",
    "pending": "r.state = 'pending'",
    "rejected": "r.state = 'rejected'",
    "awaiting-approval": "r.state = 'awaiting' AND r.cancelled_at IS NULL",
    "denied": "r.state = 'denied' AND r.cancelled_at IS NULL",
}
Page = tuple[str, str, tuple[str, ...]]

# The columns of the list of contacts.
_COUNTED = f"""(SELECT count(*) FROM {REGISTRATION} r WHERE r.contact_id = c.id
        AND r.state = 'registered'),
    (SELECT count(*) FROM {REGISTRATION} r WHERE r.contact_id = c.id
        AND r.sessions_attended > 0)"""
_BY_AUDIENCE = f"""SELECT webinar_id, state, sessions_attended > 0, cancelled_at IS NOT NULL,
    count(*) FROM {REGISTRATION} WHERE webinar_id {{}} GROUP BY 1, 2, 3, 4"""
_CAME_OFTEN = f"""SELECT contact_id FROM {REGISTRATION} WHERE sessions_attended > 0
    GROUP BY 1 HAVING count(*) >= 3"""
_STAYED_LONG = f"""SELECT contact_id FROM {REGISTRATION} GROUP BY 1
    HAVING sum(seconds_attended) >= 3600"""
_STAYED_IN_IT = f"""SELECT r.contact_id FROM {REGISTRATION} r WHERE r.webinar_id = {{w}}
    AND {AUDIENCES["attended"]} AND r.seconds_attended >= 1800"""
_MISSED_TWO = f"""SELECT contact_id FROM (SELECT r.contact_id, r.sessions_attended,
    row_number() OVER (PARTITION BY r.contact_id
        ORDER BY w.last_session_ended_at DESC, w.id DESC) AS place
    FROM {REGISTRATION} r JOIN {WEBINAR} w ON w.id = r.webinar_id
    WHERE w.last_session_ended_at IS NOT NULL
        AND (r.state = 'registered' OR r.sessions_attended > 0)) AS latest_first
    WHERE place <= 2 GROUP BY 1 HAVING count(*) = 2 AND max(sessions_attended) = 0"""
_SHOWN = f"""(SELECT id FROM {WEBINAR} WHERE ends_at {{}} now() ORDER BY starts_at LIMIT 6)"""
_FUNNEL = f"""SELECT webinar_id, count(*), count(*) FILTER (WHERE state = 'registered'),
    count(*) FILTER (WHERE sessions_attended > 0), percentile_cont(0.5) WITHIN GROUP
    (ORDER BY seconds_attended) FILTER (WHERE sessions_attended > 0)
    FROM {REGISTRATION} WHERE webinar_id {{}} GROUP BY 1"""
_BY_DAY = f"""SELECT webinar_id, source, registered_at::date, count(*) FROM {REGISTRATION}
    WHERE webinar_id {{}} AND state = 'registered' GROUP BY 1, 2, 3"""


def _contacts(which: str = "TRUE") -> tuple[str, ...]:
    return (
        f"SELECT count(*) FROM {CONTACT} c WHERE {which}",
        f"SELECT c.*, {_COUNTED} FROM {CONTACT} c WHERE {which} ORDER BY id DESC LIMIT 50",
    )


def _found(which: str) -> tuple[str, ...]:
    return (
        f"SELECT count(*) FROM {CONTACT} c WHERE {which}",
        f"SELECT c.* FROM {CONTACT} c WHERE {which} ORDER BY id DESC LIMIT 50",
    )


def _theirs(audience: str, webinars: str = "= {w}") -> str:
    return f"""EXISTS (SELECT 1 FROM {REGISTRATION} r WHERE r.contact_id = c.id
        AND r.webinar_id {webinars} AND {AUDIENCES[audience]})"""


def _people(which: str, order: str, most: int) -> str:
    return f"""SELECT r.*, c.* FROM {REGISTRATION} r JOIN {CONTACT} c
        ON c.id = r.contact_id WHERE r.webinar_id = {{w}} AND {which}
        ORDER BY {order} LIMIT {most}"""


def _summed(webinars: str) -> tuple[str, ...]:
    return tuple(part.format(webinars) for part in (_BY_AUDIENCE, _FUNNEL, _BY_DAY))


PAGES: tuple[Page, ...] = (
    ("Contacts", "/admin/contacts/contact/", _contacts()),
    *(
        (
            f"Contacts by audience: {name}",
            f"/admin/contacts/contact/?webinar={{w}}&audience={name}",
            _contacts(_theirs(name)),
        )
        for name in ("registered", "attended", "no-show", "cancelled", "overflow")
    ),
    (
        "A contact, looked up by email",
        "/admin/contacts/contact/?q=person12345@example2345.com",
        _contacts("email_key = 'person12345@example2345.com'"),
    ),
    (
        "A contact's page",
        "/admin/contacts/contact/{c}/change/",
        (
            f"SELECT * FROM {CONTACT} WHERE id = {{c}}",
            f"SELECT r.*, w.* FROM {REGISTRATION} r JOIN {WEBINAR} w "
            "ON w.id = r.webinar_id WHERE r.contact_id = {c}",
            f"SELECT * FROM {ACTIVITY} WHERE contact_id = {{c}} ORDER BY happened_at DESC",
        ),
    ),
    (
        "Webinars with their counts",
        "/admin/webinars/webinar/",
        (
            f"SELECT * FROM {WEBINAR} ORDER BY starts_at DESC, id DESC LIMIT 50",
            _BY_AUDIENCE.format(
                f"IN (SELECT id FROM {WEBINAR} ORDER BY starts_at DESC, id DESC LIMIT 50)"
            ),
        ),
    ),
    *(
        (
            f"A webinar's audience: {name}",
            f"/webinars/{{w}}/audience/{name}/",
            (
                _BY_AUDIENCE.format("= {w}"),
                _people(which, "r.registered_at DESC, r.id DESC", 50),
            ),
        )
        for name, which in AUDIENCES.items()
    ),
    (
        "A waiting list",
        "/webinars/{w}/waiting-list/",
        (
            f"SELECT count(*) FROM {REGISTRATION} r WHERE webinar_id = {{w}} "
            f"AND {AUDIENCES['overflow']}",
            _people(AUDIENCES["overflow"], "r.waiting_since, r.id", 100),
        ),
    ),
    (
        "Found: attended a webinar",
        "/contacts/find/?audience=attended&webinars={w}",
        _found(_theirs("attended")),
    ),
    (
        "Found: attended it, and came from a form in Chile",
        "/contacts/find/?audience=attended&webinars={w}&source=form&country=chile",
        _found(f"{_theirs('attended')} AND source = 'form' AND upper(country) = 'CHILE'"),
    ),
    (
        "Found: no-shows of any of four webinars",
        "/contacts/find/?audience=no-show&{s}",
        _found(_theirs("no-show", "IN ({s})")),
    ),
    (
        "Found: attended it for half an hour",
        "/contacts/find/?audience=attended&webinars={w}&at_least=30",
        _found(f"{_theirs('attended')} AND id IN ({_STAYED_IN_IT})"),
    ),
    (
        "Found: came three times or more",
        "/contacts/find/?attended_at_least=3",
        _found(f"id IN ({_CAME_OFTEN})"),
    ),
    (
        "Found: an hour or more in all",
        "/contacts/find/?at_least=60",
        _found(f"id IN ({_STAYED_LONG})"),
    ),
    (
        "Found: missed the last two times",
        "/contacts/find/?missed_last_n=2",
        _found(f"id IN ({_MISSED_TWO})"),
    ),
    (
        "Three segments with their counts",
        "/contacts/segments/",
        (
            f"SELECT count(*) FROM {CONTACT} c WHERE {_theirs('attended')}",
            f"SELECT count(*) FROM {CONTACT} c WHERE {_theirs('no-show', 'IN ({s})')}",
            f"SELECT count(*) FROM ({_CAME_OFTEN}) AS often",
        ),
    ),
    (
        "The front page",
        "/admin/",
        _summed(f"IN {_SHOWN.format('<')}") + _summed(f"IN {_SHOWN.format('>')}"),
    ),
    ("A webinar's report", "/admin/webinars/webinar/{w}/change/", _summed("= {w}")),
    (
        "All registrations",
        "/admin/webinars/registration/",
        (
            f"SELECT count(*) FROM {REGISTRATION}",
            f"SELECT r.*, c.*, w.* FROM {REGISTRATION} r JOIN {CONTACT} c "
            f"ON c.id = r.contact_id JOIN {WEBINAR} w ON w.id = r.webinar_id "
            "ORDER BY r.registered_at DESC, r.id DESC LIMIT 50",
        ),
    ),
)
SEGMENTS = ("audience=attended&webinars={w}", "audience=no-show&{s}", "attended_at_least=3")

# The export of a webinar whose audience has 100,000 people, and the same rows by hand.
EXPORT = "/webinars/{big}/audience/registered/export.csv"
EXPORT_SQL = f"""SELECT c.*,
    (SELECT string_agg(f.email, '; ') FROM {ALTERNATE_EMAIL} f WHERE f.contact_id = c.id),
    (SELECT min(o.opted_out_at) FROM {OPT_OUT} o WHERE o.contact_id = c.id),
    (SELECT max(k.decided_at) FROM {CONSENT} k WHERE k.contact_id = c.id AND k.granted),
    (SELECT string_agg(t.name, '; ') FROM {CONTACT_TAG} l
        JOIN {TAG} t ON t.id = l.tag_id WHERE l.contact_id = c.id),
    r.registered_at, r.state, r.source, r.referral_source, r.cancelled_at, r.sessions_attended,
    (SELECT string_agg(s.started_at::text, '; ') FROM {ATTENDANCE} a
        JOIN {SESSION} s ON s.id = a.session_id WHERE a.registration_id = r.id),
    r.seconds_attended / 60, r.first_joined_at, r.last_left_at,
    (SELECT s.origin FROM {SUBMISSION} s WHERE s.registration_id = r.id
        ORDER BY s.id LIMIT 1)
    FROM {REGISTRATION} r JOIN {CONTACT} c ON c.id = r.contact_id
    WHERE r.webinar_id = {{big}} AND {_REGISTERED} ORDER BY r.registered_at DESC, r.id DESC"""
