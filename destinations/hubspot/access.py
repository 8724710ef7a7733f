"""Connect a portal by an access token, test it, read its properties, and disconnect it."""

import contextlib
import dataclasses
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from core import outbox_delivery
from core.encryption import UnreadableSecret, opened
from core.rate_limit.database import Priority
from destinations.error_messages import as_stored, explain, words_of
from destinations.hubspot.budget import Budget
from destinations.hubspot.client import Client
from destinations.hubspot.deadline import Deadline
from destinations.hubspot.errors import HubSpotError, MissingScope, NotFound, TokenRefused
from destinations.hubspot.opt_outs_client import may_ask
from destinations.hubspot.records import Account
from destinations.models import Portal
from destinations.models.portal import PortalQuerySet
from platforms.models.error import NO_ERROR

# The name of HubSpot's reader of the outbox.
READER = "hubspot"
# The checks of a connection test, in this order; if a required one fails, nothing is sent.
OPT_OUTS = "opt_outs"
CHECKS = ("account", "contacts", "properties", "marketing_events", "lists", "forms", OPT_OUTS)
NEEDED = ("contacts", "properties", "marketing_events")
WRITING = "writing"
_ACCOUNT_COLUMNS = ("portal_id", "ui_domain", "time_zone", "account_type")
State = Portal.State


class OtherPortal(Exception):
    """The token belongs to another portal than the connected one."""

    def __init__(self, portal_id: str, connected: str) -> None:
        super().__init__()
        self.code, self.params = (
            "hubspot.other-portal",
            {"given": portal_id, "connected": connected},
        )


@sensitive_variables()
def connect(token: str, user_id: int | None = None) -> Portal:
    """Join the portal of `token`, and test its connection."""
    portal = join(token, user_id)
    verify_connection(portal)
    return portal


@sensitive_variables()
def join(token: str, user_id: int | None = None, *, deadline: Deadline | None = None) -> Portal:
    """Connect the portal of `token`, or replace the token of the connected one.

    A portal that was connected before keeps its mapping. Raises HubSpotError if HubSpot refuses the
    token, OtherPortal, and ValueError for an invalid host in the settings.
    """
    account = _account(Client(settings.HUBSPOT_API_URL, token, deadline=deadline))
    try:
        return _store(token, account, user_id)
    except IntegrityError:
        # Someone else has connected at the same moment.
        return _store(token, account, user_id)


def _account(client: Client) -> Account | None:
    """Return the portal of the client's token; None if HubSpot does not report it for this kind of
    token, which is then verified by reading contacts."""
    try:
        return client.account()
    except (MissingScope, NotFound):
        # The token is valid without this scope, and the test reports what it lacks.
        with contextlib.suppress(MissingScope):
            client.first_contact()
        return None


@sensitive_variables()
@transaction.atomic
def _store(token: str, account: Account | None, user_id: int | None) -> Portal:
    rows = Portal.objects.select_for_update()
    portal = rows.joined().first()
    portal_id = account.portal_id if account else ""
    if portal and portal.portal_id and portal_id and portal.portal_id != portal_id:
        raise OtherPortal(portal_id, portal.portal_id)
    if portal is None and portal_id:
        portal = rows.filter(portal_id=portal_id).order_by("-pk").first()
    portal = portal or Portal()
    portal.access_token = token
    portal.state, portal.current, portal.disconnected_at = State.CONNECTED, True, None
    portal.notified_at = None
    portal.connected_by_id = user_id
    if account:
        _set_account(portal, account)
    portal.checks, portal.missing_write_scopes, portal.blocked_until = {}, [], None
    _set_error(portal, None)
    adding = portal.pk is None
    portal.save()
    if not adding:
        portal.connected_at = timezone.now()
        portal.save(update_fields=["connected_at"])
    return portal


def disconnect(portal: Portal) -> None:
    """Disconnect: delete the token and everything pending for HubSpot; keep what was sent."""
    portal.state, portal.current = State.DISCONNECTED, None
    portal.access_token, portal.disconnected_at = "", timezone.now()
    portal.checks, portal.missing_write_scopes = {}, []
    _set_error(portal, None)
    portal.save()
    outbox_delivery.discard(READER)


def client_for(
    portal: Portal,
    priority: Priority = Priority.SCHEDULED,
    *,
    leave_to_others: bool = True,
    on_call: Callable[[str, str], None] | None = None,
    deadline: Deadline | None = None,
) -> Client:
    """Return a client with the portal's present token and its share of calls.

    Without `leave_to_others` it may use the last tenth of a day's calls. Raises TokenRefused if
    there is no token, or it cannot be decrypted.
    """
    tokens = Portal.objects.joined().filter(pk=portal.pk)
    try:
        token = opened(tokens.values_list("access_token", flat=True).first() or "")
    except UnreadableSecret:
        token = ""
        unreadable = True
    else:
        unreadable = False
    if not token:
        code = "UNREADABLE_TOKEN" if unreadable else "DISCONNECTED"
        raise TokenRefused(code, kind=TokenRefused.MISSING, status=None)
    sleep = deadline.sleep if deadline else time.sleep
    budget = Budget(portal.pk, priority, leave_to_others=leave_to_others, sleep=sleep)
    return Client(settings.HUBSPOT_API_URL, token, budget, on_call=on_call, deadline=deadline)


# -- testing ---------------------------------------------------------------------------------------


def verify_connection(portal: Portal) -> None:
    """Read one record of each kind and save the results with the portal.

    The mapping is checked against the properties. A portal whose token was refused is connected
    again if HubSpot accepts it now.
    """
    found: dict[str, Any] = {}
    refused: TokenRefused | None = None
    try:
        client = client_for(portal, Priority.INTERACTIVE)
    except TokenRefused as error:
        _save_test(portal, found, error)
        return
    reads: dict[str, Callable[[], object]] = {
        "account": client.account,
        "contacts": client.first_contact,
        "properties": lambda: read_properties(portal, client),
        "marketing_events": client.first_event,
        "lists": client.lists,
        "forms": client.forms,
        OPT_OUTS: lambda: may_ask(client),
    }
    for name in CHECKS:
        try:
            answer = reads[name]()
        except HubSpotError as error:
            code, params = explain(error)
            found[name] = {"ok": False, "code": code, "params": params, "words": words_of(error)}
            if isinstance(error, TokenRefused):
                refused = error
                break
        else:
            found[name] = {"ok": True}
            if isinstance(answer, Account):
                _save_account(portal, answer)
    _save_test(portal, found, refused)


def _save_account(portal: Portal, account: Account) -> None:
    if portal.portal_id and portal.portal_id != account.portal_id:
        return
    _set_account(portal, account)
    portal.save(update_fields=list(_ACCOUNT_COLUMNS))


def _set_account(portal: Portal, account: Account) -> None:
    for name in _ACCOUNT_COLUMNS:
        setattr(portal, name, getattr(account, name))


def _save_test(portal: Portal, found: dict[str, Any], refused: TokenRefused | None) -> None:
    if WRITING in portal.checks:
        found[WRITING] = portal.checks[WRITING]
    portal.checks, portal.checked_at, portal.testing_since = found, timezone.now(), None
    portal.state = State.TOKEN_REFUSED if refused else State.CONNECTED
    # A scope may have been added in the meantime: the next write shows whether writing works.
    portal.missing_write_scopes = []
    _set_error(portal, refused)
    columns = ["checks", "checked_at", "testing_since", "state", "missing_write_scopes", *NO_ERROR]
    if not refused:
        portal.notified_at = None
        columns.append("notified_at")
    portal.save(update_fields=columns)


def read_properties(portal: Portal, client: Client) -> None:
    """Read which properties contacts have, and which a new contact requires."""
    portal.definitions = [dataclasses.asdict(each) for each in client.property_definitions()]
    portal.required_properties = client.required_properties()
    portal.definitions_read_at = timezone.now()
    portal.save(update_fields=["definitions", "required_properties", "definitions_read_at"])


def _same_token(portal: Portal) -> PortalQuerySet:
    """Return the row of `portal`, unless its token has been replaced in the meantime."""
    return Portal.objects.joined().filter(pk=portal.pk, connected_at=portal.connected_at)


def note_error(portal: Portal, error: HubSpotError) -> None:
    """Save with the portal that HubSpot refused its token, or a write because of a missing scope.

    Nothing is saved about a token that has been replaced in the meantime.
    """
    row = _same_token(portal)
    columns = as_stored(error)
    if isinstance(error, TokenRefused):
        row.update(state=State.TOKEN_REFUSED, **columns)
    elif isinstance(error, MissingScope):
        row.update(missing_write_scopes=list(error.scopes), **columns)


def note_success(portal: Portal) -> None:
    """Save with the portal that HubSpot accepted a write."""
    row = _same_token(portal).first()
    if row is None or (row.checks.get(WRITING) == {"ok": True} and not row.error_code):
        return
    row.checks[WRITING] = {"ok": True}
    row.missing_write_scopes = []
    _set_error(row, None)
    row.save(update_fields=["checks", "missing_write_scopes", *NO_ERROR])


def _set_error(portal: Portal, error: HubSpotError | None) -> None:
    for name, value in (as_stored(error) if error else NO_ERROR).items():
        setattr(portal, name, value)
