"""The messages of a full webinar to visitors and colleagues depend on its seats and its switch."""

import datetime as dt
import html

import pytest
from django.test import Client
from django.utils import timezone

from mailings import default_templates
from mailings.composer import compose, values_of
from mailings.models import Mailing, MailTemplate, Recipient
from tests.factories import registration_in
from tests.fixtures.world import World
from tests.mailings.conftest import text_of
from webinars.models import Registration, Webinar

State = Registration.State
ORGANIZER = "The organizer may still admit people from the waiting list"
AUTOMATIC = "Free seats go to those who have waited longest"


@pytest.fixture
def full(world: World) -> Webinar:
    """An upcoming webinar with four people on its waiting list and no seat."""
    soon = timezone.now() + dt.timedelta(days=3)
    Webinar.objects.update(
        starts_at=soon,
        ends_at=soon + dt.timedelta(hours=1),
        form_enabled=True,
        registration_limit=10,
        registrant_count=10,
        capacity_read_at=timezone.now(),
    )
    waiting = [item.pk for item in world.registrations[:4]]
    Registration.objects.filter(pk__in=waiting).update(**registration_in(State.OVERFLOW))
    world.webinar.refresh_from_db()
    return world.webinar


def seats(taken: int) -> None:
    Webinar.objects.update(registrant_count=taken)


@pytest.mark.rule(6)
def test_a_visitor_reads_that_it_is_full_before_the_fields(full: Webinar) -> None:
    form = f"/register/{full.slug}/"
    page = text_of(Client().get(form))
    assert page.index("Full – join the waiting list") < page.index("First name")
    assert "you join the waiting list" in page and ORGANIZER in page
    assert page.count("Join the waiting list") == 1, "the button's label"
    Webinar.objects.update(auto_promote=True)
    page = text_of(Client().get(form))
    assert AUTOMATIC in page and ORGANIZER not in page
    # A seat is free, but those waiting get it.
    seats(9)
    assert "Full – join" in text_of(Client().get(form))
    # The next person to register gets it.
    Webinar.objects.update(auto_promote=False)
    page = text_of(Client().get(form))
    assert "Full – join" not in page and "waiting list" not in page


def test_dates_of_a_series_are_not_full_while_one_has_seats(full: Webinar) -> None:
    Webinar.objects.update(recurrence_key="r", recurrence_type="series")
    other = Webinar.objects.get(pk=full.pk)
    other.pk, other.key, other.slug, other.registrant_count = None, "other", "other", 3
    other.save()
    page = text_of(Client().get(f"/register/{full.slug}/"))
    assert "Full – join" not in page and "full: waiting list" in page
    seats(10)
    assert "Full – join" in text_of(Client().get(f"/register/{full.slug}/"))


def test_the_button_shows_how_many_are_registered_next(full: Webinar, marketer: Client) -> None:
    address = f"/webinars/{full.pk}/waiting-list/"

    def page() -> tuple[str, bool]:
        answer = marketer.get(address)
        return text_of(answer), 'disabled aria-describedby="why-not"' in answer.content.decode()

    text, disabled = page()
    assert disabled and "Register the next 0 of 4 No seat is free." in text
    assert "Check again and register those who fit" in text
    seats(8)
    text, disabled = page()
    assert not disabled and "Register the next 2 of 4" in text and "Check again" not in text
    # A person being registered right now uses one of the seats.
    being_sent = Registration.objects.waiting().latest("pk")
    Registration.objects.filter(pk=being_sent.pk).update(**registration_in(State.PENDING))
    text, disabled = page()
    assert not disabled and "Register the next 1 of 3" in text
    seats(9)
    text, disabled = page()
    assert disabled and "The free seats go to people who are being registered right now." in text
    Webinar.objects.update(registration_limit=None)
    text, disabled = page()
    assert not disabled and "Register as many as there are seats" in text
    Registration.objects.waiting().update(**registration_in(State.DENIED))
    text, disabled = page()
    assert disabled and "No one is waiting." in text


def test_a_past_webinar_has_the_tab_only_where_people_wait(full: Webinar, marketer: Client) -> None:
    tab = f"/webinars/{full.pk}/waiting-list/"
    people = f"/webinars/{full.pk}/audience/registered/"
    assert tab in marketer.get(people).content.decode()
    past = timezone.now() - dt.timedelta(days=1)
    Webinar.objects.update(starts_at=past - dt.timedelta(hours=1), ends_at=past)
    assert tab in marketer.get(people).content.decode()
    page = text_of(marketer.get(tab))
    assert "Register the next" not in page and "appears after the next sync" not in page
    Registration.objects.waiting().update(**registration_in(State.DENIED))
    assert tab not in marketer.get(people).content.decode()


@pytest.mark.rule(6)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_email_to_the_waiting_list_promises_what_the_switch_does(
    full: Webinar, language: str
) -> None:
    MailTemplate.objects.all().delete()
    default_templates.install()
    template = MailTemplate.objects.get(purpose="full", language=language)
    registration = Registration.objects.waiting().earliest("pk")
    mailing = Mailing.objects.create(
        webinar=full, subject=template.subject, text=template.text, language=language
    )
    recipient = Recipient.objects.create(
        mailing=mailing, contact=registration.contact, registration=registration
    )
    texts = []
    for automatic in (False, True):
        full.auto_promote = automatic
        full.save()
        mailing.refresh_from_db()
        made = compose(recipient, values_of(Mailing.objects.get()))
        assert not made.lacking and "{" not in made.text
        texts.append(html.unescape(made.text))
    assert texts[0] != texts[1]
    if language == "en":
        assert ORGANIZER in texts[0] and AUTOMATIC in texts[1]
