"""Every factory creates rows that are valid and do not collide."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from factory.django import DjangoModelFactory

from tests import factories
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    ConnectionFactory,
    ContactFactory,
    RegistrationFactory,
    SyncRunFactory,
    UserFactory,
    WebinarFactory,
)
from webinars.audiences import Audience, members
from webinarsync import roles

FACTORIES: list[type[DjangoModelFactory[Any]]] = [
    found
    for found in vars(factories).values()
    if isinstance(found, type)
    and issubclass(found, DjangoModelFactory)
    and found is not DjangoModelFactory
]
TRAITS = [
    (ConnectionFactory, "refused"),
    (WebinarFactory, "past"),
    (WebinarFactory, "running"),
    (RegistrationFactory, "pending"),
    (RegistrationFactory, "overflow"),
    (RegistrationFactory, "rejected"),
    (RegistrationFactory, "cancelled"),
    (RegistrationFactory, "attended"),
    (ActivityFactory, "question"),
    (SyncRunFactory, "running"),
    (SyncRunFactory, "failed"),
]


def check(row: Any) -> None:
    """Validate a row like a form, except columns that only the product leaves empty."""
    row.refresh_from_db()
    empty = {
        field.name
        for field in row._meta.concrete_fields
        if field.null and getattr(row, field.attname) is None
    }
    row.full_clean(exclude=empty)


@pytest.mark.django_db
@pytest.mark.parametrize("created_by", FACTORIES, ids=lambda found: found.__name__)
def test_two_rows_are_valid_and_do_not_collide(created_by: type[DjangoModelFactory[Any]]) -> None:
    for row in created_by.create_batch(2):
        check(row)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("created_by", "trait"), TRAITS, ids=lambda part: getattr(part, "__name__", part)
)
def test_a_row_of_each_trait_is_valid(
    created_by: type[DjangoModelFactory[Any]], trait: str
) -> None:
    check(created_by.create(**{trait: True}))


@pytest.mark.django_db
def test_an_address_is_stored_with_its_key() -> None:
    assert ContactFactory.build(email="Ann@Example.com").email_key == "ann@example.com"
    assert ContactFactory.create(email="Ann@Example.com").email_key == "ann@example.com"


@pytest.mark.django_db
def test_a_user_has_the_permissions_of_the_role() -> None:
    marketer = UserFactory.create(role=roles.MARKETERS)
    operator = UserFactory.create(role=roles.OPERATORS)
    select_nobody = UserFactory.create()
    assert marketer.check_password("x")
    assert [
        user.has_perm("platforms.view_connection") for user in (marketer, operator, select_nobody)
    ] == [
        False,
        True,
        False,
    ]
    assert marketer.has_perm("contacts.view_contact")


@pytest.mark.django_db
def test_a_webinar_is_upcoming_or_past() -> None:
    coming, past = WebinarFactory.create(), WebinarFactory.create(past=True)
    assert coming.is_to_come and not past.is_to_come
    assert past.last_session_ended_at == past.ends_at
    assert past.ends_at is not None and past.ends_at < timezone.now()
    assert coming.times_on_its_clock() == [(coming.starts_at, coming.ends_at)]


@pytest.mark.django_db
def test_an_attendance_belongs_to_a_registration_of_the_same_webinar() -> None:
    attendance = AttendanceFactory.create(minutes=5)
    assert attendance.registration.webinar == attendance.session.webinar
    assert attendance.seconds == 300
    assert attendance.session.ended_at - attendance.session.started_at == dt.timedelta(hours=1)
    attended = members(attendance.session.webinar, Audience.ATTENDED)
    assert list(attended) == [attendance.registration]
