"""The figures of priorities, as a part of docs/benchmarks.md."""

from typing import Any

AIM_LATER, AIM_WEBHOOK = 1.0, 5.0


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about pushes beside a large sync, and webhooks; a result a database."""
    return [
        "",
        "## Priorities",
        "",
        "One person a second submits the form, first with an idle installation, then while a "
        f"first sync of {results[0]['registrants']:,} registrants uses every call that GoTo "
        "allows (10 a second, each answered after 150 ms). The ratio compares the two p95; "
        "“later” is the difference of the two p95.",
        "",
        "| database | idle p50 s | idle p95 s | while syncing p50 s | p95 s | ratio | later s | "
        "aim s | calls a second | rate limited |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {item['idle']['p50']:.2f} | {item['idle']['p95']:.2f} | "
            f"{item['busy']['p50']:.2f} | {item['busy']['p95']:.2f} | "
            f"{item['busy']['p95'] / item['idle']['p95']:.2f} | {item['later']:.2f} | "
            f"{AIM_LATER:.0f} | {item['calls_per_second']:.1f} | {item['too_fast']} |"
            for item in results
        ),
        "",
        "People register on GoToWebinar, one a second, while the sync still runs: the time until "
        "the timeline entry here, by webhooks. Without webhooks it is up to 15 minutes.",
        "",
        "| database | p50 s | p95 s | p99 s | aim p95 s |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {item['webhooks']['p50']:.2f} | "
            f"{item['webhooks']['p95']:.2f} | {item['webhooks']['p99']:.2f} | {AIM_WEBHOOK:.0f} |"
            for item in results
        ),
    ]
