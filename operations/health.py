"""Endpoints for load balancers and monitoring: alive, ready, freshness, and metrics.

They respond before other middleware: probes use the machine's IP address, not its name, and no
https. They show states and times, nothing about people.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from operations import metrics
from operations.freshness import delays

Answer = Callable[[HttpRequest], HttpResponse]
# Once the tables were up to date for this code, they stay so.
_up_to_date = False


def middleware(get_response: Answer) -> Answer:
    """Respond to probes; pass other requests on."""

    def answered(request: HttpRequest) -> HttpResponse:
        probe = _PROBES.get(request.path_info)
        if probe is None:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = probe(request)
        response["Cache-Control"] = "no-store"
        return response

    return answered


def live(_request: HttpRequest) -> HttpResponse:
    """Respond 200 while the process responds at all."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> HttpResponse:
    """Respond 200 if the database responds and its tables match this code; else 503 with the
    reason."""
    try:
        why = "" if _tables_fit() else "migrations are missing: run manage.py migrate"
    except DatabaseError:
        why = "the database does not answer"
    if why:
        return JsonResponse({"status": "not ready", "why": why}, status=503)
    return JsonResponse({"status": "ok"})


def sync(_request: HttpRequest) -> HttpResponse:
    """Respond 200 while webinars and registrations are on time, 503 if they are late; ages are in
    seconds."""
    try:
        found = delays(timezone.now())
    except DatabaseError:
        why = "the database does not answer"
        return JsonResponse({"status": "not ready", "why": why}, status=503)
    late = [
        name
        for name, is_late in (
            ("sync", found.sync_is_late),
            ("pushes", found.push_is_late),
            ("jobs", found.job_is_late),
        )
        if is_late
    ]
    body: dict[str, Any] = {
        "status": "late" if late else "ok",
        "late": late,
        "webinars": found.webinars,
        "not_yet_synced": found.never,
    }
    for name in ("sync", "push", "event", "job"):
        wait = getattr(found, name)
        body[f"{name}_seconds"] = None if wait is None else round(wait.total_seconds())
    return JsonResponse(body, status=503 if late else 200)


def metrics_page(request: HttpRequest) -> HttpResponse:
    """Return metrics in Prometheus' format to clients with METRICS_TOKEN; 404 if none is set."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    if not constant_time_compare(token, settings.METRICS_TOKEN):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


def _tables_fit() -> bool:
    global _up_to_date
    if _up_to_date:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    executor = MigrationExecutor(connection)
    _up_to_date = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _up_to_date


_PROBES: dict[str, Answer] = {
    "/health/live": live,
    "/health/ready": ready,
    "/health/sync": sync,
    "/metrics": metrics_page,
}
