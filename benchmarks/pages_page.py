"""The pages' figures as a part of docs/benchmarks.md."""

from typing import Any


def lines(results: dict[str, Any]) -> list[str]:
    """Return the lines about each page and its own queries."""
    return [
        "",
        "## Pages compared with their own queries",
        "",
        f"PostgreSQL with {results['contacts']:,} contacts and {results['registrations']:,} "
        "registrations. The median time of a whole page, from the request to its HTML, and of "
        "the same statements with the same parameters, executed one after the other: "
        f"{results['tries']} times each, alternately. The difference is the cost of the page "
        "itself: permissions, the menu, filters and HTML.",
        "",
        "| page | ms | queries | queries only, ms | ratio | page itself, ms |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {item['page']} | {item['ms']:.0f} | {item['queries']} | {item['queries_ms']:.1f} "
            f"| {item['ratio']:.1f} | {item['ms'] - item['queries_ms']:.0f} |"
            for item in results["pages"]
        ),
    ]
