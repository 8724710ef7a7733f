"""The records that make up a simulated account; plain data that can be saved and loaded.

Times are whole seconds since 1970 (UTC); keys are 64-bit integers, as in GoTo's contract.
"""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct, field

APPROVED, WAITING, DENIED = "APPROVED", "WAITING", "DENIED"
SINGLE, SERIES, SEQUENCE = "single_session", "series", "sequence"

Interval = tuple[int, int]


class FormField(Struct):
    """A standard field on a registration form; ``answers`` are its choices, if it has any."""

    name: str
    required: bool = False
    max_size: int = 128
    answers: list[str] = field(default_factory=list)


class FormQuestion(Struct):
    """An organizer's custom question; ``answers`` are (key, text) and make it multiple choice."""

    key: int
    text: str
    required: bool = False
    max_size: int = 1000
    answers: list[tuple[int, str]] = field(default_factory=list)


class Registrant(Struct):
    """A person's registration; ``fields`` are the optional standard fields submitted."""

    key: int
    email: str
    first_name: str
    last_name: str
    registered_at: int
    status: str = APPROVED
    fields: dict[str, str] = field(default_factory=dict)
    responses: list[tuple[str, str]] = field(default_factory=list)
    late: bool = False
    cancelled_at: int | None = None
    unsubscribed: bool = False


class Reply(Struct):
    """An attendee's answers to one poll or survey question."""

    question: str
    answers: list[str]


class Attendance(Struct):
    """One person in one session: when they joined and left, and their answers."""

    registrant_key: int
    intervals: list[Interval]
    polls: list[Reply] = field(default_factory=list)
    surveys: list[Reply] = field(default_factory=list)

    def seconds(self) -> int:
        """Return the seconds attended; two devices at once count once."""
        return union_seconds(self.intervals)


class Answer(Struct):
    """A panelist's answer to a question."""

    text: str
    answered_at: int


class Asked(Struct):
    """A question asked during a session."""

    registrant_key: int
    email: str
    text: str
    asked_at: int
    answers: list[Answer] = field(default_factory=list)


class Poll(Struct):
    """A poll or survey question with its choices."""

    question: str
    choices: list[str]


class Session(Struct):
    """A session of a webinar; ``ended_at`` is None while it is live."""

    key: int
    started_at: int
    ended_at: int | None = None
    attendances: list[Attendance] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    polls: list[Poll] = field(default_factory=list)
    surveys: list[Poll] = field(default_factory=list)


class Person(Struct):
    """A co-organizer or panelist."""

    key: int
    email: str
    first_name: str
    last_name: str
    external: bool = False

    @property
    def name(self) -> str:
        """Return first name and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class Hold(Struct):
    """A delayed report: for this many seconds after a session's end only the first ``listed``
    attendees are reported."""

    seconds: int
    listed: int = 0


class Webinar(Struct):
    """A webinar with all its data.

    ``label`` names its role in the seeded account ("big", "full", …); it is for tests, GoTo has no
    such field. ``registrants`` are in the order GoTo lists them.
    """

    key: int
    organizer_key: int
    display_id: str
    subject: str
    description: str
    times: list[Interval]
    label: str = ""
    kind: str = SINGLE
    recurrence_key: int | None = None
    time_zone: str = "Europe/Berlin"
    locale: str = "en_US"
    experience: str = "CLASSIC"
    ondemand: bool = False
    manual_approval: bool = False
    registration_limit: int = 1000
    fields: list[FormField] = field(default_factory=list)
    questions: list[FormQuestion] = field(default_factory=list)
    registrants: list[Registrant] = field(default_factory=list)
    cancelled: list[Registrant] = field(default_factory=list)
    # Available individually, but not on the list.
    unlisted: list[Registrant] = field(default_factory=list)
    # Known only from attendance: they never registered.
    walk_ins: list[Registrant] = field(default_factory=list)
    hold: Hold | None = None
    sessions: list[Session] = field(default_factory=list)
    coorganizers: list[Person] = field(default_factory=list)
    panelists: list[Person] = field(default_factory=list)
    deleted: bool = False

    def is_live(self) -> bool:
        """Return whether a session runs now."""
        return any(session.ended_at is None for session in self.sessions)

    def is_over(self, now: int) -> bool:
        """Return whether its last planned time has passed and nothing runs."""
        return self.times[-1][1] <= now and not self.is_live()

    def is_full(self) -> bool:
        """Return whether the webinar is at its limit."""
        return len(self.registrants) >= self.registration_limit

    def ended_sessions(self) -> list[Session]:
        """Return the sessions that GoTo reports on: only ended ones."""
        return [session for session in self.sessions if session.ended_at is not None]

    def all_people(self) -> list[Registrant]:
        """Return all people who are on the list, were on it, or attended without being on it."""
        return [*self.registrants, *self.cancelled, *self.unlisted, *self.walk_ins]

    def reported(self, session: Session, now: int) -> list[Attendance]:
        """Return the attendees of an ended session that GoTo reports at ``now``."""
        if self.hold is None or (session.ended_at or 0) + self.hold.seconds <= now:
            return session.attendances
        return session.attendances[: self.hold.listed]


class OddRow(Struct):
    """The change of one row of a list whenever the list is answered.

    ``change`` is a JSON object merged into the row; the row is the one at index ``at`` of the list,
    or with ``registrant_key`` each row of that person.
    """

    list_name: str
    change: str
    webinar_key: int | None = None
    at: int = 0
    registrant_key: int | None = None


class User(Struct):
    """A user who can sign in; without ``has_webinar`` their licence is for another product."""

    key: int
    account_key: int
    email: str
    first_name: str
    last_name: str
    has_webinar: bool = True

    @property
    def name(self) -> str:
        """Return first name and last name."""
        return f"{self.first_name} {self.last_name}"


class RefreshToken(Struct):
    """A refresh token; the tokens of one sign-in share its ``grant``."""

    value: str
    user_key: int
    grant: str
    until: int
    revoked: bool = False


class Webhook(Struct):
    """Where one kind of a user's events is delivered; new ones are INACTIVE [contract]."""

    key: str
    user_key: int
    event: str
    callback_url: str
    created_at: int
    state: str = "INACTIVE"


class Subscription(Struct):
    """A user's subscription to a webhook; both must be ACTIVE."""

    key: str
    user_key: int
    webhook_key: str
    created_at: int
    state: str = "INACTIVE"


class SecretKey(Struct):
    """The key that signs events of all users, because it belongs to the application; the newest
    signs."""

    id: int
    value: str
    valid_from: int


class Account(Struct):
    """All data of the simulated GoTo. The first user owns the seeded webinars."""

    seed: int
    users: list[User] = field(default_factory=list)
    keys_issued: int = 0
    webinars: list[Webinar] = field(default_factory=list)
    webhooks: list[Webhook] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    secret_keys: list[SecretKey] = field(default_factory=list)
    refresh_tokens: list[RefreshToken] = field(default_factory=list)
    odd_rows: list[OddRow] = field(default_factory=list)

    @property
    def first(self) -> User:
        """Return the organizer of the seeded webinars."""
        return self.users[0]

    def user(self, key: int) -> User:
        """Return the user. Raises KeyError for an unknown key."""
        for user in self.users:
            if user.key == key:
                return user
        raise KeyError(key)

    def owner(self, webinar: Webinar) -> User:
        """Return the organizer of a webinar."""
        return self.user(webinar.organizer_key)

    def next_key(self) -> int:
        """Return a new key of 19 digits, beyond the precision of a float; the same for the same
        seed."""
        self.keys_issued += 1
        digest = blake2b(b"%d:%d" % (self.seed, self.keys_issued), digest_size=8).digest()
        return 10**18 + int.from_bytes(digest) % (8 * 10**18)


def union_seconds(intervals: list[Interval]) -> int:
    """Return the seconds covered by the intervals, overlaps counted once."""
    total = 0
    reached = -(2**62)
    for start, end in sorted(intervals):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
