"""What an endpoint receives and returns, independent of any web framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import errors
from .clock import iso
from .errors import Shape
from .portal import Portal
from .records import record_id
from .tokens import Credential, Tokens

MOST_INPUTS = 100


@dataclass(frozen=True)
class Answer:
    """A status and its JSON; None is an empty body."""

    status: int
    body: object = None


NO_CONTENT = Answer(204)


@dataclass
class Call:
    """A call that was accepted by the gate."""

    portal: Portal
    tokens: Tokens
    credential: Credential
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    form: Mapping[str, str]

    def now(self) -> int:
        """Return the portal's time in milliseconds."""
        return self.portal.clock.now()

    def number(self) -> int:
        """Return the object id of the path. Raises Refusal (400) for a word (seen)."""
        names = {"marketing_event_id": "marketingEventId", "object_id": "objectId"}
        name = next(each for each in names if each in self.path)
        number = record_id(self.path[name])
        if number is None:
            raise errors.bad_path_parameter(names[name])
        return number

    def json(self) -> dict[str, Any]:
        """Return the body's object. Raises Refusal (400) for anything else."""
        if not isinstance(self.body, dict):
            raise errors.invalid("Invalid input JSON on line 1, column 1: an object is expected")
        return self.body

    def inputs(self) -> list[Any]:
        """Return the inputs of a batch. Raises Refusal (400) for more than 100 (documented)."""
        inputs = self.json().get("inputs")
        if not isinstance(inputs, list):
            raise errors.invalid("Some required fields were not set: [inputs]")
        if len(inputs) > MOST_INPUTS:
            raise errors.invalid(f"The maximum batch size is {MOST_INPUTS} inputs")
        for each in inputs:
            if not isinstance(each, dict):
                raise errors.invalid("Each input is an object")
        return inputs

    def properties(self) -> Mapping[str, object]:
        """Return the body's properties. Raises Refusal (400) if there are none."""
        return properties_of(self.json())

    def names(self, name: str = "properties") -> list[str] | None:
        """Return the property names requested in the query, separated by commas."""
        text = self.query.get(name)
        return None if text is None else [each for each in text.split(",") if each]

    def limit(self, default: int, most: int) -> int:
        """Return how many results are requested. Raises Refusal (400) outside 1 to `most`."""
        limit = record_id(self.query.get("limit", default))
        if limit is None or not 1 <= limit <= most:
            raise errors.invalid(f"limit must be between 1 and {most}")
        return limit

    def after(self) -> int:
        """Return where the page begins. Raises Refusal (400) for a word."""
        after = record_id(self.query.get("after", "") or 0)
        if after is None:
            raise errors.invalid("after must be an integer")
        return after

    def page(self, rows: Sequence[Any], default: int, most: int) -> tuple[list[Any], Shape]:
        """Return the requested rows, and `paging` if there are more."""
        start, limit = self.after(), self.limit(default, most)
        end = start + limit
        paging = {"paging": {"next": {"after": str(end)}}} if end < len(rows) else {}
        return list(rows[start:end]), paging

    def batch(
        self, results: list[Shape], failures: list[Shape] | None = None, status: int = 200
    ) -> Answer:
        """Return a batch's answer: 207 with the failures if there are any.

        Its times are those of the portal's last change, so that two equal reads have equal answers.
        """
        when = iso(self.portal.changed_at)
        body: Shape = {"status": "COMPLETE", "results": results}
        if failures:
            body |= {"numErrors": len(failures), "errors": failures}
            status = 207
        return Answer(status, body | {"startedAt": when, "completedAt": when})


Handler = Callable[[Call], Answer]


def properties_of(row: Mapping[str, Any]) -> Mapping[str, object]:
    """Return an object's properties. Raises Refusal (400) if it has none."""
    properties = row.get("properties")
    if not isinstance(properties, dict):
        raise errors.invalid("Some required fields were not set: [properties]")
    return properties


def failure(refusal: errors.Refusal, **context: list[str]) -> Shape:
    """Return a refusal as a row of a batch's errors."""
    shown = {
        name: value
        for name, value in refusal.body.items()
        if name in ("status", "category", "message", "errors")
    }
    return {**shown, "context": context}


def missing_objects(kind: str, ids: list[str]) -> Shape:
    """Return the error of a batch read for missing objects (seen)."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": ids},
    }
