"""The lists' figures as a part of docs/benchmarks.md."""

from typing import Any

AIM_MS, AIM_RATIO = 200, 2.0


def lines(results: dict[str, Any]) -> list[str]:
    """Return the lines about lists in a very large installation."""
    return [
        "",
        "## Lists in a very large installation",
        "",
        f"PostgreSQL with {results['contacts']:,} contacts and {results['registrations']:,} "
        f"registrations for {results['webinars']} webinars. The whole page is measured, from the "
        "request to its HTML; the floor is hand-written SQL for the same rows and counts, without "
        f"any page. The aims are {AIM_MS} ms, and {AIM_RATIO:.0f} times the floor.",
        "",
        "| page | ms | floor ms | ratio |",
        "|---|---:|---:|---:|",
        *(
            f"| {item['page']} | {item['ms']:.0f} | {item['floor_ms']:.0f} | {item['ratio']:.1f} |"
            for item in results["pages"]
        ),
        "",
        "Where the floor is a few milliseconds, the ratio tells what the page itself costs: its "
        "menus, its filters and its HTML.",
    ]
