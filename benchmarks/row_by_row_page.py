"""The comparison with row-by-row syncing, as a part of docs/benchmarks.md."""

from typing import Any


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about row-by-row syncing; a result for each database."""
    rows = [
        "",
        "## Compared with row-by-row syncing",
        "",
        "The same registrants synced as most integrations do it: a call for the details of each "
        "person in every sync, and a query and a save for each row. With GoTo's limit of 10 "
        "calls a second, the number of calls decides.",
        "",
        "| database | registrants | sync | row by row s | WebinarSync s | speed-up | calls row "
        "by row | calls WebinarSync | at 10 calls a second |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for item in results:
        for again in ("first", "second"):
            plain, ours = item[f"plain_{again}"], item[f"ours_{again}"]
            rows.append(
                f"| {item['database']} | {item['registrants']:,} | {again} | "
                f"{plain['seconds']:.2f} | {ours['seconds']:.2f} | "
                f"{plain['seconds'] / ours['seconds']:.1f} | {plain['calls']:,} | "
                f"{ours['calls']:,} | {plain['calls'] / 10:,.0f} s compared with "
                f"{ours['calls'] / 10:,.0f} s |"
            )
    return rows
