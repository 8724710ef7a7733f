"""Return the network address of a request in one normal form.

Servers and proxies write the same address in many ways: `203.0.113.7`, `::ffff:203.0.113.7`,
`203.0.113.7:51234`, `[2001:db8::7]:443`, `fe80::1%eth0`.
"""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# One subscriber has a whole /64 of IPv6.
_SUBSCRIBER = 64
_BRACKETS = re.compile(r"\[([^\[\]]*)\](?::[0-9]{1,5})?")
_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


def parse_address(written: str) -> Address | None:
    """Return the address in `written`; None if it has none.

    An IPv4 address inside an IPv6 address is returned as IPv4. A zone is dropped: it names an
    interface of the server, not the client.
    """
    text = written.strip().strip('"')
    inside = _BRACKETS.fullmatch(text) or _PORT.fullmatch(text)
    if inside is not None:
        text = inside[1]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address
    return address


def client_address(request: HttpRequest) -> str:
    """Return the client's address; "" for a request through a local socket.

    Behind a proxy it is the last one of X-Forwarded-For, which the proxy in front has added; those
    before it can be forged.
    """
    found = None
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "")
        found = parse_address(forwarded.rpartition(",")[2])
    found = found or parse_address(request.META.get("REMOTE_ADDR", ""))
    return "" if found is None else found.compressed


def client_network(request: HttpRequest) -> str:
    """Return the network of the client of `request`."""
    address = parse_address(client_address(request))
    if isinstance(address, ipaddress.IPv6Address):
        return ipaddress.ip_network((address, _SUBSCRIBER), strict=False).network_address.compressed
    return "" if address is None else address.compressed
