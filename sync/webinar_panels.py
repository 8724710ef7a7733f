"""The sync sections and actions on the pages of webinars."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from core.flash import flash_not_begun
from core.panels import Action, Column, Link, SaveHook, Section
from core.queue import when_committed
from sync import status
from sync.models import SyncRun
from sync.queue import queue_form, queue_sync
from webinars.audiences import Audience
from webinars.models import Webinar
from webinars.panels import Tab, header, tabs, webinar_panels


def _add_health(webinars: Sequence[Any]) -> None:
    """Read the sync status of all of `webinars` at once."""
    runs, cut_off = status.latest_runs(webinars), status.cut_off()
    for webinar in webinars:
        webinar.health = status.health(webinar, runs.get(webinar.pk), cut_off=cut_off)


def _health(webinar: Any) -> SafeString:
    return format_html(
        '<span class="ws-health ws-health-{}" data-webinar="{}" data-running="{}" data-short '
        'title="{}">{}</span>',
        webinar.health.tone,
        webinar.pk,
        "yes" if webinar.health.running else "no",
        webinar.health.text,
        webinar.health.short,
    )


def _last_run(webinar: Webinar) -> SyncRun | None:
    """Return the last run of `webinar`, cached for the parts of one page."""
    known = vars(webinar)
    if "last_run" not in known:
        known["last_run"] = webinar.sync_runs.first()
    run: SyncRun | None = known["last_run"]
    return run


def _about_sync(_request: HttpRequest, webinar: Webinar) -> dict[str, Any]:
    run = _last_run(webinar)
    return {"last_run": run, "health": status.health(webinar, run, cut_off=status.cut_off())}


def _last_sync(_request: HttpRequest, webinar: Webinar) -> dict[str, Any]:
    run = _last_run(webinar)
    return {
        "last_run": run,
        "changed": status.changed(run),
        "how_often": status.how_often(webinar),
    }


def _on_the_way(_request: HttpRequest, webinar: Any) -> dict[str, Any]:
    return {"on_the_way": status.on_the_way(webinar.counts[Audience.PENDING])}


def _sync_now(model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    chosen = list(queryset.filter(sync_enabled=True))
    count = queue_sync(chosen, user_id=request.user.pk)
    off = queryset.filter(sync_enabled=False).count()
    if count:
        message = ngettext(
            "Sync of %(count)d webinar started.",
            "Sync of %(count)d webinars started.",
            count,
        )
        model_admin.message_user(request, message % {"count": count}, messages.SUCCESS)
    if count < len(chosen):
        flash_not_begun(request)
    if off:
        message = ngettext(
            "%(count)d webinar was left out because its sync is off.",
            "%(count)d webinars were left out because their sync is off.",
            off,
        )
        model_admin.message_user(request, message % {"count": off}, messages.WARNING)


def _saved(request: HttpRequest, webinar: Webinar, changed: Sequence[str]) -> None:
    if webinar.sync_enabled and "sync_enabled" in changed:
        # Rule 1, for the switch in the list as on the page.
        when_committed(partial(queue_sync, [webinar], user_id=request.user.pk))
    if webinar.form_enabled and webinar.form_fields is None:
        # The form needs the platform's fields before the first visitor.
        queue_form(webinar)


def _has_seats(webinar: Any) -> bool:
    """Return whether the webinar has, or may get, a waiting list."""
    waits = bool(webinar.counts[Audience.OVERFLOW])
    return waits or (webinar.is_to_come and webinar.registration_limit is not None)


_SEE_PEOPLE = ("webinars.view_registration",)
tabs.register(
    Tab(
        _("Waiting list"), "sync:waiting", _SEE_PEOPLE, 20, name="waiting", applies=_has_seats,
    )
)  # fmt: skip
tabs.register(
    Tab(
        _("Compare with GoToWebinar"), "sync:reconciliation", _SEE_PEOPLE, 50, name="reconciliation"
    )
)
tabs.register(Tab(_("Sync"), "sync:syncs", ("webinars.view_webinar",), 70, name="syncs"))
webinar_panels.columns.register(
    Column("sync_health", _("Status"), _health, order=10, prepare=_add_health)
)
webinar_panels.actions.register(
    Action("sync_now", _("Sync now"), "webinars.change_webinar", _sync_now)
)
header.register(Section("sync/header.html", _about_sync))
webinar_panels.sections.register(Section("sync/webinar_sync.html", _last_sync, order=30))
webinar_panels.sections.register(Section("sync/on_the_way.html", _on_the_way, order=-5))
webinar_panels.list_links.register(
    Link(
        _("Refresh from GoToWebinar"), "sync:refresh_list",
        ("webinars.change_webinar",), posts=True,
    )
)  # fmt: skip
webinar_panels.save_hooks.register(SaveHook(_saved))
