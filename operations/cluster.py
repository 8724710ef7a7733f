"""The job queue's sentinel, which looks after the workers of one `manage.py qcluster`."""

import logging
from multiprocessing.process import BaseProcess

from django_q import cluster

logger = logging.getLogger(__name__)


class _Ended(Exception):
    """A process of the cluster was killed."""


class Sentinel(cluster.Sentinel):
    """Starts all processes of the cluster anew when one was killed, with new queues between them.

    django-q2 would put another in its place. But whoever waits at a queue holds the lock of its
    reading end, and a process that is killed (out of memory, say) never gives it back: all others
    would wait for ever, with tasks piling up and no error anywhere. What the others were doing is
    due again as after any kill.
    """

    def __init__(self, *args: object) -> None:
        # Where the original makes its queues, starts the processes and looks after them.
        while True:
            try:
                super().__init__(*args)
                return
            except _Ended:
                logger.critical("A worker was killed: all of this cluster are started anew")
                for process in (*self.pool, self.monitor, self.pusher):
                    process.kill()
                    process.join()

    def reincarnate(self, process: BaseProcess) -> None:
        """Put another in the place of a worker that ended after its share of tasks, or in time;
        raise _Ended for one that a signal ended."""
        if process.exitcode is not None and process.exitcode < 0:
            raise _Ended
        super().reincarnate(process)
