"""A condition with a QuerySet method is written nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APPS = (
    "contact_imports", "contacts", "destinations", "mailings", "operations", "platforms",
    "registration_forms", "segments", "sync", "webinars", "webinarsync",
)  # fmt: skip
_FILTERS = frozenset({"filter", "exclude", "get", "Q"})
# The columns of a condition, and its method. A lookup may span relations.
VERBS = {
    "DISCONNECTED": "Connection.objects.disconnected, synced",
    "CONNECTED": "Connection.objects.connected",
    "SCHEDULED": "Webinar.objects.scheduled, upcoming, switched_on",
    "PENDING": "Registration.objects.pending, due_for_push, promoted",
    "OVERFLOW": "Registration.objects.waiting",
    "RUNNING": "SyncRun.objects.running, alive",
    "SENDING": "Mailing.objects.sending, Recipient.objects.claimed",
    "WAITING": "Recipient.objects.waiting, due",
    "OFF": "WebhookSetup.objects.enabled",
    "ends_at__gt": "Webinar.objects.upcoming",
    "ends_at__gte": "Webinar.objects.upcoming",
    "ends_at__lt": "Webinar.objects.past",
    "ends_at__lte": "Webinar.objects.past",
    "next_push_at__lte": "Registration.objects.due_for_push",
    "waiting_since__isnull": "Registration.objects.promoted",
    "done_at__isnull": "WebhookEvent.objects.waiting, due",
    "lease_until__isnull": "core.conditions.has_passed",
    "lease_until__lt": "core.conditions.has_passed",
    "lease_until__gt": "SyncRun.objects.alive",
    "checking_until__isnull": "core.conditions.has_passed",
    "next_try_at__isnull": "core.conditions.has_passed",
}
# Other questions about the same columns.
OTHERS = {
    # Who registered late: for a webinar without an end, it depends on its sessions.
    ("webinars/audiences.py", "ends_at__lte"),
    # Data retention: webinars that have not ended long ago.
    ("webinars/contact_hooks.py", "ends_at__gte"),
    # Those that had not ended long before they were connected.
    ("webinarsync/to_do.py", "ends_at__gte"),
    # Recipients whose attempt was postponed.
    ("mailings/opt_out_check.py", "next_try_at__isnull"),
    # Which are compared with HubSpot often: upcoming ones, and those that ended some days ago.
    ("destinations/hubspot/handover.py", "ends_at__gt"),
    # Jobs have one module for all their steps.
    ("sync/jobs.py", "RUNNING"),
    ("sync/jobs.py", "WAITING"),
    # Those that can be sent, or are not final yet: of several states.
    ("mailings/sender.py", "WAITING"),
    ("mailings/sender.py", "SENDING"),
}


def filtered_by(source: str) -> Iterator[str]:
    """Yield the states and lookups by which `source` filters."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        called = call.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name not in _FILTERS:
            continue
        for keyword in call.keywords:
            path = (keyword.arg or "").split("__")
            yield "__".join(path[-2:])
            if path[0] == "state" or path[-1] == "state" or path[-2:] == ["state", "in"]:
                yield from (
                    node.attr for node in ast.walk(keyword.value) if isinstance(node, ast.Attribute)
                )


@pytest.mark.parametrize("app", APPS)
def test_a_condition_with_a_verb_is_written_in_no_other_place(app: str) -> None:
    twice = {
        (str(path.relative_to(ROOT)), found): VERBS[found]
        for path in sorted((ROOT / app).rglob("*.py"))
        if not {"models", "models.py", "migrations", "management"}
        & set(path.relative_to(ROOT).parts)
        for found in filtered_by(path.read_text())
        if found in VERBS and (str(path.relative_to(ROOT)), found) not in OTHERS
    }
    assert not twice


def test_what_is_filtered_by_is_found() -> None:
    source = "rows.filter(Q(a__ends_at__gt=now), b__state=State.OFF).exclude(state__in=(State.ON,))"
    assert set(filtered_by(source)) == {"ends_at__gt", "b__state", "OFF", "state__in", "ON"}
