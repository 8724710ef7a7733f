"""HubSpot's own client for Python uses the v3 paths: what it reads and writes is compatible.

It validates the shapes that HubSpot publishes, and refuses answers without required fields.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hubspot import HubSpot
from hubspot.crm import contacts, lists
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.crm.objects import notes
from hubspot.marketing import events

from .client import ATTENDED_AT, REGISTERED_AT, Client

START, END = datetime(2026, 11, 20, 10, tzinfo=UTC), datetime(2026, 11, 20, 11, tzinfo=UTC)


@pytest.fixture
def official(client: Client) -> HubSpot:
    client.control("lag", participation=0)
    return HubSpot(access_token=client.token, host=client.hubspot.api_url)


def create(official: HubSpot, email: str) -> str:
    body = contacts.SimplePublicObjectInputForCreate(
        properties={"email": email, "firstname": "Ana"}, associations=[]
    )
    made = official.crm.contacts.basic_api.create(body)
    return str(made.id)


def put_event(official: HubSpot) -> str:
    body = events.MarketingEventCreateRequestParams(
        external_account_id="org-1",
        external_event_id="w-1",
        event_name="Ask the founders",
        event_organizer="Ada",
        event_type="WEBINAR",
        start_date_time=START,
        end_date_time=END,
    )
    official.marketing.events.basic_api.create(body)
    made = official.marketing.events.basic_api.upsert("w-1", body)
    assert made.start_date_time == START and made.event_completed is False
    return str(made.object_id)


def test_contacts_are_created_and_read(official: HubSpot) -> None:
    known = create(official, "a@person.example")
    read = official.crm.contacts.basic_api.get_by_id(
        known, properties=["email"], properties_with_history=["firstname"]
    )
    assert read.properties["email"] == "a@person.example"
    assert [each.value for each in read.properties_with_history["firstname"]] == ["Ana"]
    assert read.created_at.tzinfo is not None and read.archived is False
    assert len(official.crm.contacts.get_all()) == 4


def test_contacts_are_read_and_created_in_batches(official: HubSpot) -> None:
    known = create(official, "a@person.example")
    api = official.crm.contacts.batch_api
    wanted = contacts.BatchReadInputSimplePublicObjectId(
        id_property="email",
        properties=["email"],
        properties_with_history=[],
        inputs=[contacts.SimplePublicObjectId(id=each) for each in ("a@person.example", "x@y.z")],
    )
    read = api.read(wanted)
    assert [each.id for each in read.results] == [known]
    assert (read.status, read.num_errors) == ("COMPLETE", 1)
    assert read.errors[0].context["ids"] == ["x@y.z"]
    rows = [
        contacts.SimplePublicObjectBatchInputForCreate(
            properties={"email": email}, object_write_trace_id=email, associations=[]
        )
        for email in ("a@person.example", "b@person.example")
    ]
    made = api.create(contacts.BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows))
    assert [each.object_write_trace_id for each in made.results] == ["b@person.example"]
    assert made.errors[0].category == "CONFLICT"


def test_properties_are_read(official: HubSpot) -> None:
    found = official.crm.properties.core_api.get_all("contacts").results
    by_name = {each.name: each for each in found}
    assert by_name["lifecyclestage"].options[0].value == "subscriber"
    assert by_name["createdate"].modification_metadata.read_only_value is True


def test_errors_are_raised(client: Client, official: HubSpot) -> None:
    known = create(official, "a@person.example")
    with pytest.raises(ApiException) as raised:
        create(official, "a@person.example")
    assert raised.value.status == 409
    assert f"Existing ID: {known}" in raised.value.body
    with pytest.raises(ApiException) as raised:
        official.crm.contacts.basic_api.get_by_id("1")
    assert raised.value.status == 404
    mangled = HubSpot(access_token="mangled", host=client.hubspot.api_url)
    with pytest.raises(ApiException) as raised:
        mangled.crm.contacts.basic_api.get_page()
    assert raised.value.status == 401 and "1970" in raised.value.body


def test_marketing_events_are_written_and_read(official: HubSpot) -> None:
    body = events.MarketingEventCreateRequestParams(
        external_account_id="org-1",
        external_event_id="w-1",
        event_name="Ask the founders",
        event_organizer="Ada",
        start_date_time=START,
    )
    api = official.marketing.events.basic_api
    made = api.create(body)
    body.event_name = "Renamed"
    assert api.upsert("w-1", body).event_name == "Renamed"
    read = api.get_by_object_id(made.object_id)
    assert (read.event_name, read.external_event_id) == ("Renamed", "w-1")
    assert read.start_date_time == START and read.registrants == 0
    assert [each.object_id for each in api.get_all().results] == [made.object_id]
    detail = api.get_details("w-1", "org-1")
    assert detail.object_id == made.object_id
    update = events.MarketingEventPublicUpdateRequestV2(event_description="An hour")
    assert api.update_by_object_id(made.object_id, update).event_description == "An hour"
    over = events.MarketingEventCompleteRequestParams(start_date_time=START, end_date_time=END)
    done = official.marketing.events.change_property_api.complete("w-1", "org-1", over)
    assert done.event_completed is True
    assert official.marketing.events.change_property_api.cancel("w-1", "org-1").event_cancelled


def test_attendance_is_written_and_read(official: HubSpot) -> None:
    event, person = put_event(official), create(official, "a@person.example")
    api = official.marketing.events.add_event_attendees_api

    def inputs(at: int, **properties: str) -> events.BatchInputMarketingEventSubscriber:
        row = events.MarketingEventSubscriber(
            vid=int(person), interaction_date_time=at, properties=properties
        )
        return events.BatchInputMarketingEventSubscriber(inputs=[row])

    # 201, where HubSpot publishes 200: the client accepts it and returns no body.
    api.record_by_contact_id(event, "register", inputs(REGISTERED_AT))
    there = {"joinedAt": "2026-11-20T10:00:00Z", "leftAt": "2026-11-20T10:30:00Z"}
    api.record_by_contact_ids(
        "w-1", "attend", inputs(ATTENDED_AT, **there), external_account_id="org-1"
    )
    states = official.marketing.events.retrieve_participant_state_api
    counted = states.get_participations_counters_by_marketing_event_id(event)
    assert (counted.attended, counted.registered, counted.no_shows) == (1, 0, 0)
    rows = states.get_participations_breakdown_by_external_event_id("org-1", "w-1")
    [row] = rows.results
    assert row.properties.attendance_state == "ATTENDED"
    assert row.properties.attendance_duration_seconds == 1800
    assert row.properties.occurred_at == ATTENDED_AT
    assert row.associations.contact.contact_id == person
    mine = states.get_participations_breakdown_by_contact_id(person)
    assert mine.results[0].associations.marketing_event.external_event_id == "w-1"


def test_notes_are_written_and_read(official: HubSpot) -> None:
    person = create(official, "a@person.example")
    kind = notes.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=202)
    body = notes.SimplePublicObjectInputForCreate(
        properties={"hs_timestamp": "2026-11-20T10:00:00Z", "hs_note_body": "Asked: why?"},
        associations=[
            notes.PublicAssociationsForObject(to=notes.PublicObjectId(id=person), types=[kind])
        ],
    )
    made = official.crm.objects.notes.basic_api.create(body)
    read = official.crm.objects.notes.basic_api.get_by_id(
        made.id, properties=["hs_note_body"], associations=["contacts"]
    )
    assert read.properties["hs_note_body"] == "Asked: why?"
    assert [each.id for each in read.associations["contacts"].results] == [person]
    on = official.crm.contacts.basic_api.get_by_id(person, associations=["notes"])
    assert [each.id for each in on.associations["notes"].results] == [made.id]
    page = official.crm.associations.v4.basic_api.get_page("contacts", person, "notes")
    assert [str(each.to_object_id) for each in page.results] == [made.id]


def test_lists_are_written_and_read(official: HubSpot) -> None:
    person = create(official, "a@person.example")
    body = lists.ListCreateRequest(
        name="Came", object_type_id="0-1", processing_type="MANUAL", filter_branch=None
    )
    made = official.crm.lists.lists_api.create(body).list
    changed = official.crm.lists.memberships_api.add(made.list_id, [person, "1"])
    assert changed.records_ids_added == [person]
    assert changed.record_ids_missing == ["1"]
    page = official.crm.lists.memberships_api.get_page(made.list_id)
    assert [each.record_id for each in page.results] == [person]
    search = lists.ListSearchRequest(
        query="ca", additional_properties=["hs_list_size"], count=20, offset=0
    )
    [one] = official.crm.lists.lists_api.do_search(search).lists
    assert (one.list_id, one.additional_properties) == (made.list_id, {"hs_list_size": "1"})
    found = official.crm.lists.lists_api.get_by_name("Came", "0-1").list
    assert (found.list_id, found.size) == (made.list_id, 1)


def test_forms_are_read(official: HubSpot) -> None:
    forms = official.marketing.forms.forms_api.get_page().results
    assert [each.name for each in forms] == ["Webinar registration", "Newsletter"]
    assert official.marketing.forms.forms_api.get_by_id(forms[0].id).form_type == "hubspot"
