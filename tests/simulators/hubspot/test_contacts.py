"""Section 2 of the known behaviour of HubSpot: contacts. Each test is named by its line there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .client import CONTACTS, NOTES, PROPERTIES, Client, recorded, same_but

BATCH = f"{CONTACTS}/batch"


def batch_read(client: Client, *emails: str, **more: Any) -> Any:
    inputs = [{"id": each} for each in emails]
    body = {"idProperty": "email", "properties": ["email"], "inputs": inputs, **more}
    return client.call("POST", f"{BATCH}/read", json=body)


def batch_create(client: Client, *rows: dict[str, str], traced: bool = False) -> Any:
    inputs: list[dict[str, Any]] = [{"properties": row} for row in rows]
    for number, each in enumerate(inputs):
        if traced:
            each["objectWriteTraceId"] = f"t{number}"
    return client.call("POST", f"{BATCH}/create", json={"inputs": inputs})


def failures(message: str) -> list[dict[str, str]]:
    """The JSON inside the text of an error."""
    listed: list[dict[str, str]] = json.loads(
        message.removeprefix("Property values were not valid: ")
    )
    return listed


def test_2_1_a_contact_needs_an_address_or_a_name(client: Client) -> None:
    assert client.create(jobtitle="Buyer").status_code == 400
    for name in ("firstname", "lastname"):
        made = client.create(**{name: "Ana"})
        assert made.status_code == 201
        assert made.json().keys() >= {"id", "properties", "createdAt", "updatedAt", "archived"}
    assert int(client.contact("a@person.example")) > 2**31


@pytest.mark.parametrize("path", ["read", "create", "update", "upsert", "archive"])
def test_2_2_a_batch_has_a_hundred_inputs_at_most(client: Client, path: str) -> None:
    row = {"id": "1", "properties": {"firstname": "Ana"}}
    for size, status in ((101, 400), (100, None)):
        answer = client.call("POST", f"{BATCH}/{path}", json={"inputs": [row] * size})
        assert (answer.status_code == 400) is (status == 400), answer.text


def test_2_3_an_existing_address_is_a_conflict_that_names_the_id_in_its_text(
    client: Client,
) -> None:
    known = client.contact("a@person.example")
    answer = client.create(email=" A@Person.Example ")
    assert answer.status_code == 409
    body = recorded("contact_exists")
    body["message"] = body["message"].replace("12345", known)
    assert same_but(answer.json(), body)


def test_2_4_without_trace_ids_one_known_address_fails_the_whole_batch(client: Client) -> None:
    known = client.contact("b@person.example")
    client.contact("c@person.example")
    rows = [{"email": f"{letter}@person.example"} for letter in "abc"]
    answer = batch_create(client, *rows)
    assert answer.status_code == 409
    assert known in answer.json()["message"], "and names only the first"
    assert batch_read(client, "a@person.example").json()["results"] == []
    twins = batch_create(client, {"email": "d@person.example"}, {"email": "D@person.example"})
    assert twins.status_code == 409
    assert batch_read(client, "d@person.example").json()["results"] == []
    assert batch_create(client, {"email": "d@person.example"}).status_code == 201


def test_2_5_with_trace_ids_each_failure_is_reported_by_its_row(client: Client) -> None:
    client.contact("b@person.example")
    rows = [
        {"email": "a@person.example"},
        {"email": "b@person.example"},
        {"email": "c@person.example", "missing": "1"},
    ]
    answer = batch_create(client, *rows, traced=True)
    assert answer.status_code == 207
    body = answer.json()
    assert [each["objectWriteTraceId"] for each in body["results"]] == ["t0"]
    assert body["numErrors"] == 2
    assert [each["context"] for each in body["errors"]] == [
        {"objectWriteTraceId": ["t1"]},
        {"objectWriteTraceId": ["t2"]},
    ]
    assert body["errors"][0]["category"] == "CONFLICT"
    found, expected = body["errors"][1], recorded("property_unknown")
    assert found.keys() == expected.keys()
    [mine], [theirs] = failures(found["message"]), failures(expected["message"])
    assert {**mine, "portalId": 0} == {**theirs, "portalId": 0}


def test_2_5_a_conflict_may_still_fail_a_batch_with_trace_ids(client: Client) -> None:
    """Not known of HubSpot: both can be simulated."""
    client.contact("b@person.example")
    client.control("batch-conflicts", by_row=False)
    rows = [{"email": "a@person.example"}, {"email": "b@person.example"}]
    assert batch_create(client, *rows, traced=True).status_code == 409
    assert batch_read(client, "a@person.example").json()["results"] == []


def test_2_6_upsert_update_and_patch_overwrite(client: Client) -> None:
    known = client.contact("a@person.example", city="Ulm")
    by_email = {"id": "a@person.example", "idProperty": "email", "properties": {"city": "Bonn"}}
    new = {"id": "b@person.example", "idProperty": "email", "properties": {"city": "Kiel"}}
    body = client.good("POST", f"{BATCH}/upsert", json={"inputs": [by_email, new]})
    assert [each["new"] for each in body["results"]] == [False, True]
    assert client.properties(known, "city") == {"city": "Bonn"}
    update = {"inputs": [{"id": known, "properties": {"city": "Jena"}}]}
    client.good("POST", f"{BATCH}/update", json=update)
    client.good("PATCH", f"{CONTACTS}/{known}", json={"properties": {"city": "Gera"}})
    query = {"propertiesWithHistory": "city"}
    history = client.good("GET", f"{CONTACTS}/{known}", params=query)["propertiesWithHistory"]
    assert [each["value"] for each in history["city"]] == ["Gera", "Jena", "Bonn", "Ulm"]


def test_2_8_a_batch_read_shows_whom_it_did_not_find(client: Client) -> None:
    known = client.contact("a@person.example")
    answer = batch_read(client, "a@person.example", "x@y.z")
    assert answer.status_code == 207
    body = answer.json()
    assert body["errors"] == [recorded("batch_read_missing")]
    assert [each["id"] for each in body["results"]] == [known]
    assert batch_read(client, "A@PERSON.example").status_code == 200


def test_2_9_a_batch_read_finds_second_addresses_without_naming_them(
    client: Client,
) -> None:
    client.control("contact", email="a@person.example", additional_emails=["b@home.example"])
    names = ["email", "hs_additional_emails"]
    for emails in (["b@home.example"], ["a@person.example", "b@home.example"]):
        [row] = batch_read(client, *emails, properties=names).json()["results"]
        assert row["properties"]["email"] == "a@person.example"
        assert row["properties"]["hs_additional_emails"] == "b@home.example"


def test_2_10_a_second_address_belongs_to_one_contact(client: Client) -> None:
    made = client.control("contact", email="a@person.example", additional_emails=["b@home.example"])
    answer = client.create(email="b@home.example")
    assert answer.status_code == 409
    assert made["id"] in answer.json()["message"]


def test_2_11_a_single_read_is_by_id_or_address(client: Client) -> None:
    known = client.contact("a@person.example")
    by_email = client.good("GET", f"{CONTACTS}/A@person.example", params={"idProperty": "email"})
    assert by_email["id"] == known
    for path in (f"{CONTACTS}/x@y.z?idProperty=email", f"{CONTACTS}/1"):
        assert client.call("GET", path).status_code == 404


def test_2_12_search_is_late_and_limited(client: Client) -> None:
    known = client.contact("a@person.example")
    client.control("contact", email="b@person.example", additional_emails=["c@home.example"])

    def search(email: str, **more: Any) -> Any:
        filters = [{"propertyName": "email", "operator": "EQ", "value": email}]
        body = {"filterGroups": [{"filters": filters}], **more}
        client.control("rate-limit", search=0)
        return client.call("POST", f"{CONTACTS}/search", json=body)

    assert search("a@person.example").json()["results"] == [], "it was created a moment ago"
    assert client.create(email="a@person.example").status_code == 409
    client.control("clock", seconds=6)
    found = search("a@person.example")
    assert [each["id"] for each in found.json()["results"]] == [known]
    assert not [name for name in found.headers if name.lower().startswith("x-hubspot-ratelimit")]
    assert search("c@home.example").json()["results"] == []
    assert client.create(email="c@home.example").status_code == 409

    one = {"propertyName": "email", "operator": "HAS_PROPERTY"}
    too_much: list[dict[str, Any]] = [
        {"limit": 201},
        {"after": "x"},
        {"after": "9999", "limit": 10},
        {"filterGroups": [{"filters": [one]}] * 6},
        {"filterGroups": [{"filters": [one] * 7}]},
        {"filterGroups": [{"filters": [one] * 5}] * 4},
        {"query": "x" * 3000},
    ]
    for more in too_much:
        assert search("a@person.example", **more).status_code == 400, more
    client.good("DELETE", f"{CONTACTS}/{known}")
    client.control("settle")
    assert search("a@person.example").json()["results"] == []


def test_2_12_five_searches_a_second(client: Client) -> None:
    client.control("clock", stopped=True)
    answers = [client.call("POST", f"{CONTACTS}/search", json={}) for _ in range(6)]
    assert [each.status_code for each in answers] == [200] * 5 + [429]
    assert answers[5].json()["message"] == "You have reached your secondly limit."
    client.control("clock", seconds=1)
    assert client.call("POST", f"{CONTACTS}/search", json={}).ok


def test_2_13_an_invalid_address_is_reported_inside_the_text(client: Client) -> None:
    answer = client.create(email="example.lcom ")
    assert answer.status_code == 400
    assert same_but(answer.json(), recorded("email_invalid"))
    for wrong in ("ana@example.con", "dsfsafas@", "a b@person.example", "ana@person"):
        assert client.create(email=wrong).json()["category"] == "VALIDATION_ERROR", wrong


def test_2_13_newer_errors_have_codes(client: Client) -> None:
    client.control("error-codes", on=True)
    [error] = client.create(email="x", city="Ulm").json()["errors"]
    assert error["code"] == "INVALID_EMAIL"
    assert error["context"] == {"propertyName": ["email"]}


def test_2_14_one_invalid_property_fails_the_whole_contact(client: Client) -> None:
    answer = client.create(email="a@person.example", numemployees="about 7", nothing="1")
    assert answer.status_code == 400
    first, second = failures(answer.json()["message"])
    recorded_error = recorded("option_unknown")
    assert (first["name"], first["error"]) == ("numemployees", recorded_error["error"])
    options = "1-5, 5-25, 25-50, 50-100, 100-500, 500-1000, 1000+"
    assert first["message"] == recorded_error["message"].replace("X", "about 7").replace(
        "…", options
    )
    assert (second["name"], second["error"]) == ("nothing", "PROPERTY_DOESNT_EXIST")
    assert batch_read(client, "a@person.example").json()["results"] == []


def test_2_15_an_enumeration_takes_its_internal_names(client: Client) -> None:
    options = [{"label": "Small firm", "value": "small"}, {"label": "Large firm", "value": "large"}]
    client.control(
        "property", name="size", label="Size", type="enumeration", fieldType="select",
        options=options,
    )  # fmt: skip
    assert client.create(email="a@person.example", size="Small firm").status_code == 400
    assert client.create(email="a@person.example", size="small").status_code == 201


def test_2_15_types_are_those_of_a_real_portal(client: Client) -> None:
    found = {each["name"]: each for each in client.good("GET", PROPERTIES)["results"]}
    texts = "firstname lastname jobtitle industry state zip salutation website phone mobilephone"
    for name in (*texts.split(), "address", "city", "country", "company"):
        assert found[name]["type"] == "string", name
    for name, count in (("lifecyclestage", 8), ("numemployees", 7)):
        assert found[name]["type"] == "enumeration"
        assert len(found[name]["options"]) == count
    assert found["hubspot_owner_id"]["type"] == "enumeration"
    # Administrators can change types.
    client.control("property", name="industry", label="Industry", type="number", fieldType="number")
    assert client.create(email="a@person.example", industry="Retail").status_code == 400


def test_2_16_read_only_properties_are_marked_and_refused(client: Client) -> None:
    for each in client.good("GET", PROPERTIES)["results"]:
        read_only = each["modificationMetadata"]["readOnlyValue"]
        answer = client.create(**{"email": "a@person.example", each["name"]: "1"})
        refused = "READ_ONLY_VALUE" in answer.text
        assert refused is read_only, each["name"]


def test_2_17_a_lifecycle_stage_only_moves_forward(client: Client) -> None:
    known = client.contact("a@person.example", lifecyclestage="customer")
    path = f"{CONTACTS}/{known}"
    client.good("PATCH", path, json={"properties": {"lifecyclestage": "lead"}})
    assert client.properties(known, "lifecyclestage") == {"lifecyclestage": "customer"}
    for stage in ("", "lead"):
        client.good("PATCH", path, json={"properties": {"lifecyclestage": stage}})
    assert client.properties(known, "lifecyclestage") == {"lifecyclestage": "lead"}


def test_2_18_no_one_becomes_a_marketing_contact_by_the_api(client: Client) -> None:
    known = client.contact("a@person.example")
    assert client.properties(known, "hs_marketable_status") == {"hs_marketable_status": None}
    answer = client.create(email="b@person.example", hs_marketable_status="true")
    assert "READ_ONLY_VALUE" in answer.text


def test_2_19_a_merge_gives_a_new_id_and_keeps_the_address(client: Client) -> None:
    first = client.contact("a@person.example", city="Ulm")
    second = client.contact("b@person.example", city="Bonn", country="DE")
    body = {"primaryObjectId": first, "objectIdToMerge": second}
    merged = client.good("POST", f"{CONTACTS}/merge", json=body)["id"]
    assert merged not in (first, second)
    names = ("email", "hs_additional_emails", "city", "country")
    assert list(client.properties(merged, *names).values()) == [
        "a@person.example", "b@person.example", "Ulm", "DE",
    ]  # fmt: skip
    assert client.call("GET", f"{CONTACTS}/{second}").status_code == 404
    update = [{"id": each, "properties": {"city": "Jena"}} for each in (second, merged)]
    body = client.good("POST", f"{BATCH}/update", json={"inputs": update})
    assert [each["id"] for each in body["results"]] == [merged]
    assert "errors" not in body


def test_2_19_a_merge_may_keep_the_id(client: Client) -> None:
    first, second = client.contact("a@person.example"), client.contact("b@person.example")
    expected = client.control("merge", primary=first, other="b@person.example", keep_id=True)
    assert expected == {"id": first, "merged": [first, second]}


def test_2_19_a_merged_id_may_lead_to_the_survivor(client: Client) -> None:
    """Not known of HubSpot: both can be simulated."""
    first, second = client.contact("a@person.example"), client.contact("b@person.example")
    merged = client.control("merge", primary=first, other=second)["id"]
    assert client.call("GET", f"{CONTACTS}/{second}").status_code == 404
    client.control("merged-ids", lead_on=True)
    for each in (first, second):
        assert client.good("GET", f"{CONTACTS}/{each}")["id"] == merged
    update = [{"id": second, "properties": {"city": "Jena"}}]
    body = client.good("POST", f"{BATCH}/update", json={"inputs": update})
    assert body["results"] == []


def test_2_19_participation_and_notes_go_with_a_merge(client: Client) -> None:
    first, second = client.contact("a@person.example"), client.contact("b@person.example")
    event = client.event()
    client.attend(event, "register", second)
    note = {
        "properties": {"hs_timestamp": "2026-11-20T10:00:00Z"},
        "associations": [
            {
                "to": {"id": second},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}],
            }
        ],
    }
    client.good("POST", NOTES, json=note)
    merged = client.control("merge", primary=first, other=second)["id"]
    truth = client.hubspot.truth()
    assert [each["contact"] for each in truth["participations"]] == [merged]
    assert [each["contacts"] for each in truth["notes"]] == [[merged]]


def test_2_20_an_archived_contact_is_read_only_when_asked_for(client: Client) -> None:
    known = client.contact("a@person.example")
    client.good("DELETE", f"{CONTACTS}/{known}")
    assert batch_read(client, "a@person.example").status_code == 207
    assert client.call("GET", f"{CONTACTS}/{known}").status_code == 404
    assert client.good("GET", f"{CONTACTS}/{known}", params={"archived": "true"})["archived"]
    [expected] = [each for each in client.hubspot.truth()["contacts"] if each["id"] == known]
    assert expected["archived"] is True


def test_2_21_a_privacy_deleted_address_can_be_created_again(client: Client) -> None:
    known = client.contact("a@person.example")
    client.attend(client.event(), "register", known)
    client.good("POST", f"{CONTACTS}/gdpr-delete", json={"objectId": known})
    truth = client.hubspot.truth()
    assert known not in [each["id"] for each in truth["contacts"]]
    assert truth["participations"] == []
    assert [each["email"] for each in truth["erased"]] == ["a@person.example"]
    assert client.create(email="a@person.example").status_code == 201


@pytest.mark.parametrize("status", [423, 477, 502, 503, 504, 521, 523, 524])
def test_2_22_it_can_be_locked_migrating_or_failing(client: Client, status: int) -> None:
    client.control("fail", next=1, status=status)
    answer = client.create(email="a@person.example")
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 477)
    assert client.create(email="a@person.example").status_code == 201


def test_0_5_administrators_rules_are_enforced(client: Client) -> None:
    conditional = [{"property": "state", "when": "country", "is": "US"}]
    client.control("require", properties=["company"], conditional=conditional)
    path = "/crm-object-schemas/2026-09/schemas/contacts"
    assert client.good("GET", path)["requiredProperties"] == ["company"]
    [error] = client.create(email="a@person.example").json()["errors"]
    assert error["code"] == "MISSING_REQUIRED_PROPERTY"
    assert error["context"] == {"propertyName": ["company"]}
    [error] = client.create(email="a@person.example", company="X", country="US").json()["errors"]
    assert error["code"] == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    assert client.create(email="a@person.example", company="X").status_code == 201
    client.control("require", properties=["company"], in_schema=False)
    assert client.good("GET", path)["requiredProperties"] == []
    assert client.create(email="b@person.example").status_code == 400
