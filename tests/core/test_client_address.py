"""Every common form of a client's address is the same address and network."""

from typing import Any

import pytest

from core.client_address import client_address, client_network, parse_address

pytestmark = pytest.mark.pure
V4, V6 = "203.0.113.7", "2001:db8::7"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (V4, V4),
        (f" {V4} ", V4),
        (f"{V4}:51234", V4),
        (f"::ffff:{V4}", V4),
        ("::ffff:cb00:7107", V4),
        (f"::FFFF:{V4}", V4),
        (f"[::ffff:{V4}]:443", V4),
        (f'"[{V6}]:443"', V6),
        (V6, V6),
        ("2001:0DB8:0:0:0:0:0:7", V6),
        (f"[{V6}]", V6),
        (f"[{V6}]:443", V6),
        (f"{V6}%eth0", V6),
        ("fe80::1%3", "fe80::1"),
        ("[fe80::1%eth0]:80", "fe80::1"),
        ("::1", "::1"),
    ],
)
def test_usual_forms(written: str, address: str) -> None:
    found = parse_address(written)
    assert found is not None and found.compressed == address


@pytest.mark.parametrize(
    "written",
    ["", " ", "unknown", "_hidden", "-", "203.0.113", "203.0.113.256", "203.0.113.7:x", "[", "[]",
     "[::1", "::1]:80", "1e9", "٢٠٣.0.113.7", "\x00", "2001:db8::7::1", "a" * 5000, "0x7f000001",
     f"{V4}, {V6}", "203.0.113.07"],
)  # fmt: skip
def test_garbage_is_rejected(written: str) -> None:
    assert parse_address(written) is None


@pytest.mark.parametrize(
    ("behind", "forwarded", "remote", "address"),
    [
        (False, "6.6.6.6", V4, V4),
        (True, f"6.6.6.6, {V4}", "127.0.0.1", V4),
        (True, f"6.6.6.6,::ffff:{V4}", "127.0.0.1", V4),
        (True, f"6.6.6.6, [{V6}]:4711", "127.0.0.1", V6),
        (True, "", "127.0.0.1", "127.0.0.1"),
        (True, "6.6.6.6, unknown", "127.0.0.1", "127.0.0.1"),
        (True, f"{V4},", "127.0.0.1", "127.0.0.1"),
        (False, "", "", ""),
    ],
)
def test_whose_request_it_is(
    rf: Any, settings: Any, behind: bool, forwarded: str, remote: str, address: str
) -> None:
    settings.BEHIND_PROXY = behind
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=remote)
    assert client_address(request) == address


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (V4, "203.0.113.8", False),
        (f"::ffff:{V4}", "::ffff:203.0.113.8", False),
        (f"::ffff:{V4}", V4, True),
        (V6, "2001:db8::8", True),
        (V6, "2001:db8:0:1::7", False),
    ],
)
def test_one_subscriber_is_one_network(rf: Any, first: str, second: str, same: bool) -> None:
    networks = {client_network(rf.get("/", REMOTE_ADDR=address)) for address in (first, second)}
    assert (len(networks) == 1) == same
