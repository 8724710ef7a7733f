"""The figures of syncing one webinar, as a part of docs/benchmarks.md."""

from typing import Any

AIMS = {"second": 1.3, "first": 2.0}


def lines(results: list[dict[str, Any]], memory: list[dict[str, Any]]) -> list[str]:
    """Return the lines about first and second syncs, how they grow, and their memory."""
    return [
        "",
        "## Syncing one webinar",
        "",
        "- **Floor of a second sync**: the same calls, with the answers discarded.",
        "- **Floor of a first sync**: the same calls (pages, details of each new contact, poll "
        "and survey answers; four at a time, as in the sync), and the same rows written with the "
        "driver's fastest bulk insert in one transaction.",
        "- **Fewest calls**: the minimum that GoTo's contract allows: pages of 200, the "
        "questions of each session; in a first sync the details of each new contact, and polls "
        "and survey of each attendee.",
        "",
        "| database | registrants | sync | seconds | floor | ratio | aim | calls | fewest | ratio "
        "| rows written | ms per 1,000 registrants |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(_row(item, name) for item in results for name in AIMS),
        "",
        "The rows that a second sync writes are those of its own run.",
        "",
        "### With GoTo's response time",
        "",
        f"The same second sync with a response time of {results[0]['away']['latency_ms']} ms, as "
        "GoTo has: the sync processes a page while the next one is loading.",
        "",
        "| database | registrants | seconds | floor | ratio | aim |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {item['registrants']:,} | {item['away']['seconds']:.2f} | "
            f"{item['away']['floor_fetch']:.2f} | {item['away']['ratio']:.2f} | {AIMS['second']} |"
            for item in results
            if item["away"]
        ),
        "",
        *_details(results),
        "**Where an aim is missed, and why.** The simulator on the same machine answers a page "
        "from memory in a millisecond, so the floor of a second sync is little more than the "
        "loopback. The sync also decodes 200 records a page and compares them with the database "
        "in one query: some ten milliseconds a page, during which the next page is already "
        "requested. With GoTo's response time this cost disappears, as the second table shows, "
        "and its limit of 10 calls a second makes the same calls take even longer.",
        "",
        "**How it grows.** The time of a second sync is proportional to the number of "
        "registrants. That of a first sync is too, except that the simulator is slower with "
        "100,000 people, which the floor includes. Every 50 new people are written in one "
        "transaction, so that a killed process loses only their details.",
        "",
        "### Memory",
        "",
        "Peak resident memory of a process that runs one first sync.",
        "",
        "| database | registrants | peak MiB |",
        "|---|---:|---:|",
        *(
            f"| {item['database']} | {item['registrants']:,} | {item['peak_mib']:.0f} |"
            for item in memory
        ),
        "",
        "Pages are processed as they arrive, and only eight bytes of each registrant are stored "
        "until the end: with PostgreSQL memory is constant. With SQLite its cache of the "
        "database grows, up to the limit of 32 MB, with some overhead, because it is in the same "
        "process.",
    ]


def _details(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about details of known contacts, if they were measured."""
    measured = [item for item in results if item.get("details")]
    if not measured:
        return []
    return [
        "### Details of existing contacts",
        "",
        "One call for each person, made by a separate job at the lowest priority and not by the "
        "sync. Without GoTo's limit, which allows 10 a second.",
        "",
        "| database | registrants | details read | calls | seconds |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {item['registrants']:,} | {item['details']['people']:,} | "
            f"{item['details']['calls']:,} | {item['details']['seconds']:.2f} |"
            for item in measured
        ),
        "",
    ]


def _row(item: dict[str, Any], name: str) -> str:
    figures = item[name]
    floor = figures["floor_fetch"] + figures.get("floor_insert", 0)
    return (
        f"| {item['database']} | {item['registrants']:,} | {name} | {figures['seconds']:.2f} | "
        f"{floor:.2f} | {figures['ratio']:.2f} | {AIMS[name]} | {figures['calls']:,} | "
        f"{figures['fewest']:,} | {figures['calls'] / figures['fewest']:.2f} | "
        f"{figures['rows']:,} | {1e6 * figures['seconds'] / item['registrants']:.0f} |"
    )
