"""The pages' figures as a part of docs/benchmarks.md."""

from typing import Any


def lines(results: dict[str, Any]) -> list[str]:
    """Return the lines about each page and its own queries."""
    return [
        "",
        "## Pages against their own queries",
        "",
        f"PostgreSQL with {results['contacts']:,} contacts and {results['registrations']:,} "
        "registrations. The median time of a whole page, from the request to its HTML, and that of "
        "the same statements with the same parameters, executed one after the other by hand: "
        f"{results['tries']} times each, in turns. The rest is what the page itself costs: "
        "permissions, the menu, filters and HTML.",
        "",
        "| page | ms | queries | the queries alone, ms | ratio | the page itself, ms |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {item['page']} | {item['ms']:.0f} | {item['queries']} | {item['queries_ms']:.1f} "
            f"| {item['ratio']:.1f} | {item['ms'] - item['queries_ms']:.0f} |"
            for item in results["pages"]
        ),
    ]
