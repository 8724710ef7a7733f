"""Three people and a webinar that has run: enough to see every page."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from contacts.models import Activity, Contact
from webinars.models import Connection, Registration, SyncRun, Webinar
from webinarsync import roles

State = Registration.State


def make_people(webinar: Webinar, count: int, prefix: str = "p") -> list[Registration]:
    """Register `count` people for `webinar`: every second one attended."""
    contacts = Contact.objects.bulk_create(
        Contact(
            email=f"{prefix}{n}@example.com",
            email_key=f"{prefix}{n}@example.com",
            first_name=f"First{n}",
            last_name=f"Last{n}",
            country="Chile" if n % 2 else "Peru",
        )
        for n in range(count)
    )
    for contact in contacts:
        Activity.objects.create(
            contact=contact, key="registered:1", kind="registered", happened_at=timezone.now()
        )
    return Registration.objects.bulk_create(
        Registration(
            contact=contact,
            webinar=webinar,
            state=State.REGISTERED,
            registrant_key=f"{prefix}{number}",
            sessions_attended=number % 2,
            seconds_attended=60 * number * (number % 2),
            join_url="https://join.example/secret",
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
    connection = Connection.objects.create(
        organizer_key="1", email="o@example.com", refresh_token="secret-refresh"
    )
    webinar = Webinar.objects.create(
        connection=connection,
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
    SyncRun.objects.create(
        connection=connection, webinar=webinar, trigger="clock", state="done", started_at=now
    )
    return World(webinar, make_people(webinar, 6))


def signed_in(group: str | None) -> Client:
    """Return a browser signed in as somebody of `group`; None: staff of no group."""
    user = User.objects.create_user(f"user-of-{group}", password="x", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def marketer(world: World) -> Client:
    return signed_in(roles.MARKETERS)
