"""Switch a HubSpot form on and off as the registration form of a webinar."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from destinations.hubspot.form_mapping import Target, unmapped
from destinations.hubspot.forms_client import HubSpotForm
from destinations.models import Portal
from destinations.models.form_source import FormSource
from platforms.models.error import NO_ERROR
from sync.queue import queue_polling
from webinars.models import Webinar


class FieldsNeeded(Exception):
    """A required field of the webinar is not mapped."""

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self.targets = targets


def save_mapping(
    portal: Portal,
    webinar: Webinar,
    form: HubSpotForm,
    mapping: Mapping[str, str],
    consent_field: str = "",
) -> FormSource:
    """Save the mapping of `form` to the webinar's fields. Skipped submissions are retried."""
    values = {
        "form_name": form.name[:255],
        "mapping": dict(mapping),
        "consent_field": consent_field[:255],
    }
    source, _made = FormSource.objects.update_or_create(
        portal=portal, webinar=webinar, form_id=form.id, defaults=values
    )
    try_again(source)
    return source


def switch_on(source: FormSource, user_id: int | None = None) -> None:
    """Register people from the form from now on. Raises FieldsNeeded."""
    if needed := unmapped(source.webinar, source.mapping):
        raise FieldsNeeded(needed)
    if source.enabled:
        return
    now = timezone.now()
    source.enabled, source.enabled_at, source.enabled_by_id = True, now, user_id
    source.next_poll_at, source.read_until = now, None
    for name, value in NO_ERROR.items():
        setattr(source, name, value)
    source.save()
    queue_polling()


def switch_off(source: FormSource) -> None:
    """Stop registering people from the form; registrations stay."""
    FormSource.objects.filter(pk=source.pk).update(enabled=False)
    source.enabled = False


def try_again(source: FormSource) -> int:
    """Retry skipped submissions at the next reading; return how many."""
    now = timezone.now()
    count = source.submissions.skipped().update(next_try_at=now)
    if count:
        FormSource.objects.filter(pk=source.pk, enabled=True).update(next_poll_at=now)
    return count
