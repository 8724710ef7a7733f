"""Two simulators cannot use one port, and the second reports it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("module", ["simulators.gotowebinar", "simulators.hubspot"])
def test_a_taken_port_is_one_clear_line(module: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", module, "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert port in ended.stderr
    assert "Traceback" not in ended.stderr
