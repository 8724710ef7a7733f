"""The figures of the outbox's cost, as a part of docs/benchmarks.md."""

from typing import Any

AIMS = {"no_reader": 1.02, "one_reader": 1.10}
_WAYS = {"no_reader": "none", "one_reader": "one"}


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about a first sync with and without the outbox; a result a database."""
    return [
        "",
        "## Cost of the outbox",
        "",
        f"A first sync of {results[0]['registrants']:,} registrants that writes events for "
        "readers, compared with the same code without the outbox, measured alternately in one "
        "run; the minimum of several measurements counts.",
        "",
        "| database | readers | without s | with s | ratio | CPU without s | CPU with s | "
        "CPU ratio | aim | events stored |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {readers} | {item['without']['seconds']:.2f} | "
            f"{item[way]['seconds']:.2f} | {item['ratios'][way]['seconds']:.3f} | "
            f"{item['without']['cpu']:.2f} | {item[way]['cpu']:.2f} | "
            f"{item['ratios'][way]['cpu']:.3f} | {AIMS[way]:.2f} | "
            f"{item['events'] if way == 'one_reader' else 0:,} |"
            for item in results
            for way, readers in _WAYS.items()
        ),
        "",
        "Two syncs differ by more than the outbox costs. The outbox alone, without a reader:",
        "",
        "| database | calls of the outbox | queries | CPU ms | share of the sync's CPU |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {spent['calls']:,.0f} | {spent['queries']:.0f} | "
            f"{spent['cpu'] * 1000:.1f} | {spent['share']:.4f} |"
            for item in results
            for spent in [item["nobody_reads"]]
        ),
    ]
