"""Peak memory of a first sync, as the operating system reports it for a separate process."""

import os
import subprocess
import sys
from typing import Any

from simulators.gotowebinar.process import SimulatorProcess


def peak(registrants: int, url: str) -> dict[str, Any]:
    """Return the peak resident memory, in MiB, of the first sync of this many registrants into the
    empty database at `url`."""
    with SimulatorProcess(registrants=registrants) as simulator:
        ready = simulator.ready
        env = os.environ | {
            "DATABASE_URL": url,
            "GOTO_API_URL": ready["api_url"],
            "GOTO_AUTH_URL": ready["auth_url"],
            "GOTO_CLIENT_ID": ready["client_id"],
            "GOTO_CLIENT_SECRET": ready["client_secret"],
            "GOTO_CALLS_PER_SECOND": "0",
        }
        key = next(w["webinarKey"] for w in simulator.webinars() if w["label"] == "big")
        manage(env, "migrate", "-v0")
        manage(env, "connect_goto", "--refresh-token", ready["refresh_token"])
        command = ["sync_webinars", "--webinar", key, "--activate", "--json"]
        return {
            "database": url.partition(":")[0],
            "registrants": registrants,
            "peak_mib": manage(env, *command) / 1024,
        }


def manage(env: dict[str, str], *words: str) -> int:
    """Run a management command; return its peak memory in KiB."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *words], env=env, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{words[0]} failed")
    return usage.ru_maxrss
