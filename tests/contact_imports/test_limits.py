"""A small file that expands to a large one is refused while it is read."""

import json
import subprocess
import sys
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

import pytest

from contact_imports import limits
from contact_imports.limits import Budget
from contact_imports.reasons import Reason, Unreadable
from tests.contact_imports.hostile_files import HOSTILE, shared, workbook

pytestmark = pytest.mark.pure

MOST_MEBIBYTES = 100
# Seconds of CPU time on a slow machine; one to four seconds on the development machine.
MOST_SECONDS = 40

# Reads files, each in a separate process, and prints the results. Their peak memory is read from
# /proc: `getrusage` includes the parent process.
_READ = """
import json, os, sys, time
import django
django.setup()
import openpyxl.styles.numbers, openpyxl.utils.datetime
from contact_imports.parsers import cells, read
from contact_imports.reasons import Unreadable

def most():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

def look(name, path):
    idle, begun, rows, code = most(), time.process_time(), 0, ""
    with open(path, "rb") as file:
        try:
            rows = sum(1 for _ in read(name, file).rows)
        except Unreadable as error:
            code = error.code
    seconds = round(time.process_time() - begun, 2)
    return {"code": code, "rows": rows, "mebibytes": most() - idle, "seconds": seconds}

for name, path in json.loads(sys.argv[1]):
    sys.stdout.flush()
    if not os.fork():
        print(json.dumps(look(name, path)), flush=True)
        os._exit(0)
    os.wait()
"""


def read_apart(files: Mapping[str, tuple[str, bytes]], folder: Path) -> dict[str, dict[str, Any]]:
    """Return for each of `files` the error code, how many rows were read, and the resources
    used."""
    if not Path("/proc/self/status").exists():
        pytest.skip("asks /proc for the highest memory of a process")
    asked = []
    for number, (name, content) in enumerate(files.values()):
        path = folder / str(number)
        path.write_bytes(content)
        asked.append((name, str(path)))
    done = subprocess.run(
        [sys.executable, "-c", _READ, json.dumps(asked)], stdout=subprocess.PIPE, check=True
    )
    found = dict(zip(files, map(json.loads, done.stdout.splitlines()), strict=True))
    for kind, (_name, content) in files.items():
        print(f"{kind}: {len(content):,} bytes: {found[kind]}")
    return found


# Each takes seconds to reach the limit that refuses it.
LARGE = frozenset({
    "many empty cells", "a long text in many cells", "many shared strings", "long texts in turns",
    "relations without an end", "formats with long numbers", "a style for each cell",
    "quotation marks alone",
})  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [
    pytest.param(HOSTILE.keys() - LARGE, id="others"),
    pytest.param(LARGE, id="large", marks=[pytest.mark.faults, pytest.mark.endurance]),
])  # fmt: skip
def test_it_is_refused_with_little_memory_and_soon(kinds: Set[str], tmp_path: Path) -> None:
    files = {kind: (HOSTILE[kind][0], HOSTILE[kind][1]()) for kind in sorted(kinds)}
    found = read_apart(files, tmp_path)
    assert {kind: item["code"] for kind, item in found.items()} == {
        kind: HOSTILE[kind][2] for kind in kinds
    }
    assert max(item["mebibytes"] for item in found.values()) <= MOST_MEBIBYTES
    assert max(item["seconds"] for item in found.values()) <= MOST_SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("people", [
    20_000,
    pytest.param(200_000, marks=[pytest.mark.faults, pytest.mark.endurance]),
])  # fmt: skip
def test_a_valid_file_is_read(people: int, tmp_path: Path) -> None:
    """With all twelve properties; the time hardly depends on their number."""
    headings = ["Email", "First name", "Last name", "Company", "Job title", "Industry", "Phone",
                "Street", "City", "State", "Zip", "Country"]  # fmt: skip

    def person(number: int) -> list[str]:
        return [f"person{number}@example.com", f"First{number}", f"Last{number}",
                f"Company {number % 5000}", "Head of Procurement", "Manufacturing",
                f"+33 1 23 {number}", f"{number} Long Street", "Springfield", "Bavaria",
                f"{number % 90000 + 10000}", "Germany"]  # fmt: skip

    rows = [headings, *map(person, range(people))]
    texts = {
        text: number
        for number, text in enumerate(dict.fromkeys(cell for row in rows for cell in row))
    }
    letters = "ABCDEFGHIJKL"
    of_texts = (
        f'<row r="{n}" spans="1:12">'
        + "".join(
            f'<c r="{letter}{n}" s="0" t="s"><v>{texts[cell]}</v></c>'
            for letter, cell in zip(letters, row, strict=True)
        )
        + "</row>"
        for n, row in enumerate(rows, start=1)
    )
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
    files = {
        "CSV": ("a.csv", "\n".join(map(",".join, rows)).encode()),
        "Excel": (
            "a.xlsx",
            workbook(
                (row.encode() for row in of_texts), parts={"xl/sharedStrings.xml": shared(strings)}
            ),
        ),
    }
    found = read_apart(files, tmp_path)
    assert [(item["code"], item["rows"]) for item in found.values()] == [("", people)] * 2
    assert max(item["seconds"] for item in found.values()) < limits.MAX_READ_SECONDS / 2
    assert max(item["mebibytes"] for item in found.values()) <= MOST_MEBIBYTES


def test_a_reading_that_takes_too_long_is_given_up() -> None:
    budget = Budget(seconds=-1)
    with pytest.raises(Unreadable, match="takes too long"):
        budget.count_bytes(1)
    with pytest.raises(Unreadable, match="takes too long"):
        for number in range(1, 1000):
            budget.count_row(number, ["a"])
    unhurried = Budget(seconds=None)
    unhurried.count_bytes(1)


def test_messages_name_the_limits_as_they_are() -> None:
    assert str(Reason("too_large")).startswith(
        f"The file is larger than {limits.MAX_FILE_BYTES >> 20} MB."
    )
    assert f"more than {limits.MAX_ROWS:,} lines" in str(Reason("too_many_rows"))
    assert f"more than {limits.MAX_COLUMNS:,} columns" in str(Reason("too_many_columns"))
    assert f"more than {limits.MAX_CELLS:,} cells" in str(Reason("too_many_cells"))
    assert f"more than {limits.MAX_CELL_CHARACTERS:,} characters" in str(Reason("cell_too_long"))
    assert f"more than {limits.MAX_ROW_CHARACTERS:,} characters" in str(Reason("row_too_long"))
    assert f"more than {limits.MAX_SHEETS} sheets" in str(Reason("too_many_sheets"))
    assert f"more than {limits.MAX_TEXTS_BYTES >> 20} MB" in str(Reason("too_many_texts"))
    assert f"more than {limits.MAX_UNPACKED_BYTES >> 20} MB" in str(Reason("too_large_unpacked"))
