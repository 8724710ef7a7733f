"""The figures of syncing one webinar, as a part of docs/benchmarks.md."""

from typing import Any

AIMS = {"second": 1.3, "first": 2.0}


def lines(results: list[dict[str, Any]], memory: list[dict[str, Any]]) -> list[str]:
    """Return the lines about first and second syncs, how they grow, and their memory."""
    return [
        "",
        "## Syncing one webinar",
        "",
        "- **Floor of a second sync**: the same calls, the answers thrown away.",
        "- **Floor of a first sync**: the same calls (pages, one for the details of each new "
        "contact, poll and survey answers; four at a time as the sync makes them), and the same "
        "rows written with the driver's fastest bulk insert in one transaction.",
        "- **Fewest calls**: what cannot be had without, by GoTo's contract: pages of 200, the "
        "questions of each session; at first the details of each new contact, and polls and "
        "survey of each attendee.",
        "",
        "| database | registrants | sync | seconds | floor | ratio | aim | calls | fewest | ratio "
        "| rows written | ms per 1,000 registrants |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(_row(item, name) for item in results for name in AIMS),
        "",
        "The rows that a second sync writes are those of its own run.",
        "",
        "### As far away as GoTo",
        "",
        f"The same second sync where each answer takes {results[0]['away']['latency_ms']} ms, as "
        "GoTo's do: what the sync itself does, it does while the next page is on its way.",
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
        "loopback. Against it stand the deciphering of 200 records a page and one query that "
        "compares them with what is here: some ten milliseconds a page, during which the next one "
        "is already asked for. With GoTo's own delay they are lost, as the second table shows, and "
        "its limit of 10 calls a second alone makes the same calls take longer still.",
        "",
        "**How it grows.** A second sync with its registrants, and no faster. A first sync does so "
        "too, but for what the simulator itself takes longer with 100,000 people: its floor grows "
        "as much. It writes each 50 new people in a transaction of their own, so that a killed "
        "process loses no more than their details.",
        "",
        "### Memory",
        "",
        "Peak resident memory of a process that does one first sync.",
        "",
        "| database | registrants | peak MiB |",
        "|---|---:|---:|",
        *(
            f"| {item['database']} | {item['registrants']:,} | {item['peak_mib']:.0f} |"
            for item in memory
        ),
        "",
        "Pages are worked off as they come, and of each registrant eight bytes are remembered to "
        "the end: with PostgreSQL memory is flat. What grows with SQLite is its cache of the "
        "database, which is in the process, up to its bound of 32 MB, and what it needs besides.",
    ]


def _details(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about details of known contacts, where they were measured."""
    measured = [item for item in results if item.get("details")]
    if not measured:
        return []
    return [
        "### What people submitted who are contacts already",
        "",
        "A call each, which no sync makes: a job has the calls that nobody else needs. Without "
        "GoTo's limit, which allows 10 a second.",
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
