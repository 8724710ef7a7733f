"""What counts as the same address: one mailbox is one person, and two never are (rule 3)."""

import re
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from hypothesis import example, given
from hypothesis import strategies as st

from contacts.contact_hooks import People
from contacts.matching import ids_by_email
from contacts.models import Contact
from contacts.tombstones import email_hash
from core.emails import LONGEST, ascii_address, email_key, spellings
from tests.factories import ContactFactory

ROOT = Path(__file__).parents[2]
# Different from an address only in spelling.
SAME = [
    ("ana@example.com", " ANA@Example.COM\n"),
    ("ana@bücher.example", "Ana@BÜCHER.example"),
    ("ana@bücher.example", "ana@xn--bcher-kva.example"),
    ("ana@bücher.example", "ana@XN--BCHER-KVA.Example"),
    ("ana@bücher.example", "ana@bu\u0308cher.example"),
    ("ana@example.com", "ana@ｅｘａｍｐｌｅ.com"),
    ("ana@例え.example", "ana@例え。example"),
    ("müller@example.com", "MÜLLER@example.com"),
    ("γιώργος@example.com", "ΓΙΏΡΓΟΣ@example.com"),
]
# Other mailboxes, each of which case folding or an older standard mistakes for the first.
DIFFERENT = [
    ("ana@straße.example", "ana@strasse.example"),
    ("ana@straße.example", "ana@xn--strasse-.example"),
    ("ana@ς.example", "ana@σ.example"),
    ("ana@ıstanbul.example", "ana@istanbul.example"),
    ("ana@İstanbul.example", "ana@istanbul.example"),
    ("ana@exаmple.com", "ana@example.com"),
    ("straße@example.com", "strasse@example.com"),
    ("STRAẞE@example.com", "STRASSE@example.com"),
    ("ıda@example.com", "ida@example.com"),
    ("İda@example.com", "ida@example.com"),
    ("İda@example.com", "i\u0307da@example.com"),
    ("\u212aarl@example.com", "karl@example.com"),
    ("\u212bke@example.com", "åke@example.com"),
    ("ana@example.com", "ａｎａ@example.com"),
    ("ſam@example.com", "sam@example.com"),
    ("ﬁn@example.com", "fin@example.com"),
    ("ς@example.com", "σ@example.com"),
    ("аna@example.com", "ana@example.com"),
    ("a\u200bna@example.com", "ana@example.com"),
    ("a.na@example.com", "ana@example.com"),
    ("ana+1@example.com", "ana@example.com"),
]  # fmt: skip


@pytest.mark.rule(3)
@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_mailbox_however_it_is_written(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)
    assert email_hash(one) == email_hash(other)


@pytest.mark.rule(3)
@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_lookalike_mailboxes_are_two(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)
    assert email_hash(one) != email_hash(other)


def _one_letter(one: str, other: str) -> bool:
    """Return whether two characters are the same letter, in lower and in upper case."""
    return one == other or one.lower() == other or other.lower() == one


@pytest.mark.rule(3)
@given(st.text(), st.text())
@example("ß", "SS")
@example("\u212a", "K")
@example("İ", "i̇")
def test_equal_keys_are_equal_but_for_the_case_of_letters(one: str, other: str) -> None:
    first, second = email_key(f"{one}@example.com"), email_key(f"{other}@example.com")
    if first == second:
        pairs = zip(one.strip(), other.strip(), strict=True)
        assert all(_one_letter(*pair) or {*pair} == {"Σ", "ς"} for pair in pairs)


@given(st.text(), st.text())
@example("ana", "ＢÜＣＨＥＲ.example")
@example("ana", "xn--bcher-kva.example")
@example("ana", "xn--.example")
@example("ana", "℡" * 100)
@example("@", "İ" * 30)
def test_a_key_is_its_own_key_and_has_the_right_length(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    key = email_key(address)
    assert email_key(key) == key
    assert len(key) <= max(LONGEST, len(address))


@pytest.mark.rule(3)
@pytest.mark.django_db
@pytest.mark.parametrize(("one", "other"), SAME + DIFFERENT)
def test_the_database_agrees(one: str, other: str) -> None:
    same = (one, other) in SAME
    first = ContactFactory.create(email=one)
    assert Contact.objects.filter(email_key=email_key(other)).exists() == same
    assert ids_by_email([email_key(other)]) == ({email_key(other): first.pk} if same else {})
    try:
        with transaction.atomic():
            ContactFactory.create(email=other)
    except IntegrityError:
        assert same
    assert Contact.objects.count() == 2 - same


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ("ana@strasse.example", "ana@strasse.example"),
        ("Ana@BÜCHER.example", "Ana@xn--bcher-kva.example"),
        ("ana@Example.com", "ana@Example.com"),
        ("ana", "ana"),
    ],
)
def test_emails_go_to_the_domain_that_is_meant(address: str, there: str) -> None:
    assert ascii_address(address) == there
    assert email_key(there) == email_key(address)


@pytest.mark.rule(5)
def test_a_person_is_found_in_a_text_under_either_spelling_of_their_domain() -> None:
    people = People(emails=frozenset({"ana@bücher.example"}))
    assert people.are_searched_by("ana@XN--bcher-kva.example")
    assert people.are_searched_by("Bücher ana")
    assert not people.are_searched_by("ana@bucher.example")
    assert people.are_named_in("to ANA@xn--bcher-kva.example")
    assert people.are_named_in("to Ana@Bücher.example")
    assert not people.are_named_in("to ana@bucher.example")
    assert spellings("ana@example.com") == {"ana@example.com"}


def test_each_email_goes_to_the_domain_that_is_meant() -> None:
    sending = re.compile(r"send_mail\((.*?)\)\n|\bto=\[(.*?)\]", re.DOTALL)
    folders = [path.parent for path in ROOT.glob("*/apps.py")]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    found = [match[0] for file in files for match in sending.finditer(file.read_text())]
    assert len(found) >= 3
    assert [text for text in found if "ascii_address(" not in text] == []


def test_addresses_are_compared_by_their_keys_alone() -> None:
    """Addresses are normalized only in one place, and not in queries: databases fold case
    differently."""
    folds = re.compile(
        r"email\w*[\]\)\"']*\.(?:lower|casefold|upper)\(|email(?:_key)?__iexact|\bLower\("
    )
    folders = [path.parent for path in ROOT.glob("*/apps.py")]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert len(files) > 100
    assert [str(file) for file in files if folds.search(file.read_text())] == []
