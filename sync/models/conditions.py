"""Conditions on sync runs and jobs, each written once (see `core.conditions.through`)."""

from django.db.models import Q

IS_RUNNING = Q(state="running")
IS_DONE = Q(state="done")
# A worker has not claimed the job yet.
IS_WAITING = Q(state="waiting")

HAS_STARTED = Q(started_at__isnull=False)
HAS_FINISHED = Q(finished_at__isnull=False)
HAS_LEASE = Q(lease_until__isnull=False)
