"""A server of the user's own that has copies of files, such as a class room's: which addresses will do."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

# Names that no public server bears: RFC 6762 (.local), RFC 8375 (.home.arpa), and what routers give their networks.
_NEAR_SUFFIXES = (".local", ".lan", ".home.arpa", ".internal")


def problem(address: str) -> str:
    """What is wrong with an address as a mirror, as a sentence; "" where it will do.

    It is https, or http to this machine or to one in the same building: a private address, or a name that only local
    networks know. What comes from it is checked by its digest all the same.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return f"{address!r} is no address; write https://server/folder"
    if parts.scheme not in {"https", "http"} or not host or any(mark.isspace() for mark in address):
        return f"{address!r} is no address of a mirror; write https://server/folder, or http://server in a class room"
    if parts.query or parts.fragment or parts.username is not None or parts.password is not None:
        return f"a mirror is a server and a folder, without questions, marks or passwords; {address!r} has some"
    if parts.scheme == "http" and not is_near(host):
        return f"{host} is on the open internet, where http can be read and changed by others; write https://{host}"
    return ""


def is_near(host: str) -> bool:
    """Whether a host is this machine, or can only be one of the local network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.lower().rstrip(".")
        return name == "localhost" or "." not in name or name.endswith(_NEAR_SUFFIXES)
    return address.is_loopback or ((address.is_private or address.is_link_local) and not address.is_unspecified)


def sources(url: str, mirror: str) -> tuple[str, ...]:
    """Where a published file is to be had: at the mirror, by its name, and at its own address."""
    if not mirror:
        return (url,)
    return f"{mirror.rstrip('/')}/{url.rsplit('/', 1)[-1]}", url


def plain_hosts(mirror: str) -> frozenset[str]:
    """The hosts that may be spoken to without encryption, because the user chose them."""
    parts = urlsplit(mirror)
    return frozenset({parts.hostname}) if parts.scheme == "http" and parts.hostname else frozenset()
