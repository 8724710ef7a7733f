"""Tags and consent in a file: mapped, checked, imported, undone; a file never turns a refusal into
a consent."""

from typing import Any

import pytest
from django.test import Client

from contact_imports.further_values import Further, read
from contact_imports.mapping import guess
from contact_imports.models import ContactImport, ImportLine
from contacts import consents, opt_outs, tags
from contacts.deletion import delete_contacts
from contacts.models import Consent, Contact, ContactTag, OptOut, Tag
from tests.contact_imports.test_imports import HEAD, check, numbers, run, sentences, upload
from tests.contact_imports.test_undo import import_line, person, undo
from tests.factories import ConsentFactory
from tests.fixtures.world import World

pytestmark = pytest.mark.django_db
COLUMNS = f"{HEAD},Tags,Consent to marketing"
Outcome = ImportLine.Outcome


def import_lines(client: Client, lines: str, columns: str = COLUMNS) -> ContactImport:
    upload(client, f"{columns}\n{lines}")
    item = check(client)
    run(client, item)
    return item


def tagged(name: str) -> list[str]:
    return tags.names_of([person(name).pk]).get(person(name).pk, [])


def agreed(name: str) -> bool:
    return Contact.objects.filter(consents.has_agreed(), pk=person(name).pk).exists()


def consent_of(name: str) -> bool | None:
    contact = person(name)
    return consents.latest_consents([contact.pk]).get(contact.pk, consents.LatestConsent()).granted


# -- what a column means ---------------------------------------------------------------------------


@pytest.mark.pure
def test_columns_are_guessed_but_not_the_consent_of_our_own_exports() -> None:
    assert [guess([heading]) for heading in ("Étiquettes", "Schlagwörter", "Labels")] == [
        ["tags"]
    ] * 3
    assert guess(["Consent to Marketing", "Opt-in"]) == ["marketing_consent", ""]
    assert guess(["email", "marketing_consent", "tags"]) == ["email", "", "tags"]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("word", "granted"),
    [("Yes", True), ("y", True), ("TRUE", True), ("1", True), ("x", True), ("X", True),
     ("oui", True), ("Vrai", True), ("ja", True), ("No", False), ("n", False), ("false", False),
     ("0", False), ("non", False), ("FAUX", False), ("nein", False), ("", None)],
)  # fmt: skip
def test_true_and_false_are_shown_as_words(word: str, granted: bool | None) -> None:
    assert read({"marketing_consent": word}) == (Further((), granted), [])


@pytest.mark.pure
@pytest.mark.parametrize("word", ["maybe", "2", "yes?", "not yes", "2026-01-01", "-", "yes no"])
def test_another_word_is_an_error_and_never_a_consent(word: str) -> None:
    found, wrong = read({"marketing_consent": word})
    assert found.consent is None and wrong == [["marketing_consent", "word"]]


def test_what_cannot_be_read_is_the_lines_error(world: World, marketer: Client) -> None:
    item = import_lines(
        marketer,
        f"a@example.com,A,A,,maybe\nb@example.com,B,B,{'x' * 61},\n"
        f"c@example.com,C,C,{';'.join(map(str, range(51)))},\nd@example.com,D,D,fine,yes\n",
    )
    assert numbers(item) == (1, 0, 0, 0, 3)
    assert sentences(item) == [
        "Consent to marketing: Write yes or no, or leave it empty.",
        "Tags: This value is too long.",
        "Tags: These are too many tags for one person.",
    ]
    assert [tag.name for tag in Tag.objects.all()] == ["fine"]


def test_a_column_that_holds_no_tags_makes_no_thousands_of_them(
    world: World, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "MOST_OF_ALL", 3)
    tags.give({person("p0").pk: ["here"]}, user_id=None)
    item = import_lines(
        marketer,
        "a@example.com,A,A,HERE;one,\nb@example.com,B,B,one;two;three,\n"
        "c@example.com,C,C,two,\nb@example.com,B,B,two,\n",
    )
    assert numbers(item) == (3, 0, 0, 0, 1)
    assert "more than 3 tags" in sentences(item)[0]
    assert [tag.name for tag in Tag.objects.all()] == ["here", "one", "two"]
    assert tagged("b") == ["two"], "a skipped line does not affect others"


# -- writing ---------------------------------------------------------------------------------------


def test_tags_are_added_and_none_is_removed(world: World, marketer: Client) -> None:
    tags.give({person("p0").pk: ["VIP", "old"]}, user_id=None)
    item = import_lines(
        marketer,
        'p0@example.com,First0,Last0,"vip, New one",\np1@example.com,First1,Last1,,\n'
        "new@example.com,Nia,New,New one;second,\n",
    )
    assert numbers(item) == (1, 1, 1, 0, 0)
    assert tagged("p0") == ["New one", "old", "VIP"]
    assert tagged("new") == ["New one", "second"]
    assert import_line(person("p0"))[1] == ["Tags: old, VIP → New one, old, VIP"]
    history = f"/admin/contacts/contact/{person('p0').pk}/history/"
    assert "Changed tags for import" in marketer.get(history).content.decode()
    again = import_lines(marketer, "p0@example.com,First0,Last0,NEW ONE,\n")
    assert numbers(again) == (0, 0, 1, 0, 0), "what is there already changes nothing"


def test_the_check_shows_what_would_change_and_writes_nothing(
    world: World, marketer: Client
) -> None:
    upload(marketer, f"{COLUMNS}\np0@example.com,First0,Last0,VIP,yes\nn@example.com,N,N,VIP,no\n")
    item = check(marketer)
    page = marketer.get(f"/contacts/import/{item.pk}/").content.decode()
    assert "Tags: – → VIP" in page and "Consent to marketing: – → yes" in page
    page = marketer.get(f"/contacts/import/{item.pk}/?show=new").content.decode()
    assert "Tags: – → VIP" in page and "Consent to marketing: – → no" in page
    assert not Tag.objects.exists() and not Consent.objects.exists()


def test_a_consent_shows_its_source(world: World, marketer: Client) -> None:
    item = import_lines(
        marketer, "p0@example.com,First0,Last0,,oui\np1@example.com,First1,Last1,,0\n"
    )
    yes, no = Consent.objects.order_by("-granted")
    assert (yes.contact, yes.granted, no.contact, no.granted) == (
        person("p0"), True, person("p1"), False,
    )  # fmt: skip
    assert {(row.source, row.import_id) for row in (yes, no)} == {("import", item.pk)}
    assert yes.noted_by is not None
    assert agreed("p0") and not agreed("p1") and not agreed("p2")
    page = marketer.get(f"/admin/contacts/contact/{person('p0').pk}/change/").content.decode()
    assert "Agreed to marketing" in page and "Imported file" in page


@pytest.mark.rule(11)
def test_a_consent_replaces_no_refusal_and_no_opt_out(world: World, marketer: Client) -> None:
    ConsentFactory.create(contact=person("p0"), granted=False)
    opt_outs.opt_out("p1@example.com", OptOut.Source.LINK)
    # A person who opted out, was deleted, and returns by an import.
    Contact.objects.create(email="back@example.com", first_name="B", last_name="B")
    opt_outs.opt_out("back@example.com", OptOut.Source.LINK)
    delete_contacts(Contact.objects.filter(email_key="back@example.com"))
    upload(
        marketer,
        f"{COLUMNS}\np0@example.com,First0,Last0,,yes\np1@example.com,First1,Last1,,yes\n"
        "back@example.com,B,B,,yes\np2@example.com,First2,Last2,,yes\n",
    )
    item = check(marketer)
    page = marketer.get(f"/contacts/import/{item.pk}/?show=consent").content.decode()
    assert "3 people agreed to marketing who said no or unsubscribed" in page
    assert page.count("The consent to marketing was not imported") == 3
    run(marketer, item)
    assert [agreed(name) for name in ("p0", "p1", "back", "p2")] == [False, False, False, True]
    assert Consent.objects.filter(source="import", granted=True).count() == 1
    # They stay opted out when the opt-out is removed.
    OptOut.objects.all().delete()
    assert not agreed("p1") and not agreed("back")


def test_a_refusal_replaces_a_consent(world: World, marketer: Client) -> None:
    ConsentFactory.create(contact=person("p0"), granted=True)
    item = import_lines(marketer, "p0@example.com,First0,Last0,,no\n")
    assert not agreed("p0")
    assert import_line(person("p0"))[1] == ["Consent to marketing: yes → no"]
    undo(marketer, item)
    assert agreed("p0")


def test_importing_our_own_export_opts_no_one_out(world: World, marketer: Client) -> None:
    tags.give({person("p0").pk: ["VIP"]}, user_id=None)
    answer: Any = marketer.get("/contacts/find/export.csv")
    upload(marketer, answer.getvalue())
    item = check(marketer)
    run(marketer, item)
    assert numbers(item) == (0, 0, 6, 0, 0) and not Consent.objects.exists()


# -- undoing ---------------------------------------------------------------------------------------


def test_an_undo_reverts_both(world: World, marketer: Client) -> None:
    tags.give({person("p0").pk: ["VIP"]}, user_id=None)
    item = import_lines(
        marketer, "p0@example.com,First0,Last0,vip;New,yes\nnew@example.com,Nia,New,New,yes\n"
    )
    assert "The import was undone" in undo(marketer, item)
    assert (item.undo_skipped, tagged("p0"), consent_of("p0")) == (0, ["VIP"], None)
    assert not Contact.objects.filter(email_key="new@example.com").exists()
    assert [tag.name for tag in Tag.objects.all()] == ["VIP"], "a tag only of the import is removed"
    history = f"/admin/contacts/contact/{person('p0').pk}/history/"
    page = marketer.get(history).content.decode()
    assert "Changed tags and consent to marketing for undone import" in page


def test_people_who_stay_keep_neither(world: World, marketer: Client) -> None:
    item = import_lines(
        marketer, "new@example.com,Nia,New,New,yes\np0@example.com,Peter,Last0,A,no\n"
    )
    Contact.objects.filter(email_key="new@example.com").update(phone="+33 9")
    undo(marketer, item)
    assert item.lines.get(contact=person("new")).undo == "partly"
    assert (tagged("new"), consent_of("new"), consent_of("p0")) == ([], None, None)
    assert person("p0").first_name == "First0"


def test_what_a_colleague_gave_since_stays(world: World, marketer: Client) -> None:
    item = import_lines(marketer, "p0@example.com,First0,Last0,New,yes\n")
    tags.give({person("p1").pk: ["New"], person("p0").pk: ["Mine"]}, user_id=None)
    ConsentFactory.create(contact=person("p0"), granted=False)
    undo(marketer, item)
    assert (tagged("p0"), tagged("p1"), consent_of("p0")) == (["Mine"], ["New"], False)


def test_a_failed_file_leaves_neither(
    world: World, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contact_imports import jobs

    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(jobs, "_note", broken)
    item = import_lines(marketer, "p0@example.com,First0,Last0,New,yes\n")
    assert item.state == ContactImport.State.FAILED
    assert not ContactTag.objects.exists() and not Consent.objects.exists()
    assert not Tag.objects.exists()


# -- opt-outs --------------------------------------------------------------------------------------


@pytest.mark.rule(11)
def test_a_file_shows_who_unsubscribed_and_that_stays(world: World, marketer: Client) -> None:
    columns = f"{HEAD},Unsubscribed from all email,Consent to marketing"
    item = import_lines(
        marketer,
        "p0@example.com,First0,Last0,true,yes\n"
        "p1@example.com,First1,Last1,false,\n"
        "new@example.com,Nia,New,yes,\n"
        "p2@example.com,First2,Last2,perhaps,\n",
        columns,
    )
    assert item.mapping[3] == "opt_out"
    assert numbers(item) == (1, 1, 1, 0, 1)
    assert "Write yes or no" in sentences(item)[0]
    rows = OptOut.objects.order_by("email").values_list("email", "source")
    assert list(rows) == [("new@example.com", "colleague"), ("p0@example.com", "colleague")]
    # A person who opted out in a line has consented to nothing in it.
    assert consent_of("p0") is None and not agreed("p0")
    undo(marketer, item)
    assert opt_outs.opted_out([person("p0").pk]) == {person("p0").pk}
    assert opt_outs.opted_out_addresses(["new@example.com"]) == {"new@example.com"}
    assert not Contact.objects.filter(email_key="new@example.com").exists()
    # A second file with the same people changes nothing of p0.
    item = import_lines(marketer, "p0@example.com,First0,Last0,true,\n", columns)
    assert numbers(item) == (0, 0, 1, 0, 0)
