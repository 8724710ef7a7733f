"""Which sessions count, and changing that with one click (rule 8)."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Activity
from tests.factories import RegistrationFactory, SessionFactory, WebinarFactory
from tests.fixtures.world import signed_in
from webinars import sessions
from webinars.audiences import Audience, members
from webinars.models import Session, Webinar
from webinarsync import roles

HOUR = dt.timedelta(hours=1)
START = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
TIMES = [
    [(START + day).isoformat(), (START + day + HOUR).isoformat()] for day in (0 * HOUR, 48 * HOUR)
]


@pytest.mark.rule(8)
@pytest.mark.parametrize(
    ("ended", "times", "counts"),
    [
        (START - HOUR, TIMES, False),
        (START, TIMES, False),
        (START + HOUR, TIMES, True),
        (START + 30 * HOUR, TIMES, True),
        (START - HOUR, [], True),
    ],
)
def test_what_ended_after_a_date_began_counts(
    ended: dt.datetime, times: list[list[str]], counts: bool
) -> None:
    assert sessions.counts(ended, times) is counts


@pytest.fixture
def rehearsed(db: None) -> Session:
    """A past webinar of which one session has run; one person registered."""
    webinar = WebinarFactory.create(past=True, starts_at=timezone.now() - 5 * HOUR)
    RegistrationFactory.create(webinar=webinar)
    session = SessionFactory.create(webinar=webinar, started_at=webinar.starts_at)
    sessions.refresh(webinar)
    sessions.write_no_shows(webinar)
    return session


def no_shows(session: Session) -> int:
    return members(Webinar.objects.get(pk=session.webinar_id), Audience.NO_SHOW).count()


@pytest.mark.rule(8)
def test_one_click_decides_whether_a_session_counts(rehearsed: Session) -> None:
    marketer = signed_in(roles.MARKETERS)
    address = f"/webinars/{rehearsed.webinar_id}/sessions/{rehearsed.pk}/"
    assert no_shows(rehearsed) == Activity.objects.filter(kind="missed").count() == 1
    marketer.post(address, {"counts": "no"})
    assert no_shows(rehearsed) == Activity.objects.filter(kind="missed").count() == 0
    page = marketer.get(f"/admin/webinars/webinar/{rehearsed.webinar_id}/change/")
    assert b"Count it" in page.content
    marketer.post(address, {"counts": "yes"})
    assert no_shows(rehearsed) == Activity.objects.filter(kind="missed").count() == 1


def test_view_permission_allows_no_decision(rehearsed: Session) -> None:
    address = f"/webinars/{rehearsed.webinar_id}/sessions/{rehearsed.pk}/"
    assert signed_in(None).post(address, {"counts": "no"}).status_code == 403
    assert Client().post(address, {"counts": "no"}).status_code == 302
    rehearsed.refresh_from_db()
    assert rehearsed.counts


@pytest.mark.rule(8)
def test_every_page_shows_that_attendance_is_still_coming(rehearsed: Session) -> None:
    Session.objects.update(attended_there=2)
    sessions.refresh(Webinar.objects.get())
    marketer = signed_in(roles.MARKETERS)
    Webinar.objects.update(sync_enabled=True)
    key = rehearsed.webinar_id
    for address in (
        f"/admin/webinars/webinar/{key}/change/",
        "/admin/webinars/webinar/?show=all",
        f"/webinars/{key}/audience/no-show/",
        "/admin/",
    ):
        assert b"Attendance is still coming" in marketer.get(address).content, address
    assert no_shows(rehearsed) == 0
