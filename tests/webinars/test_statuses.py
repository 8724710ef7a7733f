"""One label for the status of a registration, on every page that shows it."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import RegistrationFactory, WebinarFactory
from tests.fixtures.world import World
from webinars import statuses
from webinars.audiences import Audience
from webinars.models import Registration, Webinar
from webinars.statuses import badge, label, with_status

pytestmark = [pytest.mark.django_db, pytest.mark.rule(8)]

State = Registration.State
NOW = timezone.now()
CAME = {"sessions_attended": 1, "seconds_attended": 53 * 60}


def registration(webinar: Webinar, **values: Any) -> Registration:
    made = RegistrationFactory.create(webinar=webinar, **values)
    return with_status(Registration.objects.all()).get(pk=made.pk)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "No-show"),
        ({"cancelled": True}, "Cancelled"),
        (CAME, "Attended 53 min"),
        (CAME | {"seconds_attended": 3900}, "Attended 1 h 05 min"),
        ({"sessions_attended": 1}, "Attended"),
        # For any result of the registration.
        (CAME | {"cancelled": True}, "Attended 53 min"),
        (CAME | {"state": State.DENIED}, "Attended 53 min"),
        (CAME | {"state": State.WALK_IN}, "Attended 53 min"),
        ({"state": State.WALK_IN}, "Attended"),
        # For the recording.
        ({"registered_at": NOW}, "Registered"),
        ({"overflow": True}, "Waiting list"),
        ({"pending": True}, "Sending"),
        ({"rejected": True}, "Rejected"),
        ({"state": State.AWAITING}, "Awaiting approval"),
        ({"state": State.DENIED}, "Declined"),
        ({"state": State.DENIED, "cancelled": True}, "Cancelled"),
        # Internal people have the same statuses as everyone else.
        ({"is_internal": True}, "No-show"),
    ],
)
def test_after_a_webinar(values: dict[str, Any], word: str) -> None:
    webinar = WebinarFactory.create(past=True)
    assert label(registration(webinar, **values)) == word


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "Registered"),
        ({"cancelled": True}, "Cancelled"),
        ({"overflow": True}, "Waiting list"),
        ({"state": State.AWAITING}, "Awaiting approval"),
    ],
)
def test_before_a_webinar(values: dict[str, Any], word: str) -> None:
    assert label(registration(WebinarFactory.create(), **values)) == word


def test_no_one_is_a_no_show_while_attendance_is_still_coming() -> None:
    until = timezone.now() + dt.timedelta(hours=1)
    webinar = WebinarFactory.create(past=True, attendance_pending_until=until)
    assert label(registration(webinar)) == "Registered"


def test_each_has_an_icon_and_a_colour_of_its_own() -> None:
    icons = [icon for _word, icon, _tone in statuses._APPEARANCE.values()]
    assert len(set(icons)) == len(icons)
    assert set(statuses._APPEARANCE) == {*statuses._ORDER, Audience.REGISTERED}
    shown = badge(registration(WebinarFactory.create(past=True), **CAME))
    assert 'class="ws-status ws-good"' in shown and ">event_available<" in shown


def test_every_page_has_the_same_word(world: World, marketer: Client) -> None:
    attended, missed = world.registrations[5], world.registrations[2]

    def words(address: str) -> list[str]:
        page = marketer.get(address).content.decode()
        return re.findall(r'<span class="ws-status [^>]*>.*?</span>([^<]*)</span>', page)

    for item, word in ((attended, "Attended 5 min"), (missed, "No-show")):
        assert words(f"/admin/contacts/contact/{item.contact_id}/change/") == [word]
        assert words(f"/admin/webinars/registration/{item.pk}/change/") == [word]
    listed = words("/admin/webinars/registration/")
    assert sorted(listed) == sorted(words(f"/webinars/{world.webinar.pk}/audience/registered/"))
    assert listed.count("No-show") == 3 and "Registered" not in listed
