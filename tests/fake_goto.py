"""A GoToWebinar in memory: answers with rows that a test has written, without a process or a port.

Everything but the network is real: the client builds the requests and reads the JSON. Use it if a
test needs rows that the simulator does not create; use the simulator for changes over time.
"""

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import requests
from django.conf import settings
from django.utils import timezone
from requests.adapters import BaseAdapter

from platforms.contract import Limits, RetryPolicy
from platforms.gotowebinar import Client, Hosts
from platforms.models import Connection
from sync import runs
from sync.models import SyncRun
from webinars.models import Webinar

Row = dict[str, Any]
HOUR = dt.timedelta(hours=1)
# What the list of registrants contains; the rest is only in their details.
_LISTED = (
    "registrantKey", "firstName", "lastName", "email", "registrationDate", "status", "joinUrl",
    "timeZone",
)  # fmt: skip


class _Tokens:
    def access_token(self) -> str:
        return "token"

    def refreshed(self, stale: str) -> str:
        return stale


class _NoBudget:
    def acquire(self) -> None: ...


@dataclass
class FakeGoTo(BaseAdapter):
    """The rows of one webinar, as GoTo's API sends them."""

    registrants: list[Row] = field(default_factory=list)
    sessions: list[Row] = field(default_factory=list)
    attendees: list[Row] = field(default_factory=list)
    questions: list[Row] = field(default_factory=list)
    panelists: list[Row] = field(default_factory=list)
    coorganizers: list[Row] = field(default_factory=list)
    # Answers by (session key, registrant key).
    polls: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    surveys: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    # Keys of registrants whose details fail to load.
    unreadable: set[str] = field(default_factory=set)
    # Requested paths, and posted registrants.
    calls: list[str] = field(default_factory=list)
    posted: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def close(self) -> None: ...

    # -- rows ----------------------------------------------------------------------------------

    def register(self, email: str, at: dt.datetime, **more: Any) -> Row:
        """Add a registrant; `more` are fields of the row or of the details. An `unlisted` one can
        be requested individually, and is not on the list."""
        row = {
            "registrantKey": str(100 + len(self.registrants)),
            "firstName": "Ada",
            "lastName": "Lovelace",
            "email": email,
            "registrationDate": iso(at),
            "status": "APPROVED",
            "joinUrl": "https://join.example/1",
            "timeZone": "UTC",
        } | more
        self.registrants.append(row)
        return row

    def hold_session(
        self, start: dt.datetime, end: dt.datetime, attendees: list[Row], **more: Any
    ) -> Row:
        """Run a session in which `attendees` stayed from its start to its end."""
        key = str(900 + len(self.sessions))
        self.sessions.append(
            {
                "sessionKey": key,
                "startTime": iso(start),
                "endTime": iso(end),
                "registrantsAttended": len(attendees),
                "totalPollCount": 0,
            }
            | more
        )
        for person in attendees:
            self.attendees.append(
                {name: person[name] for name in ("registrantKey", "email", "firstName", "lastName")}
                | {
                    "sessionKey": key,
                    "attendanceTimeInSeconds": int((end - start).total_seconds()),
                    "attendance": [{"joinTime": iso(start), "leaveTime": iso(end)}],
                }
            )
        return self.sessions[-1]

    # -- answers -------------------------------------------------------------------------------

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        path = (request.url or "").split("?")[0].split("/webinars/", 1)[1].partition("/")[2]
        self.calls.append(path)
        status, body = self._answer(request, path)
        response = requests.Response()
        response.status_code = status
        response._content = json.dumps(body).encode()
        response.url, response.request = request.url or "", request
        return response

    def _answer(self, request: requests.PreparedRequest, path: str) -> tuple[int, Any]:
        if request.method == "POST":
            self.posted.append(json.loads(request.body or b"{}"))
            return 201, {"registrantKey": "777", "joinUrl": "https://join.example/777"}
        if path == "registrants":
            listed = [row for row in self.registrants if not row.get("unlisted")]
            rows = [{k: row[k] for k in _LISTED if k in row} for row in listed]
            return 200, {"data": rows, "total": len(rows)}
        if path == "registrants/fields":
            return 200, {"fields": [], "questions": []}
        if path in ("panelists", "coorganizers"):
            return 200, self.panelists if path == "panelists" else self.coorganizers
        if path == "sessions":
            return 200, _page("sessionInfoResources", self.sessions)
        if path == "attendees":
            return 200, _page("attendeeParticipationResponses", self.attendees)
        if path == "":
            return 200, {"webinarKey": "77", "numberOfRegistrants": 1, "registrationLimit": 100}
        if re.fullmatch(r"sessions/[^/]+/questions", path):
            return 200, self.questions
        if found := re.fullmatch(r"sessions/([^/]+)/(polls|surveys)", path):
            return 200, self._summaries(found[1], found[2])
        if found := re.fullmatch(r"sessions/([^/]+)/attendees/([^/]+)/(polls|surveys)", path):
            answers = self.polls if found[3] == "polls" else self.surveys
            return 200, answers.get((found[1], found[2]), [])
        if path.removeprefix("registrants/") in self.unreadable:
            return 500, {}
        for row in self.registrants:
            if path == f"registrants/{row.get('registrantKey')}":
                return 200, row
        return 404, {"errorCode": "NotFound", "description": "There is none."}

    def _summaries(self, session_key: str, kind: str) -> list[Row]:
        """Return the questions of a session's poll, with the number of answers, including anonymous
        ones."""
        reports = self.polls if kind == "polls" else self.surveys
        asked = Counter(
            str(answer.get("question"))
            for (session, _key), answers in reports.items()
            if session == session_key
            for answer in answers
        )
        return [
            {"question": question, "numberOfResponses": count, "responses": []}
            for question, count in asked.items()
        ]

    # -- use -----------------------------------------------------------------------------------

    def client(self, *_: Any, **__: Any) -> Client:
        """Return a client for this fake, for any connection and priority."""
        session = requests.Session()
        session.mount("https://", self)
        hosts = Hosts("https://goto.example", "https://goto.example")
        retry_policy = RetryPolicy(base=0, cap=0, total=0)
        return Client(
            hosts,
            "1",
            _Tokens(),
            _NoBudget(),
            session=session,
            retry_policy=retry_policy,
            limits=Limits(parallel_calls=settings.GOTO_PARALLEL_CALLS),
        )

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let syncs, pushes and opt-out checks use this fake."""
        with ExitStack() as stack:
            for module in (
                "sync.runs", "sync.push.push", "sync.opt_out_check", "sync.pull.details_backfill",
            ):  # fmt: skip
                stack.enter_context(patch(f"{module}.client_for", self.client))
            yield

    def sync(self, webinar: Webinar) -> SyncRun:
        """Sync `webinar` as a command does."""
        with self.in_place():
            return runs.sync_webinar(webinar, trigger=SyncRun.Trigger.COMMAND)


def _page(name: str, rows: list[Row]) -> Row:
    page = {"size": 200, "totalElements": len(rows), "totalPages": 1, "number": 0}
    return {"page": page} | ({"_embedded": {name: rows}} if rows else {})


def iso(at: dt.datetime) -> str:
    """Return a time as GoTo writes it."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_webinar(**values: Any) -> Webinar:
    """Create a webinar that is synced and was scheduled from two hours ago to an hour ago."""
    now = timezone.now()
    connection = Connection.objects.create(organizer_key="1", email="o@example.com")
    scheduled: dict[str, Any] = {
        "starts_at": now - 2 * HOUR,
        "ends_at": now - HOUR,
        "times": [[(now - 2 * HOUR).isoformat(), (now - HOUR).isoformat()]],
    }
    return Webinar.objects.create(
        connection=connection,
        key="77",
        slug="a-webinar-77",
        subject="A webinar",
        sync_enabled=True,
        **scheduled | values,
    )
