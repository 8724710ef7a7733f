"""Sync runs, dry runs, and reconciliations of the two lists."""

from sync.models.dry_run import DryRun
from sync.models.job import Wish
from sync.models.reconciliation import Comparison, ComparisonDifference, Reason, Side
from sync.models.sync_run import SyncRun

__all__ = ["Comparison", "ComparisonDifference", "DryRun", "Reason", "Side", "SyncRun", "Wish"]
