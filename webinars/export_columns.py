"""The registration columns of exported files, and the file of an audience.

Another app adds columns with a subclass of `RegistrationColumns` and the decorator `register` in
its `export_columns.py`. Headings are the same in every language, and documented in docs/exports.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet

from contacts import export_columns as of_contacts
from contacts.export_columns import ContactLinks
from core.batches import batched
from webinars.models import Attendance, Registration, Webinar
from webinars.models.registration import minutes
from webinars.submitted_values import LABELS as FURTHER_VALUES

# A question and its answer as texts.
Answers = Iterable[tuple[str, str]]
_FIELDS = (
    "registered_at",
    "state",
    "source",
    "referral_source",
    "cancelled_at",
    "sessions_attended",
    "seconds_attended",
    "first_joined_at",
    "last_left_at",
    "submitted",
)
_HEADINGS = (
    "registered_at",
    "registration_state",
    "registration_source",
    "referral_source",
    "cancelled_at",
    "sessions_attended",
    "sessions",
    "minutes_attended",
    "first_joined_at",
    "last_left_at",
    *FURTHER_VALUES,
)


class RegistrationColumns:
    """The columns that an app adds."""

    headings: Sequence[str] = ()

    def cells(self, registration_ids: Sequence[int]) -> Mapping[int, Sequence[object]]:
        """Return a cell for each heading by registration id; those left out have empty cells."""
        return {}

    def questions(self, webinar: Webinar) -> Iterable[str]:
        """Return custom questions of `webinar`, each of which gets a column."""
        return ()

    def answers(self, registration_ids: Sequence[int]) -> Mapping[int, Answers]:
        """Return the answers to such questions by registration id."""
        return {}


Columns = TypeVar("Columns", bound=RegistrationColumns)
_registered: list[RegistrationColumns] = []


def register(columns: type[Columns]) -> type[Columns]:
    """Register the columns of an app in each audience's file; a class decorator."""
    _registered.append(columns())
    return columns


class AudienceFile:
    """The file of a webinar's people: `headings`, and a row a registration.

    Each table is read once for 2,000 people, and only those are in memory.
    """

    def __init__(self, webinar: Webinar, links: ContactLinks) -> None:
        self._links = links
        self._questions = _questions(webinar)
        # Set for the generator too, which runs after the request.
        self._states = {state.value: str(state.label) for state in Registration.State}

    @property
    def headings(self) -> list[str]:
        return [
            *of_contacts.headings(),
            *_HEADINGS,
            *(name for columns in _registered for name in columns.headings),
            "contact_url",
            *(f"answer: {question}" for question in self._questions),
        ]

    def rows(self, people: QuerySet[Registration]) -> Iterator[list[object]]:
        """Yield the rows of `people`, in their order."""
        rows = people.values_list("pk", "contact_id", *_FIELDS)
        size = of_contacts.CHUNK_SIZE
        for chunk in batched(rows.iterator(chunk_size=size), size):
            yield from self._rows(chunk)

    def _rows(self, chunk: list[tuple[Any, ...]]) -> Iterator[list[object]]:
        ids = [row[0] for row in chunk]
        contacts = of_contacts.cells([row[1] for row in chunk])
        sessions = _sessions(ids)
        further = [(len(item.headings), item.cells(ids)) for item in _registered]
        answers = self._answers(chunk, ids)
        for pk, contact_id, *fields in chunk:
            contact = contacts.get(contact_id)
            if contact is None:  # deleted while the file is written
                continue
            row = [*contact, *self._own(fields, sessions.get(pk, ""))]
            for count, known in further:
                row += known.get(pk, [None] * count)
            answers_of_row = answers.get(pk, {})
            yield [*row, self._links.to(contact_id), *map(answers_of_row.get, self._questions)]

    def _own(self, fields: list[Any], sessions: str) -> list[object]:
        (
            registered_at, state, source, referral_source, cancelled_at,
            count, seconds, first_joined_at, last_left_at, submitted,
        ) = fields  # fmt: skip
        return [
            registered_at, self._states.get(state, state), source, referral_source, cancelled_at,
            count, sessions, minutes(seconds), first_joined_at, last_left_at,
            *map(submitted.get, FURTHER_VALUES),
        ]  # fmt: skip

    def _answers(
        self, chunk: list[tuple[Any, ...]], ids: Sequence[int]
    ) -> dict[int, dict[str, str]]:
        """Return answers by registration id and question: the registration's own, else those of
        packages above."""
        if not self._questions:
            return {}
        found: dict[int, dict[str, str]] = {row[0]: answered(row[-1]) for row in chunk}
        for columns in _registered:
            for pk, answer_values in columns.answers(ids).items():
                for question, answer in answer_values:
                    found[pk].setdefault(question, answer)
        return found


def answered(submitted: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers in `submitted["answers"]` by question; several to one question are
    joined."""
    found: dict[str, list[str]] = defaultdict(list)
    for question, answer in submitted.get("answers") or ():
        if answer and str(answer) not in found[str(question)]:
            found[str(question)].append(str(answer))
    return {question: "; ".join(answers) for question, answers in found.items() if answers}


def _questions(webinar: Webinar) -> list[str]:
    """Return each custom question of `webinar` once: those of its form first, then others that
    people answered."""
    asked = [question for columns in _registered for question in columns.questions(webinar)]
    answers = webinar.registrations.filter(submitted__has_key="answers").order_by()
    known = {
        question
        for pairs in answers.values_list("submitted__answers", flat=True).iterator(chunk_size=2000)
        for question in answered({"answers": pairs})
    }
    return list(dict.fromkeys([*asked, *sorted(known)]))


def _sessions(registration_ids: Sequence[int]) -> dict[int, str]:
    """Return the starts of the sessions that each attended, oldest first."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Attendance.objects.filter(registration__in=registration_ids)
    began = rows.order_by("session__started_at").values_list(
        "registration_id", "session__started_at"
    )
    for pk, started_at in began:
        found[pk].append(started_at.isoformat())
    return {pk: "; ".join(times) for pk, times in found.items()}
