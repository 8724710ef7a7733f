"""Sync runs, dry runs, and reconciliations of the two lists."""

from sync.models.dry_run import DryRun
from sync.models.job import OnDemandJob
from sync.models.reconciliation import Reason, Reconciliation, ReconciliationDifference, Side
from sync.models.sync_run import SyncRun

__all__ = [
    "Reconciliation",
    "ReconciliationDifference",
    "DryRun",
    "Reason",
    "Side",
    "SyncRun",
    "OnDemandJob",
]
