"""The import's figures as a part of docs/benchmarks.md."""

from typing import Any


def lines(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines about a large file of contacts; a result for each database."""
    return [
        "",
        "## A large file of contacts",
        "",
        "A CSV file with eight columns. The check reads and validates every cell and looks up "
        "every person; the import does both again and writes two rows a line, one of which "
        "makes undoing it possible. The floor is the contacts alone, inserted in bulk by the ORM "
        "in one transaction, without validation.",
        "",
        "Both work in batches, each one transaction. On SQLite, which has one writer at a time, "
        "they pause after each batch, so that visitors of the form do not wait for an import: "
        "this is most of the time there.",
        "",
        "| database | people | check s | import s | floor s | import / floor |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {item['database']} | {item['people']:,} | {item['check']:.1f} | "
            f"{item['write']:.1f} | {item['floor']:.1f} | {item['ratio']:.1f} |"
            for item in results
        ),
    ]
