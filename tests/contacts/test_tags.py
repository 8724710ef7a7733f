"""Tags of contacts: on their page, in lists, files and segments, and when contacts are merged or
deleted."""

import csv
import io
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from contacts import merge as merging
from contacts import tags
from contacts.admin.filters import TagFilter
from contacts.deletion import delete_contacts
from contacts.models import Contact, ContactTag, Tag
from contacts.personal_data import personal_data_of
from segments.service import found_by
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db
LIST = "/admin/contacts/contact/"


def person(name: str = "p0") -> Contact:
    return Contact.objects.get(email_key=f"{name}@example.com")


def tagged(contact: Contact) -> list[str]:
    return tags.names_of([contact.pk]).get(contact.pk, [])


def save(client: Client, contact: Contact, **changed: str) -> Any:
    """Post a contact's page as a browser does, with `changed` fields."""
    page = f"{LIST}{contact.pk}/change/?edit=1"
    form = client.get(page).context["adminform"].form
    data = {}
    for name, field in form.fields.items():
        value = field.prepare_value(form.initial.get(name))
        data[name] = data[f"initial-{name}"] = "" if value is None else str(value)
    return client.post(page, data | changed)


def test_names_are_separated_by_commas_or_semicolons_and_ignore_case() -> None:
    assert tags.names_in(" VIP; key  account,vip ,, ;") == ["VIP", "key account"]


def test_a_tag_is_one_tag_whatever_its_case(world: World) -> None:
    tags.give({person().pk: ["VIP", "Straße"]}, user_id=None)
    tags.give({person("p1").pk: ["vip", "STRASSE"]}, user_id=None)
    assert Tag.objects.count() == 2 and ContactTag.objects.count() == 4


def test_tags_are_shown_and_edited_on_the_contacts_page(world: World, marketer: Client) -> None:
    tags.give({person().pk: ["VIP", "old"]}, user_id=None)
    page = marketer.get(f"{LIST}{person().pk}/change/?edit=1").content.decode()
    assert 'value="old, VIP"' in page
    answer = save(marketer, person(), tag_names="New one; vip")
    assert answer.status_code == 302
    assert tagged(person()) == ["New one", "VIP"]
    link = ContactTag.objects.get(tag__name="New one")
    assert link.added_by is not None and link.added_at is not None
    history = marketer.get(f"{LIST}{person().pk}/history/").content.decode()
    assert "Changed Tags." in history


def test_a_page_that_changes_other_fields_does_not_change_tags(
    world: World, marketer: Client
) -> None:
    tags.give({person().pk: ["VIP"]}, user_id=None)
    assert save(marketer, person(), city="Lima").status_code == 302
    assert (tagged(person()), person().city) == (["VIP"], "Lima")


def test_a_stale_page_removes_no_tag(world: World, marketer: Client) -> None:
    old = {"initial-tag_names": "VIP", "tag_names": "VIP, Mine"}
    tags.give({person().pk: ["VIP", "Theirs"]}, user_id=None)
    answer = save(marketer, person(), **old)
    assert "changed to “Theirs, VIP” while you were editing" in answer.content.decode()
    assert save(marketer, person(), **(old | {"tag_names": "VIP"})).status_code == 302
    assert tagged(person()) == ["Theirs", "VIP"]


def test_tags_are_limited(world: World, marketer: Client) -> None:
    tags.give({person().pk: [f"tag {n}" for n in range(tags.MOST_OF_ALL)]}, user_id=None)
    answer = save(marketer, person("p1"), tag_names="tag 1, new")
    assert "There are 1000 tags already" in answer.content.decode()
    assert marketer.post("/admin/contacts/tag/add/", {"name": "new"}).status_code == 200
    assert save(marketer, person("p1"), tag_names="tag 1").status_code == 302
    page = f"/admin/contacts/tag/{Tag.objects.get(name='tag 2').pk}/change/"
    assert marketer.post(page, {"name": "new"}).status_code == 302
    # A contact with more tags than a user may assign can be saved.
    assert save(marketer, person(), city="Lima").status_code == 302
    assert (len(tagged(person())), person().city) == (tags.MOST_OF_ALL, "Lima")


@pytest.mark.parametrize("written", ["x" * 61, ",".join(map(str, range(51))), "a\x01b"])
def test_what_is_no_tag_is_refused(world: World, marketer: Client, written: str) -> None:
    assert save(marketer, person(), tag_names=written).status_code == 200
    assert not Tag.objects.exists()


def test_the_list_is_filtered_by_a_tag(world: World, marketer: Client) -> None:
    tags.give({person().pk: ["VIP"]}, user_id=None)
    tag = Tag.objects.get()
    answer = marketer.get(f"{LIST}?tag={tag.pk}&_facets=True")
    assert [row.pk for row in answer.context["cl"].result_list] == [person().pk]
    counted = TagFilter.parameter_name, "VIP (1)"
    assert all(word in answer.content.decode() for word in counted)


@pytest.mark.parametrize("written", ["x", "0", "9" * 50, "-1"])
def test_a_tag_that_cannot_be_read_chooses_no_one(
    world: World, marketer: Client, written: str
) -> None:
    answer = marketer.get(f"{LIST}?tag={written}")
    assert answer.context["cl"].result_count == 0 and b"cannot be read" in answer.content
    answer = marketer.get(f"/contacts/find/?tags={written}")
    assert answer.context["unreadable_reason"] and not answer.context["page"].object_list


def test_people_are_found_by_any_of_several_tags(world: World, marketer: Client) -> None:
    tags.give({person("p0").pk: ["A"], person("p1").pk: ["B"], person("p2").pk: []}, user_id=None)
    query = "&".join(f"tags={tag.pk}" for tag in Tag.objects.all())
    found = found_by(QueryDict(query)).qs
    assert {row.email for row in found} == {"p0@example.com", "p1@example.com"}
    Tag.objects.get(name="A").delete()
    assert found_by(QueryDict(query)).unreadable_reason, "a segment with a deleted tag finds no one"


def test_files_hold_them(world: World, marketer: Client) -> None:
    tags.give({person().pk: ["VIP", "key account"]}, user_id=None)
    answer: Any = marketer.get("/contacts/find/export.csv?name=p0@")
    [row] = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert row["tags"] == "key account; VIP"
    answer = marketer.get("/contacts/list.csv?q=p0@")
    [row] = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert (row["tags"], row["marketing_consent"]) == ("key account; VIP", "no")


def test_a_merge_joins_them_and_an_undo_separates_them(world: World) -> None:
    survivor, gone = person("p0"), person("p1")
    tags.give({survivor.pk: ["A", "B"], gone.pk: ["b", "C"]}, user_id=None)
    done = merging.merge(survivor.pk, gone.pk, [], None)
    assert tagged(survivor) == ["A", "B", "C"]
    merging.undo(done.pk)
    assert (tagged(survivor), tagged(person("p1"))) == (["A", "B"], ["B", "C"])


@pytest.mark.rule(5)
def test_erasure_takes_them_and_renames_a_tag_called_like_the_person(world: World) -> None:
    gone = person("p0")
    tags.give({gone.pk: ["VIP", "Friends of First0 Last0"]}, user_id=None)
    tags.give({person("p1").pk: ["Friends of First0 Last0"]}, user_id=None)
    delete_contacts(Contact.objects.filter(pk=gone.pk), permanent=True)
    assert [name.startswith("tag ") for name in tagged(person("p1"))] == [True]
    assert ContactTag.objects.count() == 1 and Tag.objects.filter(name="VIP").exists()


def test_personal_data_contains_them(world: World) -> None:
    tags.give({person().pk: ["VIP"]}, user_id=None)
    assert personal_data_of(person())["tags of contacts"][0]["tag"] == "VIP"


def test_tags_are_renamed_and_deleted_on_a_page_of_their_own(
    world: World, marketer: Client
) -> None:
    tags.give({person().pk: ["VIP", "Other"]}, user_id=None)
    page = f"/admin/contacts/tag/{Tag.objects.get(name='VIP').pk}"
    assert marketer.post(f"{page}/change/", {"name": "other"}).status_code == 200
    assert marketer.post(f"{page}/change/", {"name": "a, b"}).status_code == 200
    assert marketer.post(f"{page}/change/", {"name": "Very important"}).status_code == 302
    assert tagged(person()) == ["Other", "Very important"]
    assert "?tag=" in marketer.get("/admin/contacts/tag/").content.decode()
    assert marketer.post(f"{page}/delete/", {"post": "yes"}).status_code == 302
    assert tagged(person()) == ["Other"]
