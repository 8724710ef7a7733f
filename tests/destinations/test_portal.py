"""The row of a HubSpot portal: one is connected at most, and its token is never shown."""

from typing import Any

import pytest
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from destinations.models import Portal
from destinations.models.portal import STANDARD_MAPPING

pytestmark = pytest.mark.django_db
TOKEN = "pat-eu1-a-token-that-nobody-sees"


def test_the_token_is_encrypted_and_in_no_repr_or_fixture() -> None:
    portal = Portal.objects.create(portal_id="77", access_token=TOKEN)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT access_token FROM {Portal._meta.db_table}")
        (stored,) = cursor.fetchone()
    assert stored
    assert TOKEN not in stored
    assert TOKEN not in f"{portal!r} {portal} {serializers.serialize('json', [portal])}"
    assert Portal.objects.get().access_token == TOKEN


def test_the_connected_portal_is_found_until_it_is_disconnected() -> None:
    assert Portal.objects.connected() is None
    portal = Portal.objects.create(portal_id="77")
    assert Portal.objects.connected() == portal
    portal.state = Portal.State.TOKEN_REFUSED
    portal.save()
    assert Portal.objects.connected() == portal
    portal.state, portal.current = Portal.State.DISCONNECTED, None
    portal.disconnected_at = timezone.now()
    portal.save()
    assert Portal.objects.connected() is None
    assert not portal.is_connected


def test_asking_again_costs_no_query(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    Portal.objects.create(portal_id="77")
    with django_assert_num_queries(1):
        Portal.objects.connected()
        Portal.objects.connected()


def test_two_cannot_be_connected_and_many_may_have_been() -> None:
    former: dict[str, Any] = {
        "current": None,
        "state": Portal.State.DISCONNECTED,
        "disconnected_at": timezone.now(),
    }
    Portal.objects.create(portal_id="1", **former)
    Portal.objects.create(portal_id="2", **former)
    Portal.objects.create(portal_id="3")
    with pytest.raises(IntegrityError), transaction.atomic():
        Portal.objects.create(portal_id="4")


def test_the_standard_mapping_is_a_portals_own_to_change() -> None:
    portal = Portal.objects.create()
    portal.mapping["job_title"] = "position"
    assert Portal().mapping == STANDARD_MAPPING
    assert STANDARD_MAPPING["job_title"] == "jobtitle"
    assert len(STANDARD_MAPPING) == 12


def test_the_address_of_a_contacts_record() -> None:
    portal = Portal(portal_id="77", ui_domain="app-eu1.hubspot.com")
    assert portal.contact_url("5") == "https://app-eu1.hubspot.com/contacts/77/record/0-1/5"
    assert Portal().contact_url("5") == ""
