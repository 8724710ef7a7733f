"""What calls take from the environment: a proxy and certificates, never a password."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from destinations.hubspot.transport import send as send_to_hubspot
from platforms.gotowebinar.transport import AccessToken, new_session, send

pytestmark = pytest.mark.pure
ENVIRONMENT = (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)  # fmt: skip


class Recorder(BaseHTTPRequestHandler):
    """Responds to everything, and notes the request's target and Authorization."""

    protocol_version = "HTTP/1.1"
    received: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.received.append((self.path, self.headers["Authorization"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def received() -> list[tuple[str, str | None]]:
    return []


@pytest.fixture
def server(received: list[tuple[str, str | None]]) -> Iterator[str]:
    handler = type("Noting", (Recorder,), {"received": received})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def test_a_password_in_netrc_never_replaces_the_access_token(
    server: str,
    received: list[tuple[str, str | None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    requests.get(server, headers={"Authorization": "Bearer token"})
    assert received.pop() != ("/", "Bearer token")  # what requests does by itself
    with requests.Session() as plain, new_session(server) as ours:
        for session in (plain, ours):
            send(session, "GET", server, auth=AccessToken("token"))
            send_to_hubspot(session, "GET", server, token="token")
    assert received == [("/", "Bearer token")] * 4


def test_calls_go_through_the_proxy_of_the_environment(
    server: str, received: list[tuple[str, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server)
    with new_session("http://goto.invalid") as session:
        # Read once: later changes have no effect.
        monkeypatch.delenv("HTTP_PROXY")
        assert send(session, "GET", "http://goto.invalid/path").status == 200
    assert received == [("http://goto.invalid/path", None)]


def test_hosts_without_proxy_are_called_directly(
    server: str, received: list[tuple[str, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with new_session(server) as session:
        assert send(session, "GET", f"{server}/path").status == 200
    assert received == [("/path", None)]


def test_certificates_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert new_session("https://goto.invalid").verify is True
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/company.pem")
    assert new_session("https://goto.invalid").verify == "/etc/company.pem"
