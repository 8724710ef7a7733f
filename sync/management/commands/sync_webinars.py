"""manage.py sync_webinars: refresh the list of webinars and sync in the foreground."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone, translation

from core.public_key import OwnKeyCommand
from platforms.client_factory import client_for
from platforms.error_messages import explain
from platforms.errors import PlatformError
from platforms.models import Connection
from sync import lease, runs
from sync.dry_run import count_changes
from sync.models import SyncRun
from sync.pull.webinar_sync import OnProgress
from webinars.models import Webinar

# How long to wait for another run of the same webinar: a killed one's lease has expired by then.
_WAIT_SECONDS = 3 * lease.LEASE.total_seconds()

Result = dict[str, Any]


class Command(OwnKeyCommand):
    help = (
        "Refresh the list of webinars, then sync those whose sync is switched on. With "
        "--webinar only those named; exit status 1 if any failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--webinar", action="append", default=[], metavar="KEY", help="a webinar; repeatable"
        )
        which.add_argument("--all", action="store_true", help="every webinar on GoToWebinar")
        parser.add_argument(
            "--activate", action="store_true", help="switch sync on for the webinars named"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would be done")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, json: bool, **options: Any) -> None:
        self._json = json
        if not Connection.objects.exists():
            raise CommandError("GoToWebinar is not connected yet. Run `manage.py connect_goto`.")
        results = self._refresh_lists()
        webinars = self._chosen(**options)
        for webinar in webinars:
            result = self._preview(webinar) if options["dry_run"] else self._sync(webinar)
            results.append(result)
            self._print_result(result)
        self._finish(results)

    def _refresh_lists(self) -> list[Result]:
        """Read each connection's list; only a failure is reported as a run of its own."""
        failures = []
        for connection in Connection.objects.all():
            run = self._claimed(
                partial(runs.sync_list, connection, trigger=SyncRun.Trigger.COMMAND)
            )
            if isinstance(run, str) or run.state != SyncRun.State.DONE:
                failures.append(_result(None, run))
                self._print_result(failures[-1])
        return failures

    def _chosen(self, *, webinar: list[str], activate: bool, **options: Any) -> list[Webinar]:
        listed = Webinar.objects.select_related("connection").order_by("starts_at", "pk")
        if webinar:
            chosen = listed.filter(key__in=webinar)
            unknown = sorted(set(webinar) - set(chosen.values_list("key", flat=True)))
            if unknown:
                raise CommandError(
                    f"GoToWebinar lists no webinar with the key {', '.join(unknown)}. "
                    "Run `manage.py sync_webinars` without --webinar to see those it lists."
                )
        else:
            chosen = listed.scheduled()
        self._refuse_foreign(chosen.filter(state=Webinar.State.FOREIGN))
        if activate and (webinar or options["all"]):
            if not options["dry_run"]:
                Webinar.objects.filter(pk__in=chosen.values("pk")).update(sync_enabled=True)
            return list(chosen)
        if webinar:
            self._refuse_switched_off(chosen.filter(sync_enabled=False))
        return list(chosen.filter(sync_enabled=True))

    def _refuse_foreign(self, webinars: Any) -> None:
        keys = ", ".join(webinars.values_list("key", flat=True))
        if keys:
            raise CommandError(
                f"{keys} belongs to another organizer, whose account is the only one that may read "
                "it. Connect that account with `manage.py connect_goto`."
            )

    def _refuse_switched_off(self, webinars: Any) -> None:
        keys = ", ".join(webinars.values_list("key", flat=True))
        if keys:
            raise CommandError(
                f"Sync is switched off for {keys}. Add --activate to switch it on, or use the "
                "switch on the webinar's page."
            )

    def _sync(self, webinar: Webinar) -> Result:
        bar = self._bar(webinar)
        run = self._claimed(
            lambda: runs.sync_webinar(webinar, trigger=SyncRun.Trigger.COMMAND, on_progress=bar)
        )
        return _result(webinar, run)

    def _claimed(self, start: Callable[[], SyncRun]) -> SyncRun | str:
        """Start a run, waiting for one in progress; return a sentence if that takes too long."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                return start()
            except lease.Busy:
                if time.monotonic() > deadline:
                    return "Another sync of it has been running for minutes. Try again later."
                time.sleep(1)

    def _preview(self, webinar: Webinar) -> Result:
        started = timezone.now()
        calls = runs.CallCount()
        result: Result = {"webinar": webinar.key, "state": "planned", "calls": 0, "seconds": 0.0}
        try:
            plan = count_changes(webinar, client_for(webinar.connection, on_call=calls))
        except PlatformError as error:
            with translation.override("en"):
                result |= {"state": "failed", "created": {}, "error": str(explain(error))}
        else:
            result |= {"created": plan.as_dict(), "error": None}
        seconds = (timezone.now() - started).total_seconds()
        return result | {"calls": calls.made, "seconds": round(seconds, 3)}

    # -- output --------------------------------------------------------------------------------

    def _bar(self, webinar: Webinar) -> OnProgress:
        if self._json or not sys.stderr.isatty():
            return lambda step, done, total: None

        def show(step: str, done: int, total: int) -> None:
            of = f" of {total}" if total else ""
            sys.stderr.write(f"\r\x1b[K{webinar.subject[:50]}: {step} {done}{of}")
            sys.stderr.flush()

        return show

    def _print_result(self, result: Result) -> None:
        if self._json:
            return
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        created = ", ".join(f"{count} {name}" for name, count in result["created"].items())
        line = f"{result['webinar'] or 'list of webinars'}: {result['state']}"
        line += f", {result['calls']} calls, {result['seconds']} s, {created or 'nothing read'}"
        skipped = result.get("skipped") or {}
        if skipped:
            line += ", could not be read: " + ", ".join(
                f"{n} {kind}" for kind, n in skipped.items()
            )
        self.stdout.write(line + (f". {result['error']}" if result["error"] else ""))

    def _finish(self, results: list[Result]) -> None:
        if self._json:
            self.stdout.write(json.dumps({"runs": results}, ensure_ascii=False))
        elif not results:
            self.stdout.write(
                "No webinar is switched on. Name some with --webinar KEY --activate, or take all "
                "with --all --activate."
            )
        if any(result["state"] not in ("done", "planned") for result in results):
            sys.exit(1)


def _result(webinar: Webinar | None, run: SyncRun | str) -> Result:
    """Return a run in the JSON format of this command."""
    key = webinar.key if webinar else None
    if isinstance(run, str):
        return {
            "webinar": key,
            "state": "busy",
            "calls": 0,
            "seconds": 0.0,
            "created": {},
            "skipped": {},
            "error": run,
        }
    error = run.error_in_english()
    if run.platform_message:
        error = f"{error} ({run.platform_message})"
    return {
        "webinar": key,
        "state": run.state,
        "calls": run.calls,
        "seconds": round(run.duration.total_seconds(), 3) if run.duration else 0.0,
        "created": {
            "contacts": run.new_contacts,
            "registrations": run.new_registrations,
            "attendances": run.new_attendances,
            "activities": run.new_activities,
        },
        "skipped": run.skipped,
        "error": error or None,
    }
