"""The benchmarks' page about row by row, for people."""

from typing import Any


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the page's part about this, for people."""
    rows = [
        "",
        "## Against row by row",
        "",
        "The same registrants synced the way most integrations do it: a call for the "
        "details of each, each time, and a query and a save for each row. Against GoTo's 10 calls "
        "a second, it is the calls that count.",
        "",
        "| database | registrants | sync | row by row s | ours s | times faster | calls row by row "
        "| calls ours | at 10 calls a second |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for item in results:
        for again in ("first", "second"):
            plain, ours = item[f"plain_{again}"], item[f"ours_{again}"]
            rows.append(
                f"| {item['database']} | {item['registrants']:,} | {again} | "
                f"{plain['seconds']:.2f} | {ours['seconds']:.2f} | "
                f"{plain['seconds'] / ours['seconds']:.1f} | {plain['calls']:,} | "
                f"{ours['calls']:,} | {plain['calls'] / 10:,.0f} s against "
                f"{ours['calls'] / 10:,.0f} s |"
            )
    return rows
