"""Start a simulator as a separate process, for tests, benchmarks and the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SimulatorError(Exception):
    """The simulator did not start, or refused a control call; the text contains the reason."""


class BaseProcess:
    """``with …Process() as simulator:`` runs one until the block ends; ``ready`` is its ready
    line."""

    module: str

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.ready: dict[str, Any] = {}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start it and wait for its ready line. Raises SimulatorError if there is none."""
        process = subprocess.Popen(
            [sys.executable, "-m", self.module, *self.arguments],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.strip():
            code = process.wait()
            process.stdout.close()
            raise SimulatorError(f"the simulator ended with code {code} before it was ready")
        self.ready = json.loads(line)
        return self

    def stop(self, seconds: float = 20) -> int:
        """Send SIGTERM, wait and return the exit code; kill it after ``seconds``."""
        process = self.process
        if process is None:
            return 0
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        self.process = None
        return process.returncode

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """Scheme, host and port."""
        return str(self.ready["api_url"])

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call a control path ("fail", "calls", …) and return its JSON.

        Raises SimulatorError with the simulator's reason if it is refused.
        """
        request = urllib.request.Request(
            f"{self.ready['control_url']}/{path}",
            data=None if method == "GET" else json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        try:
            with _direct.open(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise SimulatorError(f"{method} {path}: {error.read().decode()}") from error
