"""No page waits for a slow or unavailable HubSpot: workers call it, pages show the last results
(rules 9 and 12)."""

import html
import time
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from contacts import deletion
from contacts.models import Contact
from destinations import tasks
from destinations.hubspot import checks, transport
from destinations.models import HubSpotComparison, HubSpotFormList, HubSpotPreview, Portal
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import send, switched_on, work
from tests.factories import RegistrationFactory
from tests.fixtures.world import signed_in
from webinars.models import Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(9, 12)]


@pytest.fixture
def marketer() -> Client:
    roles.set_up()
    return signed_in(roles.MARKETERS)


@pytest.fixture
def webinar(portal: Portal) -> Webinar:
    """A webinar of which HubSpot refused a person."""
    registration = RegistrationFactory.create(contact__email="bad@example.con")
    RegistrationFactory.create(webinar=registration.webinar)
    send(switched_on(portal, registration.webinar))
    webinar: Webinar = registration.webinar
    return webinar


@pytest.fixture
def hanging(hubspot: HubSpotProcess, webinar: Webinar) -> Iterator[HubSpotProcess]:
    """A HubSpot that answers after half a minute, and a contact to look up there."""
    RegistrationFactory.create(webinar=webinar)
    hubspot.control("POST", "latency", {"ms": 30_000})
    hubspot.control("POST", "calls/reset")
    yield hubspot
    hubspot.control("POST", "latency", {"ms": 0})


def get(client: Client, address: str, **posted: str) -> str:
    answer = client.post(address, posted, follow=True) if posted else client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_no_page_waits_for_a_hubspot_that_hangs(
    hanging: HubSpotProcess, webinar: Webinar, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = f"/hubspot/webinars/{webinar.pk}/"
    began = time.monotonic()
    assert "Comparing with HubSpot…" in get(marketer, tab)
    text = get(marketer, f"{tab}preview/", csrf="")
    assert "The preview is being prepared…" in text
    assert f'data-live="{tab}progress/hubspotcomparison/"' in text
    text = get(marketer, f"{tab}forms/")
    assert "The forms in HubSpot are being read…" in text
    get(marketer, f"{tab}lists/", audience="attended", action="on")
    assert time.monotonic() - began < 15
    assert hanging.calls() == []
    # The worker stops, and the pages show why; local data is shown all the same.
    monkeypatch.setattr(transport, "TIMEOUT", (0.2, 0.2))
    work()
    text = get(marketer, tab)
    assert "HubSpot's figures could not be read. HubSpot cannot be reached." in text
    assert "The preview failed. HubSpot cannot be reached." in text
    assert "HubSpot rejected this contact." in text
    assert "data-live" not in text
    assert "The forms could not be read. HubSpot cannot be reached." in get(
        marketer, f"{tab}forms/"
    )


def test_no_page_waits_for_a_hubspot_that_is_dead(
    webinar: Webinar, marketer: Client, settings: object
) -> None:
    settings.HUBSPOT_API_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    tab = f"/hubspot/webinars/{webinar.pk}/"
    get(marketer, tab)
    work()
    text = get(marketer, tab)
    assert "could not be read" in text
    assert "HubSpot rejected this contact." in text


def test_an_open_page_asks_for_a_few_lines_and_no_one_is_compared_for_it(
    webinar: Webinar, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open page polls every two seconds and reads only the state of the check."""
    tab = f"/hubspot/webinars/{webinar.pk}/"

    def never(*_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(checks, "status_of", never)
        get(marketer, tab)
        state = get(marketer, f"{tab}progress/hubspotcomparison/")
        assert "data-live" in state
        assert len(state) < 1000
    assert work() == 1
    assert get(marketer, f"{tab}progress/hubspotcomparison/").strip() == ""
    text = get(marketer, tab)
    assert "HubSpot rejected this contact." in text
    assert marketer.get(f"{tab}progress/other/").status_code == 404
    # Opened again at once, it is not compared again; a minute later it is.
    assert HubSpotComparison.objects.count() == 1
    HubSpotComparison.objects.update(finished_at=timezone.now() - 2 * checks.FRESH_FOR)
    get(marketer, tab)
    assert HubSpotComparison.objects.count() == 2
    work()
    assert "HubSpot is being asked." in get(marketer, f"{tab}compare/", csrf="")
    assert HubSpotComparison.objects.count() == 3


def test_a_check_names_no_one_who_was_deleted_since(webinar: Webinar, marketer: Client) -> None:
    tab = f"/hubspot/webinars/{webinar.pk}/"
    get(marketer, tab)
    get(marketer, f"{tab}preview/", csrf="")
    work()
    assert "bad@example.con" in get(marketer, tab)
    stored = [
        str(kind._default_manager.values_list("result", flat=True))
        for kind in (HubSpotComparison, HubSpotPreview)
    ]
    assert "example.con" not in "".join(stored)
    deletion.delete_contacts(Contact.objects.filter(email="bad@example.con"))
    assert "bad@example.con" not in get(marketer, tab)


def test_what_workers_send_is_compared_without_being_asked_for(
    portal: Portal, webinar: Webinar
) -> None:
    tasks.hand_over_webinar(webinar.handovers.get().pk)
    assert HubSpotComparison.objects.filter(state="waiting").count() == 1


def test_forms_are_read_separately_for_each_portal(
    hubspot: HubSpotProcess, portal: Portal, webinar: Webinar
) -> None:
    hubspot.control("POST", "form", {"name": "Spring"})
    checks.request(HubSpotFormList, portal, webinar)
    assert tasks.read_forms(webinar.pk) == "done"
    assert tasks.read_forms(webinar.pk) == "no one waits for it"
    read = checks.with_result(HubSpotFormList, portal, webinar)
    assert "Spring" in [form.name for form in checks.forms_in(read)]
    other = Portal(pk=portal.pk + 1)
    assert checks.with_result(HubSpotFormList, other, webinar) is None
    assert checks.forms_in(None) == []


def test_the_test_of_the_connection_is_made_by_a_worker(
    hanging: HubSpotProcess, portal: Portal, settings: object
) -> None:
    roles.set_up()
    operator = signed_in(roles.OPERATORS)
    began = time.monotonic()
    text = get(operator, "/hubspot/test/", csrf="")
    assert "The connection is being tested…" in text
    assert "data-live" in text
    assert time.monotonic() - began < 15
    assert hanging.calls() == []
    settings.HUBSPOT_API_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    assert tasks.verify_hubspot(portal.pk)
    text = get(operator, "/hubspot/")
    assert "HubSpot cannot be reached." in text
    assert "Some required data cannot be read." in text
    assert "data-live" not in text
    Portal.objects.all().delete()
    assert not tasks.verify_hubspot(portal.pk)
