"""Columns that describe one state are consistent: the database rejects an incomplete state."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, Model
from django.utils import timezone

from contact_imports.models import ContactImport
from destinations.models import HubSpotComparison, HubSpotFormList, HubSpotPreview, Portal
from destinations.models.check import HubSpotCheck
from mailings.models import Mailing, Recipient
from platforms.models import Connection, WebhookEvent, WebhookSetup
from registration_forms.models import AddressConfirmation
from sync.models import DryRun, Reconciliation, SyncRun
from tests.factories import (
    ConnectionFactory,
    ContactImportFactory,
    MailingFactory,
    RecipientFactory,
    RegistrationFactory,
    SyncRunFactory,
    WebhookSetupFactory,
    WebinarFactory,
)
from webinars.models import Registration

pytestmark = pytest.mark.django_db
NOW = timezone.now()
State = Registration.State

Make = Callable[[], Model]


def _job(kind: type[Model]) -> Make:
    def make() -> Model:
        further = {}
        if issubclass(kind, HubSpotCheck):
            further["portal"] = Portal.objects.joined().first() or Portal.objects.create()
        return kind._default_manager.create(
            webinar=WebinarFactory.create(), requested_at=NOW, **further
        )

    return make


def _event() -> WebhookEvent:
    return WebhookEvent.objects.create(
        connection=ConnectionFactory.create(),
        event_key="e",
        webinar_key="w",
        occurred_at=NOW,
        body="{}",
    )


def _confirmation() -> AddressConfirmation:
    return AddressConfirmation.objects.create(
        webinar=WebinarFactory.create(), email="ada@example.com", email_hash="h", language="en"
    )


def _registration(**values: Any) -> Make:
    return lambda: RegistrationFactory.create(**values)


def _jobs(kind: type[Model]) -> dict[str, list[tuple[Make, dict[str, Any]]]]:
    """Return the cases of a kind of OnDemandJob; a new one is waiting."""
    name = f"{kind._meta.app_label}_{kind._meta.model_name}"
    running = {"state": "running", "started_at": NOW}
    return {
        f"{name}_started_unless_waiting": [
            (_job(kind), {"state": "running"}),
            (_job(kind), {"started_at": NOW}),
        ],
        f"{name}_finished_unless_open": [
            (_job(kind), running | {"finished_at": NOW}),
            (_job(kind), running | {"state": "done"}),
            (_job(kind), running | {"state": "failed"}),
        ],
        f"{name}_lease_while_running": [(_job(kind), {"lease_until": NOW})],
    }


# Inconsistent states, by the constraint that rejects them: how a row is created, and what is
# written to it.
HALVES: dict[str, list[tuple[Make, dict[str, Any]]]] = {
    "webinars_registration_pending_has_next_push": [
        (_registration(), {"state": State.PENDING}),
        (_registration(), {"next_push_at": NOW}),
        (_registration(pending=True), {"state": State.REGISTERED}),
        (_registration(pending=True), {"next_push_at": None}),
    ],
    "webinars_registration_overflow_has_waiting_since": [
        (_registration(), {"state": State.OVERFLOW}),
        (_registration(overflow=True), {"waiting_since": None}),
    ],
    "webinars_registration_place_in_line_until_listed": [
        (_registration(), {"waiting_since": NOW}),
        (_registration(overflow=True), {"state": State.WALK_IN}),
    ],
    "webinars_registration_cancelled_has_key": [
        (_registration(registrant_key=""), {"cancelled_at": NOW}),
        (_registration(cancelled=True), {"registrant_key": ""}),
    ],
    "sync_syncrun_finished_unless_running": [
        (SyncRunFactory.create, {"finished_at": None}),
        (lambda: SyncRunFactory.create(running=True), {"finished_at": NOW}),
        (
            lambda: SyncRunFactory.create(running=True),
            {"state": SyncRun.State.LOST, "lease_until": None},
        ),
    ],
    "sync_syncrun_lease_while_running": [(SyncRunFactory.create, {"lease_until": NOW})],
    **_jobs(DryRun),
    **_jobs(Reconciliation),
    **_jobs(HubSpotPreview),
    **_jobs(HubSpotComparison),
    **_jobs(HubSpotFormList),
    "mailings_mailing_started_unless_draft": [
        (MailingFactory.create, {"state": Mailing.State.SENDING}),
        (MailingFactory.create, {"started_at": NOW}),
    ],
    "mailings_mailing_done_has_finished": [
        (MailingFactory.create, {"state": Mailing.State.DONE, "started_at": NOW}),
        (MailingFactory.create, {"finished_at": NOW}),
    ],
    "mailings_mailing_problem_while_paused": [(MailingFactory.create, {"problem_code": "away"})],
    "mailings_recipient_sent_has_time": [
        (RecipientFactory.create, {"state": Recipient.State.SENT}),
        (RecipientFactory.create, {"sent_at": NOW}),
    ],
    "mailings_recipient_sending_is_claimed": [
        (RecipientFactory.create, {"state": Recipient.State.SENDING})
    ],
    "mailings_recipient_unsent_has_reason": [
        (RecipientFactory.create, {"state": Recipient.State.SKIPPED}),
        (RecipientFactory.create, {"state": Recipient.State.FAILED}),
        (RecipientFactory.create, {"state": Recipient.State.UNKNOWN}),
        (
            RecipientFactory.create,
            {"state": Recipient.State.SENT, "sent_at": NOW, "reason_code": "left"},
        ),
    ],
    "contact_imports_contactimport_finished_at_its_end": [
        (ContactImportFactory.create, {"state": ContactImport.State.DONE}),
        (ContactImportFactory.create, {"state": ContactImport.State.UNDONE}),
        (ContactImportFactory.create, {"finished_at": NOW}),
    ],
    "contact_imports_contactimport_lease_while_running": [
        (ContactImportFactory.create, {"lease_until": NOW})
    ],
    "contact_imports_contactimport_failed_has_error": [
        (
            ContactImportFactory.create,
            {"state": ContactImport.State.FAILED, "finished_at": NOW},
        ),
        (
            ContactImportFactory.create,
            {"state": ContactImport.State.DONE, "finished_at": NOW, "error": "failed"},
        ),
    ],
    "platforms_connection_disconnected_has_time": [
        (ConnectionFactory.create, {"state": Connection.State.DISCONNECTED}),
        (ConnectionFactory.create, {"disconnected_at": NOW}),
    ],
    "platforms_connection_refused_needs_sign_in": [
        (ConnectionFactory.create, {"state": Connection.State.SIGN_IN_NEEDED}),
        (ConnectionFactory.create, {"refused_since": NOW}),
    ],
    "platforms_webhooksetup_on_has_time": [
        (WebhookSetupFactory.create, {"on_since": None}),
        (WebhookSetupFactory.create, {"state": WebhookSetup.State.OFF}),
    ],
    "platforms_webhooksetup_claim_has_lease": [
        (WebhookSetupFactory.create, {"claim": "c"}),
        (WebhookSetupFactory.create, {"lease_until": NOW}),
    ],
    "platforms_webhookevent_processed_has_no_body": [(_event, {"done_at": NOW})],
    "registration_forms_addressconfirmation_sent_has_no_email": [
        (_confirmation, {"sent_at": NOW}),
    ],
    "destinations_portal_joined_unless_disconnected": [
        (Portal.objects.create, {"current": None}),
        (Portal.objects.create, {"state": Portal.State.DISCONNECTED, "disconnected_at": NOW}),
    ],
    "destinations_portal_disconnected_has_time": [
        (Portal.objects.create, {"state": Portal.State.DISCONNECTED, "current": None}),
        (Portal.objects.create, {"disconnected_at": NOW}),
    ],
}


@pytest.mark.parametrize("name", HALVES)
def test_half_of_a_state_is_rejected(name: str) -> None:
    for make, values in HALVES[name]:
        row = make()
        rows = type(row)._default_manager.filter(pk=row.pk)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**values)
        row.delete()


def test_each_constraint_on_states_has_a_case() -> None:
    named = {
        constraint.name
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
        and constraint.name.startswith(f"{model._meta.db_table}_")
    }
    assert named == HALVES.keys()
