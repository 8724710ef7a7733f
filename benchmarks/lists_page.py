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
        "request to its HTML; the floor is hand-written SQL for the same rows and counts, without "
        f"any page. The aims are {AIM_MS} ms, and {AIM_RATIO:.0f} times the floor.",
        "",
        "| page | ms | of it in the database | queries | floor ms | ratio | database / floor |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {item['page']} | {item['ms']:.0f} | {item['database_ms']:.0f} | {item['queries']} "
            f"| {item['floor_ms']:.1f} | {item['ratio']:.1f} | "
            f"{item['database_ms'] / item['floor_ms']:.1f} |"
            for item in results["pages"]
        ),
        "",
        "Where the floor is a few milliseconds, the ratio tells what the page itself costs: its "
        "menus, its filters and its HTML, and the queries for who is signed in and may see what. "
        "The last column compares what the database alone has to do.",
        "",
        "Over 200 ms are pages for which every contact or registration is looked at, by hand "
        "too: how often and for how long each came, whom they missed (twice: for their number, and "
        "for those shown), a country among a webinar's people, and the counts of 50 webinars. A "
        "counter at each contact would be quicker, and a second truth to keep.",
        "",
        f"**An export of {export['rows']:,} people** is sent while it is read: the first line "
        f"after {export['first_ms']:.0f} ms, all after {export['seconds']:.1f} s, and the process "
        f"grew by {export['added_mib']:.0f} MiB. By hand, a cursor of the server gives the first "
        f"row after {export['floor_first_ms']:.0f} ms and all after "
        f"{export['floor_seconds']:.1f} s.",
    ]
