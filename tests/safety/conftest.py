"""One of each thing, so that every address leads somewhere."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from mailings import choosing
from mailings.models import MailTemplate
from mailings.suppressing import token_for
from tests.factories import (
    ConsentTextFactory,
    ContactImportFactory,
    MergeFactory,
    SegmentFactory,
    SubmissionFactory,
    SuppressionFactory,
    UserFactory,
    WebhookSetupFactory,
)
from tests.pages.conftest import World, marketer, signed_in, world
from webinarsync import roles, schedules

__all__ = ["marketer", "signed_in", "world"]


@pytest.fixture
def examples(world: World) -> Mapping[str, object]:
    """A value for the argument of each address."""
    schedules.install()
    first, second = world.registrations[:2]
    mailing = choosing.for_contacts([first.contact_id], user_id=None, language="en")
    recipient = mailing.recipients.first()
    assert recipient is not None
    submission = SubmissionFactory.create(registration=first)
    user = UserFactory.create(username="example")
    now = timezone.now()
    tasks = [
        Task.objects.create(
            id=f"{ok}", name=f"{ok}", func="x", started=now, stopped=now, success=ok
        )
        for ok in (True, False)
    ]
    setup = WebhookSetupFactory.create(connection=world.webinar.connection)
    rows = {
        "auth_group": Group.objects.get(name=roles.MARKETERS).pk,
        "auth_user": user.pk,
        "contacts_contact": first.contact_id,
        "django_q_failure": tasks[1].pk,
        "django_q_ormq": OrmQ.objects.create(key="x", payload="x", lock=now).pk,
        "django_q_schedule": Schedule.objects.order_by("pk")[0].pk,
        "django_q_success": tasks[0].pk,
        "mailings_mailing": mailing.pk,
        "mailings_mailtemplate": MailTemplate.objects.order_by("pk")[0].pk,
        "mailings_suppression": SuppressionFactory.create().pk,
        "webinars_connection": world.webinar.connection_id,
        "webinars_consenttext": ConsentTextFactory.create().pk,
        "webinars_registration": first.pk,
        "webinars_submission": submission.pk,
        "webinars_syncrun": world.webinar.sync_runs.get().pk,
        "webinars_webinar": world.webinar.pk,
        "admin_logentry": 1,
    }
    found: dict[str, object] = {
        f"admin:{model}_{page} object_id": pk
        for model, pk in rows.items()
        for page in ("change", "delete", "history")
    }
    return found | {
        "app_label": "webinars",
        "id": user.pk,
        "webinar_id": world.webinar.pk,
        "connection_id": world.webinar.connection_id,
        "registration_id": second.pk,
        "contact_id": second.contact_id,
        "mailing_id": mailing.pk,
        "import_id": ContactImportFactory.create().pk,
        "segment_id": SegmentFactory.create(query="").pk,
        "kept_id": first.contact_id,
        "gone_id": second.contact_id,
        "merge_id": MergeFactory.create(kept=first.contact, before={}).pk,
        "name": "registered",
        "webinars:bridge_people name": "both",
        "wish": "renew",
        "slug": world.webinar.slug,
        "secret": submission.secret,
        "path": setup.path,
        "token": token_for(recipient),
    }
