"""The address guard: what is the open internet, and what only looks like it."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.guard import ForbiddenAddress, guarded_socket, is_allowed, read_networks


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.67", "2606:4700::1", "2a00:1450::1", "64:ff9b::808:808"])
def test_the_open_internet_passes(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "100::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "4000::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
        "",
        "127.1",
        "1.2.3.4/8",
    ],
)
def test_everything_else_is_refused(address: str) -> None:
    assert not is_allowed(address)


def test_networks_the_operator_lists_pass_in_every_spelling() -> None:
    allowed = read_networks(["127.0.0.0/8", " 10.1.0.0/16 ", "fd00::/8"])
    passing = ["127.0.0.9", "::ffff:127.0.0.9", "64:ff9b::7f00:9", "10.1.2.3", "fd12::1", "8.8.8.8"]
    assert [is_allowed(address, allowed) for address in passing] == [True] * len(passing)
    refused = ["10.2.0.1", "::1", "::127.0.0.1", "192.168.0.1", "169.254.169.254"]
    assert [is_allowed(address, allowed) for address in refused] == [False] * len(refused)


def test_a_network_may_be_given_as_one_of_its_addresses() -> None:
    assert is_allowed("127.0.0.77", read_networks(["127.0.0.1/8"]))


def test_what_is_no_network_is_named() -> None:
    with pytest.raises(ValueError, match="loopback"):
        read_networks(["loopback"])


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_never_helps(address: object) -> None:
    if not is_allowed(str(address)):
        for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}"):
            assert not is_allowed(wrapped)


@given(st.text(max_size=50))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert is_allowed(text) in (True, False)


def test_the_socket_is_not_even_made() -> None:
    make = guarded_socket()
    for family, address in (
        (socket.AF_INET, ("127.0.0.1", 80)),
        (socket.AF_INET6, ("::1", 80, 0, 0)),
        (socket.AF_UNIX, ("8.8.8.8",)),
    ):
        with pytest.raises(ForbiddenAddress):
            make((family, socket.SOCK_STREAM, 0, "", address))
    with make((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", 80))) as made:
        assert made.family == socket.AF_INET
