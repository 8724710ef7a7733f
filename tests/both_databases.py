"""Run pytest on SQLite and on PostgreSQL side by side: `python -m tests.both_databases WORDS`.

WORDS are pytest's. Tests wait for processes and browsers half of their time, so that two runs at
once take much less than one after the other. What the run on SQLite prints is shown as it comes,
the other's output at the end.
"""

import subprocess
import sys
from tempfile import TemporaryFile

# On SQLite only.
MEASURE = ["--cov", "--cov-report=", "--cov-fail-under=0"]
# pytest's exit code for "no tests": none of those asked for has to do with a database.
NO_TESTS = 5


def main(words: list[str]) -> int:
    """Run both; return the exit code of the one that failed, or 0. `--coverage` as first word
    measures coverage."""
    more = []
    if words[:1] == ["--coverage"]:
        words, more = words[1:], MEASURE
    with TemporaryFile() as output:
        postgresql = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres", "-m", "pytest", *words],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            sqlite = subprocess.run([sys.executable, "-m", "pytest", *more, *words], check=False)
        finally:
            # Ctrl-C ends it too; it stops its server first.
            ended = postgresql.wait()
            print("On PostgreSQL:", flush=True)
            output.seek(0)
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()
    return sqlite.returncode or (0 if ended == NO_TESTS else ended)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
