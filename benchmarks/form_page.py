"""The form's figures as a part of docs/benchmarks.md."""

from typing import Any

AIM_SECONDS = 5.0


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about the form's way to GoToWebinar; a result for each database."""
    return [
        "",
        "## From the form to GoToWebinar",
        "",
        "Web, worker and pusher run as in `make demo`. The pretended GoToWebinar answers after "
        "150 ms and refuses more than 10 calls in any second, as GoTo does. Measured from sending "
        "the form to the moment the person stands as registered here. The floor is one bare call "
        "that registers a person, nothing asked or written besides.",
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
        "One a second is waited for by the job queue, which looks for work twice a second. Ten a "
        "second are as many as GoTo takes: each who comes finds a few more before them.",
        "",
        "**A thousand people in ten seconds** are all kept at once, and arrive at the pace that "
        "GoTo allows, oldest first. In the middle of it a sync of another webinar is asked for; "
        "it takes its share of the same 10 calls a second.",
        "",
        "| database | posted in s | all registered after s | p50 s | p95 s | p99 s | calls | calls "
        "a second | refused as too fast | places moved, p99 | at most | the sync took s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(_burst(item["database"], item["burst"]) for item in results),
        "",
        "*Places moved* is by how many places someone arrived before or after their turn: four "
        "pushers work side by side, and whoever GoTo did not take at once is tried again.",
        "",
        "**What the form takes.** Eight people at a time post without a pause for ten seconds to "
        "one web process; each that was answered is looked for in the database. The floor is the "
        "same posting to a form that is closed, whose page is all the work.",
        "",
        "| database | answered | kept | kept a second | floor a second | ratio |",
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
