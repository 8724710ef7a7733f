"""The figures of handing over to HubSpot, as a part of docs/benchmarks.md."""

from typing import Any

AIM_CALLS = 1.05
AIM_FORMS = 60


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about HubSpot; a result for each database."""
    return [
        "",
        "## Handing over to HubSpot",
        "",
        "A webinar that ran is handed over to the simulated HubSpot: of ten people three are known "
        "there before, six attended and one cancelled. Fewest calls: the minimum that HubSpot's "
        "contract of 100 records of a kind per call allows: each person is looked up by email, "
        "missing ones are created, each participation is recorded (one kind per call: registered, "
        "cancelled, attended) and read back once; events of other integrations are requested "
        "twice, the event is created, and completed at the end. The process has no other work and "
        "no rate limit.",
        "",
        "| database | people | participations | calls | fewest | ratio | aim | sent after s | "
        "people a second | seen in HubSpot after s | peak MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {one['people']:,} | {one['participations']:,} | "
            f"{one['calls']:,} | {one['fewest']:,} | {one['ratio']:.3f} | {AIM_CALLS} | "
            f"{one['seconds']:.1f} | {one['per_second']:.0f} | {one['confirmed_after']:.1f} | "
            f"{one['peak_mib']:.0f} |"
            for item in results
            for one in item["sizes"]
        ),
        "",
        "The additional calls are creations with fewer than 100 records: people are looked up 500 "
        "at a time, and missing ones are created before the next lookup. No person stays in memory "
        "between two calls; with SQLite, only its cache of the database grows, as above.",
        "",
        "### At the portal's limit, against one by one",
        "",
        "The smallest portal allows 100 calls in ten seconds and five searches a second. The "
        "comparison hands over people of the same kind as most integrations do: for each person a "
        "search, an upsert with all values, and a call for each participation, without reading any "
        "of it back. *Changed* counts HubSpot's contacts whose properties were overwritten.",
        "",
        "| database | way | people | s | people a second | calls | fewest | ratio | "
        "calls a person | rate limited | changed |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            _at_limit(item["database"], way, item["at_limit"][name])
            for item in results
            for name, way in (("ours", "ours"), ("singly", "one by one"))
        ),
        "",
        "### How soon",
        "",
        "From the registration here, written as a sync writes it, to the participation in HubSpot, "
        "by a worker that has nothing else to do.",
        "",
        "| database | registrations | p50 s | p95 s | p99 s |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {one['registrations']} | {one['p50']:.2f} | {one['p95']:.2f} "
            f"| {one['p99']:.2f} |"
            for item in results
            for one in [item["latency"]]
        ),
        "",
        "From a submission of a HubSpot form to the registration in GoToWebinar, by a pusher that "
        "has nothing else to do; the form is read every 20 seconds.",
        "",
        "| database | submissions | p50 s | p95 s | aim | p99 s |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {one['submissions']} | {one['p50']:.1f} | {one['p95']:.1f} "
            f"| {AIM_FORMS} | {one['p99']:.1f} |"
            for item in results
            for one in [item["forms"]]
        ),
    ]


def _at_limit(database: str, way: str, one: dict[str, Any]) -> str:
    return (
        f"| {database} | {way} | {one['people']:,} | {one['seconds']:.1f} | "
        f"{one['per_second']:.1f} | {one['calls']:,} | {one['fewest']:,} | {one['ratio']:.2f} | "
        f"{one['calls'] / one['people']:.3f} | {one['too_fast']} | {one['changed']} |"
    )
