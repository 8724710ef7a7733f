"""Control paths that change a registrant's details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .changes import find_person, find_room, line
from .forms import DETAIL_FIELDS, Answers
from .goto import GoTo

Body = Mapping[str, Any]
NAMES = {"firstName": "first_name", "lastName": "last_name"}


def late_registrant(goto: GoTo, body: Body) -> object:
    """``{webinar, email, firstName?, lastName?, …fields, responses?: [{question, answer}]}``:
    register now for the recording of a past webinar; ``type`` is LATE in the details."""
    room = find_room(goto, body)
    webinar = room.webinar
    if not webinar.ended_sessions() and not webinar.is_over(goto.now()):
        raise ValueError("the webinar is not over")
    answers = Answers(
        str(body["email"]),
        str(body.get("firstName", "Someone")),
        str(body.get("lastName", "Late")),
        {name: str(body[name]) for name in DETAIL_FIELDS if body.get(name)},
        _responses(body.get("responses", [])),
    )
    person = goto.admit(room, answers)
    person.late = True
    return line(person)


def change_details(goto: GoTo, body: Body) -> object:
    """``{webinar, email | registrantKey, fields?: {…GoTo's names}, responses?: [{question,
    answer}], source?}``: change the details. ``fields`` may contain the names too, and a null
    removes a field; ``responses`` replace all existing ones."""
    room = find_room(goto, body)
    person = find_person(room, body, [*room.webinar.registrants, *room.webinar.unlisted])
    given = dict(body.get("fields", {}))
    if "source" in body:
        given["source"] = body["source"]
    if unknown := given.keys() - {*DETAIL_FIELDS, *NAMES}:
        raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
    responses = _responses(body["responses"]) if "responses" in body else person.responses
    # A new tuple: people of the seeded account share theirs.
    fields = {**person.fields}
    for name, value in given.items():
        if name in NAMES:
            setattr(person, NAMES[name], str(value))
        elif value is None:
            fields.pop(name, None)
        else:
            fields[name] = str(value)
    person.fields, person.responses = fields, responses
    room.forget_row(person.key)
    room.changed()
    goto.revision += 1
    return line(person) | {"fields": fields}


def _responses(given: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(str(one["question"]), str(one["answer"])) for one in given]


REGISTRANT_CHANGES: dict[str, Callable[[GoTo, Body], object]] = {
    "late-registrant": late_registrant,
    "details": change_details,
}
