"""The proxy configuration in deploy/ matches the limits of the pages, and blocks slow
connections."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from core.body_limits import ENVELOPE_BYTES, SIGNED_IN_BYTES

pytestmark = [pytest.mark.pure, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "deploy" / "nginx" / "webinarsync.conf"
TEXT = re.sub(r"#.*", "", CONFIG.read_text())
UNITS = {"": 1, "k": 1024, "m": 1024**2}


def size(written: str) -> int:
    return int(written.rstrip("km")) * UNITS[written.lstrip("0123456789")]


def seconds(name: str) -> list[int]:
    """Return each time that a directive of this name has."""
    return [int(value) for value in re.findall(rf"\b{name} (\d+)s;", TEXT)]


def views(patterns: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for item in patterns:
        if isinstance(item, URLResolver):
            yield from views(item.url_patterns, before + str(item.pattern))
        elif isinstance(item, URLPattern):
            yield before + str(item.pattern), item.callback


def test_it_allows_what_the_pages_accept_and_no_more() -> None:
    general = re.search(r"client_max_body_size (\w+);", TEXT.split("location")[0])
    assert general is not None
    assert size(general[1]) == SIGNED_IN_BYTES == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    own = dict(re.findall(r"location = (\S+) {[^}]*?client_max_body_size (\w+);", TEXT))
    assert {path: size(written) for path, written in own.items()} == {
        f"/{path}": view.largest_file + ENVELOPE_BYTES
        for path, view in views(get_resolver().url_patterns)
        if hasattr(view, "largest_file")
    }
    assert len(re.findall("client_max_body_size", TEXT)) == 1 + len(own)


def test_it_buffers_whole_requests_and_drops_slow_clients() -> None:
    assert "proxy_request_buffering on;" in TEXT and "proxy_request_buffering off" not in TEXT
    assert 0 < seconds("client_header_timeout")[0] <= 30
    assert all(0 < time <= 60 for time in seconds("client_body_timeout"))
    assert seconds("proxy_read_timeout")[0] > settings.PAGE_SECONDS
    assert "limit_conn " in TEXT


def test_it_detects_where_requests_come_from() -> None:
    headers = dict(re.findall(r"proxy_set_header (\S+) (\S+);", TEXT))
    # These headers of a client are trusted behind a proxy (BEHIND_PROXY).
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["X-Forwarded-Proto"] == "$scheme"
    assert headers["Host"] == "$host"


def test_it_asks_where_pages_are_served() -> None:
    upstream = re.findall(r"\bserver (\S+:\d+);", TEXT)
    unit = (ROOT / "deploy" / "systemd" / "webinarsync-web.service").read_text()
    compose = (ROOT / "deploy" / "compose.yml").read_text()
    assert len(upstream) == 1
    assert f"--bind {upstream[0]} " in unit
    # Not reachable from outside, and the port that the image serves.
    assert f'"{upstream[0]}:8000"' in compose
    assert "./nginx/webinarsync.conf:/etc/nginx/conf.d/default.conf" in compose


def test_no_secret_part_of_an_address_is_logged() -> None:
    logged = "".join(re.findall(r"log_format webinarsync([^;]*);", TEXT))
    assert "$webinarsync_logged" in logged
    for name in ("$request ", "$request_uri", "$args", "$query_string", "$http_", "$uri"):
        assert name not in logged.replace('"', " ")
    assert set(re.findall(r"access_log \S+ ?(\w*);", TEXT)) == {"webinarsync"}


# -- with the real program -------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(command: list[str], port: int, **more: Any) -> Iterator[None]:
    """Run `command` during the block; the block begins when it listens on `port`."""
    process = subprocess.Popen(command, **more)
    try:
        for _ in range(300):
            assert process.poll() is None, "it has ended"
            with socket.socket() as probe:
                probe.settimeout(0.1)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The ports of a proxy with the file in deploy/ and of the pages behind it, which has one
    process with two threads."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    openssl = shutil.which("openssl")
    if program is None or openssl is None:
        pytest.skip("needs nginx and openssl")
    plain, secure, pages = free_port(), free_port(), free_port()
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", tmp_path / "privkey.pem",
         "-out", tmp_path / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    changes = {
        "/etc/nginx/certificates": str(tmp_path), "/var/log/nginx": str(tmp_path),
        "127.0.0.1:8000": f"127.0.0.1:{pages}", "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "listen [::]:80;": "", "listen [::]:443 ssl;": "",
    }  # fmt: skip
    text = CONFIG.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "site.conf").write_text(text)
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;"
        "events { worker_connections 256; }"
        f"http {{ {folders} include {tmp_path}/site.conf; }}"
    )
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "webinarsync.settings", "SECRET_KEY": "k" * 50,
        "DATABASE_URL": f"sqlite:///{tmp_path}/pages.sqlite3", "BEHIND_PROXY": "True",
        "HTTPS": "True", "DEBUG": "False", "ALLOWED_HOSTS": "localhost",
    }  # fmt: skip
    gunicorn = [
        sys.executable, "-m", "gunicorn", "webinarsync.wsgi", "--bind", f"127.0.0.1:{pages}",
        "--workers", "1", "--threads", "2", "--no-control-socket",
    ]  # fmt: skip
    proxy = [program, "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "early.log")]
    with ExitStack() as stack:
        stack.enter_context(started(gunicorn, pages, cwd=ROOT, env=env))
        stack.enter_context(started(proxy, secure))
        yield secure, pages


def connected(port: int, secure: bool) -> socket.socket:
    raw = socket.create_connection(("127.0.0.1", port), timeout=5)
    if not secure:
        return raw
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(raw, server_hostname="localhost")


def status(port: int, secure: bool, head: str, retry_policy: int = 30) -> int:
    """Return the status of the answer to a request; 0 if there is none in time."""
    with connected(port, secure) as line:
        line.settimeout(retry_policy)
        try:
            line.sendall(head.replace("\n", "\r\n").encode())
            return int(line.recv(4096).split()[1])
        except TimeoutError:
            return 0


ALIVE = "GET /health/live HTTP/1.1\nHost: localhost\nConnection: close\n\n"
BEGUN = (
    "POST /register/a-webinar/ HTTP/1.1\nHost: localhost\nX-Forwarded-Proto: https\n"
    "Content-Type: application/x-www-form-urlencoded\nContent-Length: 1000\n\nfirst_name="
)


def test_eight_slow_connections_do_not_stop_the_site(site: tuple[int, int]) -> None:
    proxy, pages = site
    with ExitStack() as slow:
        for _ in range(8):
            line = slow.enter_context(connected(proxy, True))
            line.sendall(BEGUN.replace("\n", "\r\n").encode())
        assert [status(proxy, True, ALIVE) for _ in range(3)] == [200] * 3
    # The purpose of the proxy: without it they do.
    with ExitStack() as slow:
        for _ in range(8):
            line = slow.enter_context(connected(pages, False))
            line.sendall(BEGUN.replace("\n", "\r\n").encode())
        assert status(pages, False, ALIVE, retry_policy=3) == 0


def test_it_refuses_what_is_too_large_and_counts_pieces_itself(site: tuple[int, int]) -> None:
    proxy, pages = site
    head = "POST {} HTTP/1.1\nHost: localhost\nConnection: close\nContent-Length: {}\n\n"
    assert status(proxy, True, head.format("/register/a-webinar/", SIGNED_IN_BYTES + 1)) == 413
    pieces = (
        "POST /health/live HTTP/1.1\nHost: localhost\nConnection: close\n"
        "Transfer-Encoding: chunked\n\n5\nhello\n0\n\n"
    )
    # Refused by the page, so the request reached it.
    assert status(proxy, True, pieces) == 405
    # Without the proxy nothing of it is read either.
    direct = head.replace("\n\n", "\nX-Forwarded-Proto: https\n\n")
    assert status(pages, False, direct.format("/register/a-webinar/", 100 * 2**20)) == 413
