"""manage.py qcluster: django-q2's own, looked after by a sentinel that survives killed workers."""

from typing import Any

from django_q import cluster
from django_q.management.commands import qcluster

from core.public_key import OwnKeyCommand
from operations.cluster import Sentinel


class Command(OwnKeyCommand, qcluster.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        # The cluster takes its sentinel from its module; there is no setting for it.
        cluster.Sentinel = Sentinel
        super().handle(*args, **options)
