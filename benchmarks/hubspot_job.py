"""One webinar handed over as a worker does it, in a process whose memory is its own:
`python -m benchmarks.hubspot_job HANDOVER`."""

import json
import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
django.setup()

from destinations import tasks  # noqa: E402
from destinations.hubspot.handover import is_unconfirmed  # noqa: E402
from destinations.models import Participation, WebinarHandover  # noqa: E402


def main(handover_id: int) -> dict[str, float]:
    """Hand over until HubSpot was seen to have all; gives seconds, peak memory in MiB, and how
    many participations are left over."""
    portal = WebinarHandover.objects.get(pk=handover_id).portal
    began = time.perf_counter()
    tasks.hand_over_webinar(handover_id)
    sent = time.perf_counter()
    while Participation.objects.pending().exists():
        tasks.hand_over_webinar(handover_id)
        sent = time.perf_counter()
    while is_unconfirmed(portal):
        tasks.confirm_soon(portal.pk)
    return {
        "seconds": sent - began,
        "confirmed_after": time.perf_counter() - began,
        "peak_mib": peak_kib() / 1024,
        "left": Participation.objects.of(WebinarHandover(pk=handover_id))
        .exclude(state=Participation.State.CONFIRMED)
        .count(),
    }


def peak_kib() -> int:
    """Return the peak resident memory of this process alone: what `getrusage` tells is at least
    that of the process that started it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("This system does not tell a process's peak memory.")


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
