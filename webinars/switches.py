"""Turn sync and registration form of webinars on and off, for one or many."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.audit import log_field_changes
from webinars.models import Webinar
from webinars.panels import webinar_panels

# The switches with their messages for the audit log, which are translated when shown.
_LABELS = {"sync_enabled": "Sync", "form_enabled": "Registration form"}
FIELDS = tuple(_LABELS)


def set_switch(request: HttpRequest, webinar_id: int, name: str, on: bool) -> Webinar:
    """Turn the switch `name` of a webinar on or off, with everything that follows.

    Turning it on again changes nothing. Raises Webinar.DoesNotExist if the webinar is gone, and
    ValidationError if it belongs to another organizer.
    """
    with transaction.atomic():
        webinar = Webinar.objects.select_for_update(no_key=True).get(pk=webinar_id)
        if getattr(webinar, name) == on:
            return webinar
        setattr(webinar, name, on)
        webinar.clean()
        webinar.save(update_fields=[name])
        log_field_changes(request.user.pk, [(webinar, [_LABELS[name]])])
        for hook in webinar_panels.save_hooks:
            hook.run(request, webinar, [name])
    return webinar


def set_switches(
    request: HttpRequest, webinars: Iterable[Webinar], name: str, on: bool
) -> tuple[int, list[str]]:
    """Turn the switch `name` of many webinars on or off; return how many changed, and why others
    did not."""
    changed, refused = 0, []
    for webinar in webinars:
        if getattr(webinar, name) == on:
            continue
        try:
            set_switch(request, webinar.pk, name, on)
        except ValidationError as error:
            refused.append(f"{webinar}: {' '.join(error.messages)}")
        else:
            changed += 1
    return changed, refused


def confirmation(webinar: Webinar, name: str, on: bool) -> str:
    """Return the message that confirms that the switch `name` of `webinar` is `on`, or off."""
    messages = {
        ("sync_enabled", True): _("Sync is on for “%(webinar)s”. Its first sync has started."),
        ("sync_enabled", False): _("Sync is off for “%(webinar)s”."),
        ("form_enabled", True): _("The registration form of “%(webinar)s” is open."),
        ("form_enabled", False): _("The registration form of “%(webinar)s” is closed."),
    }
    return messages[name, on] % {"webinar": webinar.subject}
