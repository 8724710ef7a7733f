"""The lists' figures as a part of docs/benchmarks.md."""

from typing import Any

AIM_MS, AIM_RATIO = 200, 2.0


def lines(results: dict[str, Any]) -> list[str]:
    """Return the lines about lists in a very large installation."""
    export = results["export"]
    return [
        "",
        "## Lists in a very large installation",
        "",
        f"PostgreSQL with {results['contacts']:,} contacts and {results['registrations']:,} "
        f"registrations for {results['webinars']} webinars. The whole page is measured, from the "
        "request to its HTML; the floor is hand-written SQL for the same rows and counts, "
        f"without a page. The aims are {AIM_MS} ms, and {AIM_RATIO:.0f} times the floor.",
        "",
        "| page | ms | database ms | queries | floor ms | ratio | database / floor |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {item['page']} | {item['ms']:.0f} | {item['database_ms']:.0f} | {item['queries']} "
            f"| {item['floor_ms']:.1f} | {item['ratio']:.1f} | "
            f"{item['database_ms'] / item['floor_ms']:.1f} |"
            for item in results["pages"]
        ),
        "",
        "Where the floor is a few milliseconds, the ratio mostly shows the cost of the page "
        "itself: its menus, filters and HTML, and the queries for the user and their "
        "permissions. The last column compares only the time in the database.",
        "",
        "Pages above 200 ms read every contact or registration, as the hand-written SQL does: "
        "how often and for how long each attended, which webinars they missed (twice: for the "
        "count, and for the rows shown), a country among a webinar's people, and the counts of "
        "50 webinars. A counter on each contact would be faster, but would duplicate data that "
        "has to be kept consistent.",
        "",
        f"**An export of {export['rows']:,} people** is streamed: the first line "
        f"after {export['first_ms']:.0f} ms, all after {export['seconds']:.1f} s, and the process "
        f"grew by {export['added_mib']:.0f} MiB. With hand-written SQL, a server-side cursor "
        f"returns the first row after {export['floor_first_ms']:.0f} ms and all after "
        f"{export['floor_seconds']:.1f} s.",
    ]
