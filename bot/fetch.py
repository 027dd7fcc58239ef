"""Read a file from an address that a person gave us, without reaching into our own network.

The name is resolved here and the addresses are looked at when the connection is made, so that a
name which answers differently the second time gains nothing. Redirects are not followed.
"""

import socket
from ipaddress import IPv6Address, ip_address, ip_network
from ssl import SSLContext

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from booking.busy import BadCalendar
from core.errors import Refusal

CHUNK = 64 * 1024
NAT64 = ip_network("64:ff9b::/96")


class NotFetched(Refusal):
    """It could not be read; the key says why."""

    key = "diary.busy_unreachable"


class _NotPublic(OSError):
    """A name that leads into a private network."""


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses those that have any address which is not public."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises OSError."""
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_public(one["host"]) for one in found):
            raise _NotPublic(f"{host} is not public")
        return found

    async def close(self) -> None:
        """Let go of what the resolver holds."""
        await self._inner.close()


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, however it is written."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour
        if inside is not None:
            return is_public(str(inside))
        if found in NAT64 or found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast


async def fetch(
    url: str,
    *,
    most: int,
    seconds: float,
    resolver: AbstractResolver | None = None,
    ssl: SSLContext | bool = True,
) -> bytes:
    """The body of ``url``, at most ``most`` bytes. Raises NotFetched, BadCalendar (too large)."""
    connector = aiohttp.TCPConnector(
        resolver=resolver or PublicResolver(), use_dns_cache=False, ssl=ssl
    )
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as http,
            http.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise NotFetched("diary.busy_status")
            return await _body(answer, most)
    except aiohttp.ClientConnectorDNSError as error:
        private = isinstance(error.os_error, _NotPublic)
        raise NotFetched("diary.busy_private" if private else None) from error
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise NotFetched from error


async def _body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Counted as it comes, unpacked: what it says about its length is not believed."""
    parts, size = [], 0
    async for part in answer.content.iter_chunked(CHUNK):
        size += len(part)
        if size > most:
            raise BadCalendar("diary.busy_too_large")
        parts.append(part)
    return b"".join(parts)
