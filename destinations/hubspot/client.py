"""The client of HubSpot's API, with the calls that are needed.

An existing contact is never changed: contacts are read and created, and participation is sent by
contact id. Search calls are not used, because their results lag behind.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, Protocol
from urllib.parse import quote

import requests

from destinations.hubspot import answers, bodies
from destinations.hubspot.created_contacts import is_answered, read_created, read_refusal
from destinations.hubspot.deadline import Deadline
from destinations.hubspot.errors import (
    Delayed,
    HubSpotError,
    MissingScope,
    NotFound,
    RequestRefused,
    ServerError,
    TokenRefused,
)
from destinations.hubspot.records import (
    Account,
    ContactRecord,
    Counts,
    CreateResult,
    EventData,
    NewContact,
    ParticipationInput,
    ParticipationPage,
    PropertyDefinition,
    RecordResult,
)
from destinations.hubspot.transport import send

# HubSpot's dated API version: each is supported for 18 months.
VERSION = "2026-09"
_CONTACTS = f"/crm/objects/{VERSION}/contacts"
_PROPERTIES = f"/crm/properties/{VERSION}/contacts"
_SCHEMA = f"/crm-object-schemas/{VERSION}/schemas/contacts"
_EVENTS = f"/marketing/marketing-events/{VERSION}"
_LISTS = f"/crm/lists/{VERSION}"
_ACCOUNT = f"/account-info/{VERSION}/details"
# Forms have no dated version.
_FORMS = "/marketing/v3/forms"
AT_ONCE = 100
_TOKEN = re.compile(r"[\x21-\x7e]{1,2048}")

State = Literal["register", "attend", "cancel"]
StillWanted = Callable[[Sequence[NewContact]], Sequence[NewContact]]


class Calls(Protocol):
    """The rate limits of a portal (`destinations.hubspot.budget`)."""

    def acquire(self) -> None:
        """Wait until one more call may be made. Raises RateLimited."""

    def read_limits(self, headers: Mapping[str, str]) -> None:
        """Read the limits in the headers of a response; their names are in lower case."""

    def block(self, error: Delayed) -> None:
        """Block all calls until the time in `error`."""


class Client:
    """Makes calls with one access token. Every method raises HubSpotError.

    The token is in no repr. `on_call` is called with each call's method and path, which contains no
    names. With a `deadline`, someone waits at a form.
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        budget: Calls | None = None,
        *,
        session: requests.Session | None = None,
        on_call: Callable[[str, str], None] | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self._base = bodies.base_url(api_url)
        self._token = token
        self._budget = budget
        self._session = session or requests.Session()
        self._on_call = on_call
        self._deadline = deadline

    # -- the portal --------------------------------------------------------------------------------

    def account(self) -> Account:
        """Return the portal of the token. A key may lack the permission for this."""
        return answers.account(self.call("GET", _ACCOUNT))

    def property_definitions(self) -> list[PropertyDefinition]:
        """Return the properties of contacts."""
        return answers.definitions(self.call("GET", _PROPERTIES))

    def required_properties(self) -> list[str] | None:
        """Return the properties that a new contact requires; None if HubSpot does not report
        them."""
        try:
            required = self.call("GET", _SCHEMA).get("requiredProperties")
        except (MissingScope, NotFound):
            return None
        return (
            [name for name in required if isinstance(name, str)]
            if isinstance(required, list)
            else None
        )

    def first_contact(self) -> None:
        """Read a contact, to check the permission."""
        answers.rows_of(self.call("GET", _CONTACTS, {"limit": "1"}))

    def first_event(self) -> None:
        """Read a marketing event, to check the permission."""
        answers.rows_of(self.call("GET", _EVENTS, {"limit": "1"}))

    def lists(self) -> None:
        """Read lists, to check the permission."""
        self.call("GET", _LISTS)

    def forms(self) -> None:
        """Read a form, to check the permission."""
        answers.rows_of(self.call("GET", _FORMS, {"limit": "1"}))

    # -- contacts ----------------------------------------------------------------------------------

    def read_contacts_by_email(
        self, emails: Sequence[str], properties: Iterable[str] = ()
    ) -> list[ContactRecord]:
        """Return the contacts that have one of at most 100 addresses, first or additional.

        HubSpot does not say which contact it found by which address: compare `email` and
        `additional_emails`.
        """
        return self._read_contacts(emails, properties, {"idProperty": "email"})

    def read_contacts(
        self, contact_ids: Sequence[str], properties: Iterable[str] = ()
    ) -> list[ContactRecord]:
        """Return those of at most 100 contacts that HubSpot has, without archived ones; a merged
        one may be returned with another id."""
        return self._read_contacts(contact_ids, properties, {})

    def _read_contacts(
        self, ids: Sequence[str], properties: Iterable[str], by: Mapping[str, str]
    ) -> list[ContactRecord]:
        check_batch(ids)
        if not ids:
            return []
        body = {
            **by,
            "inputs": [{"id": each} for each in ids],
            "properties": [*dict.fromkeys(("email", "hs_additional_emails", *properties))],
            "propertiesWithHistory": [],
        }
        read = self.call("POST", f"{_CONTACTS}/batch/read", json=body)
        for error in answers.errors_in(read):
            category = answers.code_of(error.get("category"))
            # A failed lookup must not make anyone count as missing.
            if category not in ("OBJECT_NOT_FOUND", "VALIDATION_ERROR"):
                raise ServerError(category or "UNREADABLE", answers.text(error.get("message")))
        return answers.contacts(read)

    def create_contacts(
        self, inputs: Sequence[NewContact], still_wanted: StillWanted = lambda inputs: inputs
    ) -> CreateResult:
        """Create at most 100 contacts. An existing or refused one does not affect the others.

        `still_wanted` is called after the wait for the rate limit, which can be long.
        """
        check_batch(inputs)
        result = CreateResult()
        self._create(inputs, still_wanted, result)
        return result

    def _create(
        self, inputs: Sequence[NewContact], still_wanted: StillWanted, result: CreateResult
    ) -> None:
        if not inputs:
            return
        try:
            self._acquire()
        except HubSpotError as error:
            self._stop(error, result)
            return
        inputs = still_wanted(inputs)
        if not inputs:
            return
        try:
            body = self.call(
                "POST",
                f"{_CONTACTS}/batch/create",
                json=bodies.new_contacts(inputs),
                acquire=False,
            )
        except RequestRefused as error:
            if error.status == 409 or len(inputs) == 1:
                # The error names an existing contact, and no one was created.
                self._create_singly(inputs, still_wanted, result)
                return
            middle = len(inputs) // 2
            self._create(inputs[:middle], still_wanted, result)
            if result.stopped_by is None:
                self._create(inputs[middle:], still_wanted, result)
            return
        except HubSpotError as error:
            self._stop(error, result)
            return
        read_created(body, inputs, result)
        untold = [each for each in inputs if not is_answered(each, result)]
        self._create_singly(untold, still_wanted, result)

    def _create_singly(
        self, inputs: Sequence[NewContact], still_wanted: StillWanted, result: CreateResult
    ) -> None:
        for each in inputs:
            try:
                self._acquire()
                if not still_wanted([each]):
                    continue
                body = {"properties": dict(each.properties)}
                made = self.call("POST", _CONTACTS, json=body, acquire=False)
            except RequestRefused as error:
                read_refusal(each.trace_id, error.message, error.refusals[0], result)
            except HubSpotError as error:
                self._stop(error, result)
                return
            else:
                if contact_id := answers.text(made.get("id")):
                    result.created[each.trace_id] = contact_id

    @staticmethod
    def _stop(error: HubSpotError, result: CreateResult) -> None:
        """Keep the results so far; raise `error` if there are none."""
        if not (result.created or result.existing or result.refused):
            raise error
        result.stopped_by = error

    # -- marketing events --------------------------------------------------------------------------

    def put_event(self, event: EventData) -> str:
        """Create a marketing event, or update the one that this credential created with the same
        ids, and return its object id."""
        path = f"{_EVENTS}/events/{part(event.external_event_id)}"
        body = {
            "externalAccountId": event.external_account_id,
            "externalEventId": event.external_event_id,
            **bodies.event(event),
        }
        return answers.object_id(self.call("PUT", path, json=body))

    def patch_event(self, object_id: str, event: EventData) -> None:
        """Update a marketing event, whichever credential created it."""
        self.call("PATCH", f"{_EVENTS}/{part(object_id)}", json=bodies.event(event))

    def complete_event(
        self,
        external_event_id: str,
        external_account_id: str,
        starts_at: dt.datetime,
        ends_at: dt.datetime,
    ) -> None:
        """Complete a marketing event: those who only registered are no-shows from now on.

        Raises NotFound for an event of another credential.
        """
        path = f"{_EVENTS}/events/{part(external_event_id)}/complete"
        body = {"startDateTime": bodies.iso(starts_at), "endDateTime": bodies.iso(ends_at)}
        self.call("POST", path, {"externalAccountId": external_account_id}, json=body)

    # -- participation -----------------------------------------------------------------------------

    def record(
        self, object_id: str, state: State, inputs: Sequence[ParticipationInput]
    ) -> RecordResult:
        """Record that at most 100 contacts registered, attended or cancelled. It can be read a few
        seconds later. Raises NotFound if HubSpot has no such event."""
        check_batch(inputs)
        result = RecordResult()
        self._record(object_id, state, inputs, result)
        return result

    def _record(
        self,
        object_id: str,
        state: State,
        inputs: Sequence[ParticipationInput],
        result: RecordResult,
    ) -> None:
        if not inputs:
            return
        path = f"{_EVENTS}/{part(object_id)}/attendance/{state}/create"
        try:
            body = self.call(
                "POST", path, json={"inputs": [bodies.participation(each) for each in inputs]}
            )
        except NotFound:
            raise
        except RequestRefused as error:
            if len(inputs) == 1:
                result.refused[inputs[0].contact_id] = error.refusals[0]
                return
            # A refused row does not affect the others. Repetitions are harmless.
            middle = len(inputs) // 2
            self._record(object_id, state, inputs[:middle], result)
            self._record(object_id, state, inputs[middle:], result)
            return
        asked = {each.contact_id for each in inputs}
        for failed in answers.errors_in(body):
            refusal = answers.refusals_of(failed)[0]
            for contact_id in answers.context_values(failed, "ids", "vid", "contactId"):
                if contact_id in asked:
                    result.refused[contact_id] = refusal
        result.done |= (answers.vids(body) & asked) - result.refused.keys()

    def participation_counts(self, object_id: str) -> Counts:
        """Return the number of contacts in each state."""
        return answers.counts(self.call("GET", f"{_EVENTS}/participations/{part(object_id)}"))

    def participations(
        self, object_id: str, state: str = "", contact: str = "", after: str = ""
    ) -> ParticipationPage:
        """Return a page of at most 100 participations: all, those in a state (REGISTERED, ATTENDED,
        CANCELLED, NO_SHOW), or of a contact by id or address."""
        asked = {"limit": str(AT_ONCE), "state": state, "contactIdentifier": contact}
        params = {name: value for name, value in {**asked, "after": after}.items() if value}
        path = f"{_EVENTS}/participations/{part(object_id)}/breakdown"
        return answers.participations(self.call("GET", path, params))

    # -- one call ----------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        json: object = None,
        acquire: bool = True,
    ) -> dict[str, Any]:
        """Make one call and return the JSON object of its answer. Without `acquire` the caller has
        waited for the rate limit (`_acquire`)."""
        if acquire:
            self._acquire()
        if self._on_call:
            self._on_call(method, path)
        url = self._base + path
        ask = partial(send, self._session, method, url, token=self._token, params=params, json=json)
        answer = self._deadline.run(ask) if self._deadline else ask()
        if self._budget:
            self._budget.read_limits(answer.headers)
        try:
            return answers.decoded(answer)
        except Delayed as error:
            if self._budget:
                self._budget.block(error)
            raise

    def _acquire(self) -> None:
        """Wait until one more call may be made."""
        if not _TOKEN.fullmatch(self._token):
            # Nothing that HubSpot gives out looks so, and it could not be sent as a header.
            raise TokenRefused("UNAUTHORIZED", kind=TokenRefused.NOT_RECOGNISED, status=None)
        if self._budget:
            self._budget.acquire()


def check_batch(inputs: Sequence[object]) -> None:
    if len(inputs) > AT_ONCE:
        raise ValueError(f"HubSpot takes {AT_ONCE} at once, not {len(inputs)}.")


def part(text: str) -> str:
    """Return an id for use in a path."""
    return quote(text, safe="")
