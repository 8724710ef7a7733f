"""The form's figures as a part of docs/benchmarks.md."""

from typing import Any

AIM_SECONDS = 5.0


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about the form's way to GoToWebinar; a result for each database."""
    return [
        "",
        "## From the form to GoToWebinar",
        "",
        "Web, worker and pusher run as in `make demo`. The simulated GoToWebinar answers after "
        "150 ms and refuses more than 10 calls in any second, as GoTo does. Measured from "
        "submitting the form to the moment the person has the state “registered” here. The floor "
        "is one bare call that registers a person, without any other request or write.",
        "",
        "| database | people a second | people | p50 s | p95 s | p99 s | floor s | p50 / floor | "
        "aim p95 s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {one['per_second']} | {one['people']} | {one['p50']:.2f} | "
            f"{one['p95']:.2f} | {one['p99']:.2f} | {item['floor_call']:.2f} | "
            f"{one['ratio']:.1f} | {AIM_SECONDS:.0f} |"
            for item in results
            for one in item["steady"]
        ),
        "",
        "At one person a second, most of the time is the poll interval of the job queue, half a "
        "second. Ten a second are as many as GoTo accepts, so a short queue forms.",
        "",
        "**A thousand people in ten seconds** are all stored immediately, and sent at the rate "
        "that GoTo allows, oldest first. At the same time a sync of another webinar runs and "
        "uses its share of the same 10 calls a second.",
        "",
        "| database | submitted in s | all registered after s | p50 s | p95 s | p99 s | calls | "
        "calls a second | rate limited | places moved, p99 | places moved, max | sync s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(_burst(item["database"], item["burst"]) for item in results),
        "",
        "*Places moved* is the difference between the order of submission and the order of "
        "registration: four pushers run in parallel, and a rate-limited call is retried.",
        "",
        "**Throughput of the form.** Eight clients submit without a pause for ten seconds to one "
        "web process; each answered submission is verified in the database. The floor is the "
        "same submission to a closed form, which only renders its page.",
        "",
        "| database | answered | stored | stored a second | floor a second | ratio |",
        "|---|---:|---:|---:|---:|---:|",
        *(_row(item["database"], item["taken"]) for item in results),
    ]


def _burst(database: str, burst: dict[str, Any]) -> str:
    return (
        f"| {database} | {burst['posted_in']:.1f} | {burst['seconds']:.1f} | {burst['p50']:.1f} | "
        f"{burst['p95']:.1f} | {burst['p99']:.1f} | {burst['calls']:,} | "
        f"{burst['calls_per_second']:.2f} | {burst['too_fast']} | {burst['moved_p99']} | "
        f"{burst['moved_most']} | {burst['sync_seconds']:.1f} |"
    )


def _row(database: str, taken: dict[str, Any]) -> str:
    return (
        f"| {database} | {taken['answered']:,} | {taken['kept']:,} | {taken['per_second']:.0f} | "
        f"{taken['floor_per_second']:.0f} | {taken['ratio']:.2f} |"
    )
