"""A webinar's page of HubSpot forms: choose a form, map its fields, switch it on and off."""

import html

import pytest
from django.test import Client
from django.utils import timezone

from destinations.hubspot import form_intake
from destinations.models import FormSource, HubSpotFormList, Portal
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import work
from tests.factories import WebinarFactory
from tests.fixtures.world import signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(10)]
MAPPING = {"map_email": "email", "map_first_name": "firstname", "map_last_name": "lastname"}


@pytest.fixture
def marketer() -> Client:
    roles.set_up()
    return signed_in(roles.MARKETERS)


@pytest.fixture
def form_id(hubspot: HubSpotProcess) -> str:
    return str(hubspot.control("POST", "form", {"name": "Spring"})["id"])


def page_text(client: Client, webinar: Webinar, page: str = "", **sent: str) -> str:
    """Return the page after a POST, once a worker has read the available forms."""
    address = f"/hubspot/webinars/{webinar.pk}/forms/"
    if not page:
        HubSpotFormList.objects.all().delete()
        client.get(address)
        work()
    answer = client.post(address + page, sent, follow=True) if page else client.get(address, sent)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_a_form_is_chosen_mapped_and_switched_on_and_off(
    hubspot: HubSpotProcess, portal: Portal, marketer: Client, form_id: str
) -> None:
    webinar = WebinarFactory.create()
    text = page_text(marketer, webinar)
    assert "Only what is sent after switching on is taken" in text
    assert ">Spring</option>" in text
    text = page_text(marketer, webinar, form=form_id)
    assert '<option value="firstname" selected>First Name</option>' in text
    text = page_text(marketer, webinar, "save/", form=form_id, **(MAPPING | {"map_last_name": ""}))
    assert "Choose a form field for each: Last name" in text
    assert not FormSource.objects.get().enabled
    text = page_text(marketer, webinar, "save/", form=form_id, **MAPPING)
    assert "from now on are registered for this webinar" in text
    source = FormSource.objects.get()
    assert source.enabled
    assert source.enabled_by
    assert source.mapping == {name[4:]: theirs for name, theirs in MAPPING.items()}
    sent = {"form": "Spring", "contact": False, "values": {"firstname": "A", "lastname": "B"}}
    hubspot.control("POST", "submit-form", sent | {"email": "ada@example.com"})
    hubspot.control("POST", "submit-form", sent | {"email": "bad"})
    assert form_intake.poll_due() == 1
    text = page_text(marketer, webinar)
    assert "Its email address is not valid." in text
    assert "1 submission is tried again" in page_text(
        marketer, webinar, "switch/", source=str(source.pk), again="yes"
    )
    assert "is switched off" in page_text(marketer, webinar, "switch/", source=str(source.pk))
    assert not FormSource.objects.get().enabled
    assert Registration.objects.count() == 1


def test_what_hubspot_refuses_is_shown_with_its_message(
    hubspot: HubSpotProcess, portal: Portal, marketer: Client, form_id: str
) -> None:
    webinar = WebinarFactory.create()
    hubspot.control("POST", "scopes", {"missing": ["forms"]})
    text = page_text(marketer, webinar)
    assert "lacks a scope: forms" in text
    assert "hasn't been granted all required scopes" in text
    assert "Choose one of the forms" in page_text(
        marketer, webinar, "save/", form=form_id, **MAPPING
    )
    hubspot.control("POST", "scopes", {"missing": []})
    assert "Choose one of the forms" in page_text(
        marketer, webinar, "save/", form="other", **MAPPING
    )
    assert not FormSource.objects.exists()


def test_a_webinar_that_requires_more_since_reports_it(
    hubspot: HubSpotProcess, portal: Portal, marketer: Client, form_id: str
) -> None:
    webinar = WebinarFactory.create()
    page_text(marketer, webinar)
    page_text(marketer, webinar, "save/", form=form_id, **MAPPING)
    field = {"name": "organization", "required": True, "max_size": 128, "answers": []}
    webinar.form_fields = {"fields": [field], "questions": []}
    webinar.save()
    FormSource.objects.update(polled_at=timezone.now())
    text = page_text(marketer, webinar)
    assert "Required by the webinar, and not fed by this form: Organization" in text
