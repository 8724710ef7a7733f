"""What is stored of a portal: its token, refusals, and the properties of its contacts."""

import logging
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from core.models import QueuedJob
from destinations.hubspot import access
from destinations.hubspot.errors import (
    HubSpotError,
    MissingScope,
    RateLimited,
    ServerError,
    TokenRefused,
)
from destinations.models import Portal
from destinations.tasks import read_hubspot_properties
from operations import doctor, metrics
from operations.doctor import Tone
from simulators.hubspot.process import HubSpotProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(hubspot: HubSpotProcess) -> Portal:
    return access.connect(str(hubspot.ready["access_token"]))


def test_a_refused_write_is_named_until_one_works(portal: Portal) -> None:
    scopes = ["crm.objects.contacts.write"]
    access.note_error(portal, MissingScope("MISSING_SCOPES", "All required", scopes=scopes))
    portal.refresh_from_db()
    assert (portal.missing_write_scopes, portal.state) == (scopes, "connected")
    assert "crm.objects.contacts.write" in portal.error
    assert portal.platform_message == "All required"
    access.note_success(portal)
    portal.refresh_from_db()
    assert (portal.missing_write_scopes, portal.error_code) == ([], "")
    assert portal.checks[access.WRITING] == {"ok": True}


def test_noting_that_writing_works_is_written_once(
    portal: Portal, django_assert_num_queries: Any
) -> None:
    access.note_success(portal)
    with django_assert_num_queries(1):
        access.note_success(portal)


@pytest.mark.parametrize(
    "error", [RateLimited("DAILY", retry_after=9), ServerError("HTTP_500", status=500)]
)
def test_a_transient_error_is_not_stored(portal: Portal, error: HubSpotError) -> None:
    access.note_error(portal, error)
    portal.refresh_from_db()
    assert (portal.state, portal.error_code) == ("connected", "")


def test_a_refusal_of_the_former_token_does_not_affect_the_new_one(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    before = Portal.objects.get()
    access.connect(str(hubspot.ready["access_token"]))
    access.note_error(before, TokenRefused("X", kind=TokenRefused.EXPIRED))
    assert Portal.objects.get().state == "connected"


def test_properties_are_read_again_each_day(hubspot: HubSpotProcess, portal: Portal) -> None:
    count = len(portal.definitions)
    hubspot.control(
        "POST",
        "property",
        {"name": "webinar_topic", "label": "Topic", "type": "string", "fieldType": "text"},
    )
    assert read_hubspot_properties() == count + 1
    assert any(row["name"] == "webinar_topic" for row in Portal.objects.get().definitions)
    hubspot.control("POST", "revoke", {})
    assert read_hubspot_properties() == 0
    assert Portal.objects.get().state == "token_refused"


def test_without_a_portal_nothing_is_read() -> None:
    assert read_hubspot_properties() == 0


def test_a_portal_that_was_disconnected_has_no_client(portal: Portal) -> None:
    access.disconnect(portal)
    with pytest.raises(TokenRefused):
        access.client_for(portal)


@override_settings(TOKEN_KEYS=[])
def test_a_token_that_cannot_be_decrypted(portal: Portal) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Portal._meta.db_table} SET access_token = 'not-ours'")
    portal = Portal.objects.get()
    access.verify_connection(portal)
    assert portal.state == "token_refused"
    assert "TOKEN_KEYS" in portal.error
    [finding] = list(doctor._hubspot())
    assert finding.tone == Tone.BAD


def test_the_token_is_in_no_row_log_or_error(
    hubspot: HubSpotProcess, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    token = str(hubspot.ready["access_token"])
    with caplog.at_level(logging.DEBUG):
        access.verify_connection(portal)
        read_hubspot_properties()
        hubspot.control("POST", "revoke", {})
        access.verify_connection(portal)
        access.disconnect(portal)
        with pytest.raises(HubSpotError) as error:
            access.connect(token)
    texts = [repr(error.value), str(error.value), error.value.message, caplog.text, repr(portal)]
    texts += [str(row) for row in QueuedJob.objects.values()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [str(row) for row in cursor.fetchall()]
    assert [text for text in texts if token in text] == []


def test_doctor_and_metrics_know_hubspot_where_it_is_connected(portal: Portal) -> None:
    [finding] = list(doctor._hubspot())
    assert (finding.tone, finding.about) == (Tone.GOOD, f"HubSpot {portal.portal_id}")
    text = metrics.text().decode()
    assert "webinarsync_hubspot_connected 1.0" in text
    assert "webinarsync_hubspot_calls_left_today" in text
    access.note_error(portal, TokenRefused("X", kind=TokenRefused.EXPIRED))
    [finding] = list(doctor._hubspot())
    assert finding.tone == Tone.BAD and "expired" in finding.message
    assert "webinarsync_hubspot_connected 0.0" in metrics.text().decode()
    access.disconnect(Portal.objects.get())
    assert list(doctor._hubspot()) == []
    assert "hubspot" not in metrics.text().decode()
