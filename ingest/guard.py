"""Which addresses Dateline may connect to: the open internet, and what the operator lists.

A stranger's feed may name any address. The guard stands where a socket is made, after every look-up and for every
attempt, so redirects, literal addresses and names whose answer changes all pass through it.
Source: the IANA special-purpose address registries (RFC 6890), and the metadata services of the large clouds.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]

# Written out although `is_global` knows most of them: what it knows differs between patch releases of Python.
_REFUSED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers; 100.100.100.200 is a metadata service in it
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host agent, though the address is public
        "169.254.0.0/16",  # link-local; 169.254.169.254 is the usual metadata service
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo (2001::/32) and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4, retired: it can wrap any private IPv4 address
        "3fff::/20",
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all else in IPv6 (::/96, fc00::/7, fe80::/10, fec0::/10, ff00::/8) is not
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address in its last 32 bits: RFC 6052


class ForbiddenAddress(OSError):
    """The guard refused. An OSError with one message, because the connector sums up failures by their text."""

    def __init__(self) -> None:
        super().__init__(errno.EACCES, "address not allowed")


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks that `fetch.allow_private` names. Raises ValueError naming the first that is none."""
    return tuple(ip_network(text.strip(), strict=False) for text in texts)


def is_allowed(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether `address` (a literal, not a name) may be connected to: globally routable unicast, or within `allowed`."""
    try:
        ip = _embedded(ip_address(address))
    except ValueError:
        return False
    if any(ip in network for network in allowed):
        return True
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _REFUSED)


def guarded_socket(allowed: Sequence[Network] = ()) -> Callable[[AddrInfo], socket.socket]:
    """A `socket_factory` for aiohttp's connector that raises ForbiddenAddress before anything is sent."""

    def make(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if family not in (socket.AF_INET, socket.AF_INET6) or not is_allowed(str(address[0]), allowed):
            raise ForbiddenAddress
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def _embedded(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address where the packets would end, for the IPv6 forms that wrap one; else `ip`."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip
