"""Which submitted values are sent: choices, sizes, countries and states (rule 2)."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registration_forms.accepted_values import Accepted, accept, shorten
from registration_forms.countries import country_code, us_state
from registration_forms.fields import FormField
from webinars.sent_values import Change, in_words

pytestmark = pytest.mark.rule(2)

COUNTRIES = ("Germany", "South Korea", "Turkey", "United Kingdom", "United States", "Viet Nam")
STATES = ("California", "Delaware", "District of Columbia", "Puerto Rico")
INDUSTRIES = ("Computing", "Médias", "Other")


def field(name: str, *choices: str, longest: int = 128, required: bool = False) -> FormField:
    return FormField(name, required, longest, choices)


FORM = [
    field("first_name", required=True, longest=64),
    field("country", *COUNTRIES),
    field("state", *STATES),
    field("industry", *INDUSTRIES),
    field("employees", "1-10", "11-50"),
    field("job_title", longest=64),
    field("phone", longest=20),
]


def sent(name: str, value: str, *more: FormField, **others: str) -> str | None:
    return accept([*more, *FORM], others | {name: value}).values.get(name)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("Germany", "Germany"),
        ("DE", "Germany"),
        ("deu", "Germany"),
        ("germany", "Germany"),
        ("Deutschland", "Germany"),
        ("Allemagne", "Germany"),
        ("Bundesrepublik Deutschland", "Germany"),
        ("USA", "United States"),
        ("U.S.A.", "United States"),
        ("Vereinigte Staaten", "United States"),
        ("États-Unis", "United States"),
        ("ETATS UNIS", "United States"),
        ("United States of America", "United States"),
        ("UK", "United Kingdom"),
        ("England", "United Kingdom"),
        ("Großbritannien", "United Kingdom"),
        ("Grossbritannien", "United Kingdom"),
        ("Korea, Republic of", "South Korea"),
        ("Republic of Korea", "South Korea"),
        ("Südkorea", "South Korea"),
        ("Türkiye", "Turkey"),
        ("Türkei", "Turkey"),
        ("Vietnam", "Viet Nam"),
        # No choice, of several countries, or none.
        ("Chile", None),
        ("Korea", None),
        ("Atlantis", None),
        ("...", None),
    ],
)
def test_a_country_is_matched_by_code_and_by_any_usual_name(here: str, there: str | None) -> None:
    assert sent("country", here) == there


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("Germany", "Germany"),
        ("Deutschland", "Germany"),
        ("Korea, Republic of", "Korea, Republic of"),
        ("KR", "South Korea"),
        ("Bolivien", "Bolivia"),
        ("Turkey", "Turkey"),
        ("Türkiye", "Türkiye"),
        ("TR", "Turkey"),
        ("Russland", "Russian Federation"),
        ("Atlantis", None),
    ],
)
def test_where_the_form_has_no_list_the_usual_name_is_sent(here: str, there: str | None) -> None:
    accepted = accept([field("country")], {"country": here})
    assert accepted.values.get("country") == there


@pytest.mark.parametrize(
    ("here", "country", "there"),
    [
        ("california", "", "California"),
        ("CA", "", "California"),
        ("CA", "USA", "California"),
        ("ca", "United States", "California"),
        ("PR", "US", "Puerto Rico"),
        ("Washington, D.C.", "US", "District of Columbia"),
        # Delaware is not in Germany, nor California in Canada.
        ("DE", "Germany", None),
        ("CA", "Canada", None),
        ("Bavaria", "", None),
        ("Bayern", "DE", None),
        ("Texas", "US", None),
    ],
)
def test_a_state_is_a_us_state(here: str, country: str, there: str | None) -> None:
    assert sent("state", here, country=country) == there


@pytest.mark.parametrize(
    ("here", "country", "there"),
    [("TX", "", "Texas"), ("texas", "US", "Texas"), ("Bavaria", "", None), ("DE", "DE", None)],
)
def test_where_the_form_has_no_list_states_of_the_us_are_sent(
    here: str, country: str, there: str | None
) -> None:
    accepted = accept([field("state")], {"state": here, "country": country})
    assert accepted.values.get("state") == there
    assert all(item["code"] != Change.NO_CHOICE for item in accepted.changes)


@pytest.mark.parametrize(
    ("name", "here", "there"),
    [
        ("industry", "COMPUTING", "Computing"),
        ("industry", " medias ", "Médias"),
        ("industry", "Poetry", None),
        ("employees", "1-10", "1-10"),
        ("employees", "110", None),
    ],
)
def test_a_choice_is_found_whatever_its_case_and_accents(
    name: str, here: str, there: str | None
) -> None:
    assert sent(name, here) == there


def test_an_exact_choice_goes_before_one_that_is_alike() -> None:
    form = [field("industry", "it", "IT", "Résumés", "Resumes")]
    for choice in form[0].choices:
        assert accept(form, {"industry": choice}).values["industry"] == choice


@pytest.mark.parametrize(
    ("text", "longest", "short"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("abcd", 1, "…"),
        # The accent is removed with its letter.
        ("abe\u0301f", 4, "ab…"),
    ],
)
def test_text_is_shortened_visibly(text: str, longest: int, short: str) -> None:
    assert shorten(text, longest) == short


def test_what_would_be_useless_when_cut_is_left_out() -> None:
    form = [field("phone", longest=5), field("zip_code", longest=3), field("address", longest=4)]
    accepted = accept(form, {"phone": "123456", "zip_code": "1234", "address": "1 Long Lane"})
    assert accepted.values == {}
    assert {item["code"] for item in accepted.changes} == {Change.TOO_LONG}


def test_what_is_changed_is_noted_and_reported_in_words() -> None:
    accepted = accept(
        FORM,
        {"first_name": "Ada", "country": "DE", "state": "Bavaria", "industry": "Poetry",
         "job_title": "x" * 180, "phone": "1" * 40},
    )  # fmt: skip
    assert accepted.changes[0] == {
        "code": "matched", "name": "country", "value": "DE", "sent": "Germany", "longest": 128,
    }  # fmt: skip
    assert in_words(accepted.changes) == [
        "Country: “Germany” instead of “DE”",
        "State: left out, “Bavaria” is not one of the choices on GoToWebinar",
        "Industry: left out, “Poetry” is not one of the choices on GoToWebinar",
        f"Job title: shortened to 64 characters, “{'x' * 63}…”",
        "Phone: left out, GoToWebinar takes 20 characters at most",
    ]
    unknown: Any = {"code": "from-a-later-version"}
    assert in_words([unknown]) == []


def test_of_a_required_field_what_is_not_accepted_is_missing() -> None:
    form = [
        field("country", "Peru", required=True),
        field("phone", longest=3, required=True),
        field("city", longest=3, required=True),
        field("industry", required=True),
    ]
    accepted = accept(form, {"country": "DE", "phone": "1234", "city": "Lima"})
    assert accepted.missing == ["country", "phone", "industry"]
    assert accepted.values == {"city": "Li…"}


def test_a_required_field_without_choices_accepts_any_text() -> None:
    form = [field("country", required=True), field("state", required=True)]
    values = {"country": "Atlantis", "state": "Bavaria"}
    assert accept(form, values) == Accepted(values=values)


def test_every_country_is_known_by_its_names() -> None:
    import pycountry

    for country in pycountry.countries:
        for text in (country.alpha_2, country.alpha_3, country.name, country.name.upper()):
            assert country_code(text) == country.alpha_2
    assert us_state("Guam") == "Guam" and country_code("") is None


# -- whatever a contact has ------------------------------------------------------------------------

TEXT = st.text(max_size=40) | st.sampled_from(
    ["DE", "germany", "Deutschland", "CA", "california", "Bavaria", "x" * 180, "é" * 255, " ", "…",
     "IT", "it", "ﬁ", "ß", "İstanbul", "\u0301", "a\u0301" * 100, "1-10", "１－１０", "Other "]
)  # fmt: skip
NAMES = ["first_name", "last_name", "organization", "job_title", "industry", "phone", "address",
         "city", "state", "zip_code", "country", "employees", "comments", "shoeSize"]  # fmt: skip
CHOICES = st.just(()) | st.lists(
    TEXT.filter(str.strip) | st.sampled_from([*COUNTRIES, *STATES, *INDUSTRIES]), max_size=6
).map(tuple)
FIELDS = st.lists(
    st.builds(FormField, st.sampled_from(NAMES), st.booleans(), st.integers(1, 255), CHOICES),
    unique_by=lambda item: item.name,
)


@given(FIELDS, st.dictionaries(st.sampled_from(NAMES), TEXT))
@example([FormField("state", True, 2, ())], {"state": "DC", "country": "AD"})
@example([FormField("country", True, 2, ())], {"country": "DE"})
@example(
    [FormField("state", True, 2, ()), FormField("country", False, 2, ("IT",))],
    {"state": "DE", "country": "AD"},
)
@settings(max_examples=400, deadline=None)
def test_what_is_sent_is_accepted_by_the_form(
    form: list[FormField], values: dict[str, str]
) -> None:
    accepted = accept(form, values)
    changed = {item["name"]: item for item in accepted.changes}
    for item in form:
        value, there = values.get(item.name, "").strip(), accepted.values.get(item.name)
        if there is not None:
            assert there in item.choices if item.choices else 0 < len(there) <= item.longest
        # Nothing is changed or left out silently, and only required values are missing.
        assert (item.name in changed) == ((there or "").strip() != value)
        assert (item.name in accepted.missing) == (item.required and there is None)
        if item.name in changed:
            assert changed[item.name]["sent"] == (there or "")
        if value in item.choices:
            assert there == value
    assert len(in_words(accepted.changes)) == len(accepted.changes)
    # A sent value is unchanged; an omitted one determines the meaning of the rest.
    again = accept(form, values | accepted.values)
    left_out = {name for name, item in changed.items() if not item["sent"]}
    assert again.values == accepted.values
    assert {item["name"] for item in again.changes} == left_out
