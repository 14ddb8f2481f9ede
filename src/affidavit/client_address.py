"""Who the client is by the trusted-proxy rule: the peer, unless the peer is a proxy that we were told to believe.

``X-Forwarded-For`` is read from the right: each trusted proxy vouches for the entry before it, and the first address
that is not a trusted proxy is the client. All but that one can be set by anybody.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Network = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[Network, ...]:
    """CIDR blocks, separated by commas.

    Raises:
        ValueError: One of them is not a CIDR block.
    """
    return tuple(ip_network(block.strip()) for block in text.split(",") if block.strip())


def find_client(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str | None:
    """The client's address: `peer` (as the server hands it over), or what trusted proxies say of it.

    `forwarded_for` holds the values of the ``X-Forwarded-For`` headers in their order.
    """
    if not trusted or peer is None or not _is_in(peer, trusted):
        return peer
    client = peer
    for entry in reversed(",".join(forwarded_for).split(",")):
        address = _strip_port(entry.strip())
        if classify(address) == "hostname":  # not an address: whoever wrote it vouches for nothing before it
            break
        client = address
        if not _is_in(address, trusted):
            break
    return client


@lru_cache(maxsize=4096)
def classify(address: str) -> str:
    """``ipv4``, ``ipv6`` or ``hostname``."""
    try:
        return f"ipv{ip_address(address).version}"
    except ValueError:
        return "hostname"


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _strip_port(entry: str) -> str:
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    host, colon, port = entry.rpartition(":")
    return host if colon and ":" not in host and port.isdigit() else entry
