"""The import's figures as a part of docs/benchmarks.md."""

from typing import Any


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about a large file of contacts; a result for each database."""
    return [
        "",
        "## A large file of contacts",
        "",
        "A CSV file with eight columns. The check reads and validates every cell and looks up "
        "every person; the import does both again and writes all in one transaction. The floor "
        "is the same rows inserted in bulk by the ORM, without validation.",
        "",
        "| database | people | check s | import s | floor s | import / floor |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {item['people']:,} | {item['check']:.1f} | "
            f"{item['write']:.1f} | {item['floor']:.1f} | {item['ratio']:.1f} |"
            for item in results
        ),
    ]
