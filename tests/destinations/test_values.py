"""Values are checked against the portal's definitions; an invalid one never prevents the
contact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destinations.hubspot import reasons
from destinations.hubspot.mapping import known_values
from destinations.hubspot.records import PropertyDefinition, PropertyOption
from destinations.hubspot.values import LONGEST_TEXT, UnfitValue, checked_values, fit
from tests.factories import RegistrationFactory

pytestmark = pytest.mark.rule(12)
SIZES = (PropertyOption("Up to 5", "1-5"), PropertyOption("Up to 25", "5-25"))


def definition(kind: str, field: str = "text", **more: object) -> PropertyDefinition:
    return PropertyDefinition("p", "P", kind, field, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "field", "value", "sent"),
    [
        ("string", "text", "Acme", "Acme"),
        ("enumeration", "select", "1-5", "1-5"),
        ("enumeration", "select", "UP TO 25", "5-25"),
        ("enumeration", "checkbox", "1-5; Up to 25", "1-5;5-25"),
        ("enumeration", "booleancheckbox", "Yes", "true"),
        ("bool", "booleancheckbox", "no", "false"),
        ("number", "number", "1 200.5", "1200.5"),
        ("date", "date", "2026-11-20", "2026-11-20"),
        ("datetime", "date", "2026-11-20T10:00:00", "2026-11-20T10:00:00+00:00"),
        ("phone_number", "phonenumber", "+47 1", "+47 1"),
    ],
)
def test_a_value_is_sent_as_the_property_takes_it(
    kind: str, field: str, value: str, sent: str
) -> None:
    assert fit(value, definition(kind, field, options=SIZES)) == sent


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("enumeration", "about forty", reasons.NO_OPTION),
        ("bool", "perhaps", reasons.WRONG_TYPE),
        ("number", "many", reasons.WRONG_TYPE),
        ("number", "nan", reasons.WRONG_TYPE),
        ("date", "soon", reasons.WRONG_TYPE),
        ("string", "x" * (LONGEST_TEXT + 1), reasons.TOO_LONG),
    ],
)
def test_another_is_left_out_and_named(kind: str, value: str, reason: str) -> None:
    made = checked_values(
        {"email": "a@example.com", "city": value},
        {"email": "email", "city": "p"},
        {"p": definition(kind, options=SIZES)},
    )
    assert made.properties == {"email": "a@example.com"}
    (left,) = made.left_out
    assert (left.property, left.value, left.reason) == ("p", value, reason)


def test_a_property_that_is_unknown_or_read_only_is_left_out() -> None:
    known = {"p": definition("string", read_only=True)}
    made = checked_values({"city": "Oslo", "state": "x"}, {"city": "p", "state": "none"}, known)
    assert [left.reason for left in made.left_out] == [reasons.READ_ONLY, reasons.UNKNOWN_PROPERTY]
    with pytest.raises(UnfitValue):
        fit("x", known["p"])


def test_the_lifecycle_stage_is_never_sent_whatever_is_mapped() -> None:
    target = "lifecycle" + "stage"
    made = checked_values({"city": "lead"}, {"city": target}, {})
    assert not made.properties


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.text(max_size=5)),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")),
    st.sets(st.sampled_from("uvwxyz")),
)
def test_each_value_is_sent_or_named_and_what_is_required_is_there_or_lacking(
    ours: dict[str, str], mapping: dict[str, str], required: set[str]
) -> None:
    known = {
        name: PropertyDefinition(name, name, kind, "text", options=SIZES)
        for name, kind in zip(
            "uvwxy", ("string", "number", "date", "enumeration", "bool"), strict=True
        )
    }
    made = checked_values(ours, mapping, known, required)
    targets = {mapping[name] for name in mapping if ours.get(name, "").strip()}
    assert made.properties.keys() | {left.property for left in made.left_out} == targets
    assert set(made.lacking) == required - made.properties.keys()


@pytest.mark.django_db
def test_answers_and_optional_fields_of_any_registration_can_be_mapped() -> None:
    registration = RegistrationFactory.create(contact__city="Oslo")
    registration.submitted |= {
        "city": "Rome",
        "country": "Norway",
        "employees": "5-25",
        "answers": [["Why?", "Because"], ["Empty?", ""]],
    }
    values = known_values(registration.contact, [registration])
    assert values["city"] == "Oslo"
    assert values["country"] == "Norway"
    assert values["employees"] == "5-25"
    assert values["answer:Why?"] == "Because"
    assert values["join_url"] == registration.join_url
    assert not values.get("answer:Empty?")
