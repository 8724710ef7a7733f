"""A platform in memory: its keys are texts with unusual characters, and it has no waiting list, no
approval, no polls, no surveys and no webhooks."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from platforms import contract, records
from platforms.contract import Budget, Capabilities, Limits, RetryPolicy, TokenSource
from platforms.errors import AlreadyRegistered, NotAllowed, NotFound, ReauthorizationRequired
from platforms.records import Approval, RegistrantStatus

REFRESH_TOKEN = "memory refresh token"
CAPABILITIES = Capabilities(
    questions=True, cancel_registrants=True, waiting_list=False, approval=False, polls=False,
    surveys=False, speakers=False, recent_sessions=False, webhooks=False,
)  # fmt: skip


@dataclass
class Room:
    """A webinar and all its data."""

    webinar: records.Webinar
    people: dict[str, records.RegistrantDetails] = field(default_factory=dict)
    sessions: dict[str, records.Session] = field(default_factory=dict)
    attendees: list[records.Attendee] = field(default_factory=list)
    questions: dict[str, list[records.Question]] = field(default_factory=dict)


class MemoryPlatform(contract.Platform):
    name = "memory"
    label = "Memory"
    key_prefix = "memory:"
    capabilities = CAPABILITIES
    limits = Limits(calls_per_second=1000.0, parallel_calls=1, page_size=2)
    client_id = "memory client"
    is_configured = True
    is_public = False
    sign_in_url = "https://memory.example/"

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}

    # -- test data -----------------------------------------------------------------------------

    def hold(self, start: dt.datetime, end: dt.datetime, subject: str = "Crème & Co.") -> Room:
        """Add a webinar that is scheduled from `start` to `end`."""
        key = f"memory:Wébinar #{len(self.rooms)}/?&% „x“"
        room = Room(
            records.Webinar(
                key=key, webinar_id="", organizer_key="memory:örg/1", account_key="",
                subject=subject, description="", times=(records.TimeRange(start, end),),
                time_zone="Europe/Lisbon", locale="", registration_url="",
                approval_type=Approval.AUTOMATIC, recurrence_type="", experience_type="",
                recurrence_key=None,
            )
        )  # fmt: skip
        self.rooms[key] = room
        return room

    def register(
        self, room: Room, person: records.NewRegistrant, at: dt.datetime
    ) -> records.Registrant:
        """Add `person` to the list of `room`."""
        registrant = records.Registrant(
            key=f"memory:{len(room.people)} ⁂ {person.email}",
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            registered_at=at,
            status=RegistrantStatus.APPROVED,
            join_url="https://memory.example/join",
            time_zone="",
        )
        room.people[registrant.key] = records.RegistrantDetails(
            registrant, dict(person.properties), person.source, ()
        )
        return registrant

    # -- OAuth ---------------------------------------------------------------------------------

    def authorization_url(self, redirect_uri: str, *, state: str, verifier: str) -> str:
        return f"{self.sign_in_url}?state={state}"

    def exchange(self, code: str, redirect_uri: str, *, verifier: str) -> records.Token:
        return self.refresh(code)

    def refresh(self, refresh_token: str) -> records.Token:
        if refresh_token != REFRESH_TOKEN:
            raise ReauthorizationRequired("No such token.")
        return records.Token("memory access token", 3600, REFRESH_TOKEN)

    def revoke(self, refresh_token: str, *, retry_policy: RetryPolicy | None = None) -> None: ...

    def fetch_identity(self, token: records.Token) -> records.Me:
        return records.Me("memory:örg/1", email="o@memory.example")

    # -- calls ---------------------------------------------------------------------------------

    def client(
        self,
        organizer_key: str,
        tokens: TokenSource,
        budget: Budget,
        *,
        retry_policy: RetryPolicy | None = None,
        on_call: Callable[[str], None] | None = None,
    ) -> "MemoryClient":
        return MemoryClient(self, tokens, budget, on_call)


class MemoryClient(contract.Client):
    capabilities = CAPABILITIES
    limits = MemoryPlatform.limits

    def __init__(
        self,
        platform: MemoryPlatform,
        tokens: TokenSource,
        budget: Budget,
        on_call: Callable[[str], None] | None,
    ) -> None:
        self._platform, self._tokens, self._budget = platform, tokens, budget
        self._on_call = on_call

    @property
    def skipped(self) -> Mapping[str, int]:
        return Counter()

    def _call(self, name: str) -> None:
        self._budget.acquire()
        if self._on_call:
            self._on_call(name)
        if self._tokens.access_token() != "memory access token":
            raise NotAllowed

    def _room(self, key: str) -> Room:
        self._call("webinar")
        if key not in self._platform.rooms:
            raise NotFound
        return self._platform.rooms[key]

    def webinars(self, start: dt.datetime, end: dt.datetime) -> Iterator[records.Webinar]:
        self._call("webinars")
        for room in self._platform.rooms.values():
            if start <= room.webinar.times[0].start <= end:
                yield room.webinar

    def webinar(self, key: str) -> records.WebinarDetails:
        room, it = self._room(key), self._room(key).webinar
        return records.WebinarDetails(
            it.key, it.subject, it.description, it.times, it.time_zone, "Ö", "", False,
            len(room.people), 0,
        )  # fmt: skip

    def registration_fields(self, key: str) -> records.RegistrationFields:
        self._room(key)
        return records.RegistrationFields(
            (records.RegistrationField("organization", False, 0, ()),), ()
        )

    def registrants(self, key: str) -> Iterator[Sequence[records.Registrant]]:
        people = [item.registrant for item in self._room(key).people.values()]
        for start in range(0, len(people), self.limits.page_size):
            yield people[start : start + self.limits.page_size]

    def registrant(self, key: str, registrant_key: str) -> records.RegistrantDetails:
        people = self._room(key).people
        if registrant_key not in people:
            raise NotFound
        return people[registrant_key]

    def create_registrant(self, key: str, person: records.NewRegistrant) -> records.Created:
        room = self._room(key)
        for item in room.people.values():
            if item.registrant.email == person.email:
                raise AlreadyRegistered(registrant_key=item.registrant.key)
        there = self._platform.register(room, person, dt.datetime.now(dt.UTC))
        return records.Created(there.key, there.join_url)

    def cancel_registrant(self, key: str, registrant_key: str) -> None:
        if self._room(key).people.pop(registrant_key, None) is None:
            raise NotFound

    def sessions(self, key: str) -> Iterator[records.Session]:
        yield from self._room(key).sessions.values()

    def session_is_known(self, key: str, session_key: str) -> bool:
        return session_key in self._room(key).sessions

    def attendees(self, key: str) -> Iterator[Sequence[records.Attendee]]:
        yield self._room(key).attendees

    def questions(self, key: str, session_key: str) -> Sequence[records.Question]:
        return self._room(key).questions.get(session_key, [])
