"""The figures of a year-old installation as a part of docs/benchmarks.md."""

from typing import Any

AIM_ROWS, AIM_RATIO = 2000, 20


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about frequent queries; a result for each database."""
    return [
        "",
        "## A year of sync runs",
        "",
        f"{results[0]['webinars']} webinars with {results[0]['runs']:,} sync runs, none of them "
        "deleted. The floor is one run read by its id, by the ORM. Reads are counted in rows of "
        "all tables on PostgreSQL, and in steps of the virtual machine on SQLite, of which a row "
        f"takes several. The aims are {AIM_ROWS:,} rows, and no statement of more than "
        f"{AIM_RATIO} times "
        "the floor.",
        "",
        "| database | query | read | statements | database ms | slowest statement ms | "
        "floor ms | slowest / floor | all / floor |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {asked['name']} | {asked['read']:,} "
            f"{'steps' if item['database'] == 'sqlite' else 'rows'} | {asked['statements']} | "
            f"{asked['ms']:.1f} | {asked['slowest_ms']:.2f} | {item['floor_ms']:.3f} | "
            f"{asked['slowest_ratio']:.0f} | {asked['ratio']:.0f} |"
            for item in results
            for asked in item["asked"]
        ),
        "",
        "A round writes two rows for each webinar, its job and its task, and commits each, which "
        "takes most of its time. Besides that, only the rows read grow with the number of "
        "webinars, and nothing grows with the number of runs "
        "(`tests/operations/test_many_runs.py`).",
    ]
