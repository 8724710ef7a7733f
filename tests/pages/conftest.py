"""Three people and a webinar that has run: enough to see every page."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Activity, Contact
from tests.factories import (
    ActivityFactory,
    ContactFactory,
    RegistrationFactory,
    SyncRunFactory,
    UserFactory,
    WebinarFactory,
)
from webinars.models import Registration, Webinar
from webinarsync import roles


def make_people(webinar: Webinar, count: int, prefix: str = "p") -> list[Registration]:
    """Register `count` people for `webinar`: every second one attended."""
    contacts = Contact.objects.bulk_create(
        ContactFactory.build(
            email=f"{prefix}{n}@example.com",
            first_name=f"First{n}",
            last_name=f"Last{n}",
            country="Chile" if n % 2 else "Peru",
        )
        for n in range(count)
    )
    Activity.objects.bulk_create(
        ActivityFactory.build(contact=contact, key="registered:1", data={}) for contact in contacts
    )
    return Registration.objects.bulk_create(
        RegistrationFactory.build(
            contact=contact,
            webinar=webinar,
            registrant_key=f"{prefix}{number}",
            sessions_attended=number % 2,
            seconds_attended=60 * number * (number % 2),
            join_url="https://join.example/secret",
            given={},
        )
        for number, contact in enumerate(contacts)
    )


@dataclass
class World:
    """What the pages are about."""

    webinar: Webinar
    registrations: list[Registration]


@pytest.fixture
def world(db: None) -> World:
    roles.set_up()
    now = timezone.now()
    webinar = WebinarFactory.create(
        connection__organizer_key="1",
        connection__email="o@example.com",
        key="77",
        slug="a-webinar-77",
        subject="A webinar",
        starts_at=now - dt.timedelta(hours=2),
        ends_at=now + dt.timedelta(hours=1),
        times=[[(now - dt.timedelta(hours=2)).isoformat(), now.isoformat()]],
        time_zone="Europe/Berlin",
        sync_enabled=True,
        form_enabled=True,
        last_session_ended_at=now - dt.timedelta(hours=1),
    )
    SyncRunFactory.create(webinar=webinar, started_at=now, finished_at=None)
    return World(webinar, make_people(webinar, 6))


def signed_in(group: str | None) -> Client:
    """Return a browser signed in as somebody of `group`; None: staff of no group."""
    client = Client()
    client.force_login(UserFactory.create(username=f"user-of-{group}", email="", role=group))
    return client


@pytest.fixture
def marketer(world: World) -> Client:
    return signed_in(roles.MARKETERS)
