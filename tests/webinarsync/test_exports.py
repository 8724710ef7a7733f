"""No exported file contains a formula, for any separator of a spreadsheet: every export that the
resolver knows, read back by csv and openpyxl. A new export is included automatically, and fails
until it is tested with dangerous values."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from contact_imports.models import ContactImport, ImportLine
from contacts import tags
from contacts.models import PROPERTIES, Activity, AlternateEmail, Contact
from core.csv_export import csv_file, escape_formula, unescape_formula
from tests.fixtures.addresses import addresses
from tests.fixtures.world import World, signed_in
from webinars.models import Registration
from webinarsync import roles

SEPARATORS = ",;\t|"
SIGNS = "=+-@−"
PHONE = re.compile(r"\+[0-9 ().\-/]+")
# Each has a word that identifies it in a file.
WORD = "HYPERLINK"
DANGEROUS = (
    f"={WORD}(1)", f"x;={WORD}(1)", f"x\t@{WORD}", f"x|-{WORD}", f"x\n+{WORD}", f"x\r\n={WORD}",
    f"\uff1d{WORD}", f"x;\uff0b{WORD}", f"x;\uff0d{WORD}", f"x;\uff20{WORD}", f' ;"={WORD}',
    f"\u200b={WORD}", f"\u00a0={WORD}", f"x; ={WORD}", f"+1;={WORD}", f"\t={WORD}", f"\x0b={WORD}",
    f"x\u2028={WORD}", f";={WORD}", f'";={WORD}"', f"={WORD},x",
)  # fmt: skip
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def is_formula(cell: str) -> bool:
    """Return whether a spreadsheet may interpret `cell` as a formula: one of its signs, of any
    width, is the first visible character."""
    seen = (
        sign
        for sign in cell
        if sign != '"' and unicodedata.category(sign) not in ("Cc", "Cf", "Zs", "Zl", "Zp")
    )
    first = unicodedata.normalize("NFKC", next(seen, ""))
    return first[:1] in SIGNS and bool(first) and not PHONE.fullmatch(cell)


def cells_of(text: str) -> Iterator[str]:
    """Yield each cell of a CSV file, for each separator."""
    for separator in SEPARATORS:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield from row


# -- one function ----------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize("text", DANGEROUS)
def test_a_dangerous_text_is_escaped_and_reversible(text: str) -> None:
    assert not any(map(is_formula, cells_of(escape_formula(text))))
    assert unescape_formula(escape_formula(text)) == text.strip()


odd_texts = st.text(alphabet="=+-@＝＋－＠;|\t\r\n\x0b\u2028\"' ,a1()\u200b\u00a0", max_size=8)


@pytest.mark.pure
@example(rows=[["", "\r"], ["+1"]])
@given(rows=st.lists(st.lists(odd_texts, min_size=1, max_size=3), min_size=1, max_size=3))
def test_no_rows_make_a_formula_with_any_separator(rows: list[list[str]]) -> None:
    answer: Any = csv_file("a.csv", rows[0], rows[1:])
    text = answer.getvalue().decode("utf-8-sig")
    assert [cell for cell in cells_of(text) if is_formula(cell)] == []
    [*read] = csv.reader(io.StringIO(text, newline=""))
    # A line of one empty cell is an empty line.
    assert [[unescape_formula(cell) for cell in row] for row in read] == [
        [cell.strip() for cell in row] for row in rows
    ]


@pytest.mark.pure
@pytest.mark.parametrize("text", ["Ann-Marie", "a@b.example", "C++", "a = b", "x, -y", "1-2"])
def test_what_begins_no_formula_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text


@pytest.mark.pure
def test_a_phone_number_keeps_its_plus_but_in_the_first_column() -> None:
    answer: Any = csv_file("a.csv", ["a", "b"], [["+49 30 123", "+49 30 123"]])
    text = answer.getvalue().decode("utf-8-sig")
    assert text.splitlines()[1] == "'+49 30 123,+49 30 123"


# -- every export ----------------------------------------------------------------------------------


@pytest.fixture
def dangerous(world: World, examples: Mapping[str, object]) -> Mapping[str, object]:
    """An installation in which every typed value is dangerous."""
    texts = iter(DANGEROUS * 3)
    for contact in Contact.objects.all():
        for name in ("first_name", "last_name", *PROPERTIES):
            setattr(contact, name, next(texts, DANGEROUS[0]))
        contact.save()
    people = [registration.contact for registration in world.registrations]
    first, second = people[:2]
    AlternateEmail.objects.create(contact=first, email=f"+{WORD}@e.example", email_key="1")
    AlternateEmail.objects.create(contact=first, email=f"={WORD}@e.example", email_key="2")
    tags.give({first.pk: [f"={WORD}", f"@{WORD}", f"\uff1d{WORD}"]}, user_id=None)
    # One question, and one answer, for each dangerous text.
    answers = [[text, text] for text in DANGEROUS]
    Registration.objects.update(submitted={"answers": answers, "comments": DANGEROUS[1]})
    Registration.objects.update(referral_source=DANGEROUS[2])
    for number, text in enumerate(DANGEROUS):
        Activity.objects.create(
            contact=second, kind="question", key=f"question:{number}", happened_at=timezone.now(),
            webinar_key=world.webinar.key,
            data={"question": text, "answers": [{"answer": text, "answered_by": text}]},
        )  # fmt: skip
    item = ContactImport.objects.get(pk=int(str(examples["import_id"])))
    ImportLine.objects.bulk_create(
        ImportLine(
            contact_import=item, number=number, outcome="changed", contact=first, lacking=[text],
            changes=[{"property": "city", "old": text, "new": text}],
            sent_differently=[
                {"code": "no-choice", "name": text, "value": text, "sent": "", "longest": 1}
            ],
        )
        for number, text in enumerate(DANGEROUS)
    )  # fmt: skip
    return examples


def formulas(kind: str, file: bytes) -> list[str]:
    """Return the cells of a file that a spreadsheet would execute."""
    if kind.startswith("text/csv"):
        return [cell for cell in cells_of(file.decode("utf-8-sig")) if is_formula(cell)]
    return [
        str(cell.value)
        for sheet in load_workbook(io.BytesIO(file))
        for row in sheet.iter_rows()
        for cell in row
        # After editing, it stays text as well.
        if cell.data_type == "f" or (is_formula(str(cell.value)) and not cell.quotePrefix)
    ]


def has_identifying_word(kind: str, file: bytes) -> bool:
    if kind.startswith("text/csv"):
        return WORD.encode() in file
    rows = (row for sheet in load_workbook(io.BytesIO(file)) for row in sheet.values)
    return any(WORD in str(cell) for row in rows for cell in row)


@pytest.mark.django_db
def test_no_export_holds_a_formula(dangerous: Mapping[str, object]) -> None:
    client = signed_in(roles.OPERATORS)
    found: set[str] = set()
    for name, path in addresses(dangerous):
        if name.startswith("admin:django_q") or "delete" in name:
            continue
        answer: Any = client.get(path)
        kind = answer.headers.get("Content-Type", "")
        if kind.startswith("text/csv") or kind == EXCEL:
            file = answer.getvalue()
            assert has_identifying_word(kind, file), f"put something dangerous into {name}"
            assert formulas(kind, file) == [], name
            found.add(name)
    assert {name.rpartition(":")[2] for name in found} >= {
        "find_export", "find_export_xlsx", "import_lines", "list_export", "list_export_xlsx",
    }  # fmt: skip
    assert len(found) >= 7
