from __future__ import annotations

import pytest

from affidavit.client_address import classify, find_client, parse_networks

PROXIES = parse_networks("10.0.0.0/8, fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "trusted", "client"),
    [
        ("192.0.2.1", ["198.51.100.7"], (), "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], PROXIES, "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.7"], PROXIES, "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.7, 10.0.0.2"], PROXIES, "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.7"], PROXIES, "198.51.100.7"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], PROXIES, "10.0.0.3"),
        ("10.0.0.1", ["203.0.113.9, unknown"], PROXIES, "10.0.0.1"),
        ("10.0.0.1", [], PROXIES, "10.0.0.1"),
        ("10.0.0.1", [""], PROXIES, "10.0.0.1"),
        ("fd00::1", ["[2001:db8::7]:443"], PROXIES, "2001:db8::7"),
        ("10.0.0.1", ["198.51.100.7:51234"], PROXIES, "198.51.100.7"),
        (None, ["198.51.100.7"], PROXIES, None),
        ("unix:/run/app.sock", ["198.51.100.7"], PROXIES, "unix:/run/app.sock"),
    ],
)
def test_only_a_trusted_proxy_is_believed_and_only_as_far_as_the_next(peer, forwarded_for, trusted, client):
    assert find_client(peer, forwarded_for, trusted) == client


def test_an_address_is_of_a_kind():
    assert [classify(a) for a in ("192.0.2.1", "2001:db8::7", "testclient")] == ["ipv4", "ipv6", "hostname"]


def test_a_block_that_is_none_is_refused():
    with pytest.raises(ValueError, match="load balancer"):
        parse_networks("10.0.0.0/8, load balancer")
