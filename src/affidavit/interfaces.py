"""What the middle floors (tokens, ledger, pipeline) ask of the world; the adapters on floor 3 fulfil it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from affidavit.model import LogRecord, SealedRecord, Value

    Clock = Callable[[], int]
    """Wall-clock nanoseconds since the epoch."""

    Entropy = Callable[[int], bytes]
    """So many random bytes."""


class IdentityKey(Protocol):
    """The long-lived key that vouches for stream keys. It signs once a stream, so it may live far away."""

    @property
    def algorithm(self) -> str:
        """``EdDSA`` or ``ES256``."""

    @property
    def public_jwk(self) -> Mapping[str, str]:
        """The public half, RFC 7517: required members only, so that its thumbprint is RFC 7638's."""

    def sign(self, message: bytes) -> bytes:
        """The JWS signature bytes over `message` (64 bytes for both algorithms)."""


class Spool(Protocol):
    """A durable queue of one stream's sealed records. One thread appends at a time; one thread ships."""

    def append(self, record: SealedRecord) -> None:
        """Keep `record`. When this returns, a killed process loses nothing of it.

        Raises:
            SpoolError: It was not kept, and nothing of it stands in the spool.
        """

    def append_signatures(self, signatures: Sequence[tuple[int, str]]) -> None:
        """Keep the signatures of records by number.

        Raises:
            SpoolError: They were not kept; the records were.
        """

    def read(self, limit: int, through: int) -> Sequence[tuple[SealedRecord, str | None]]:
        """Up to `limit` records after the last acknowledged one, up to number `through`, with signatures; in order."""

    def acknowledge(self, through: int) -> None:
        """The sink has accepted every record up to this number: they may go."""

    def prepare(self) -> None:
        """Do ahead of need what an append should not have to wait for. Called often, off the request's path."""

    def abandon(self) -> None:
        """In a forked child: let go of the parent's files without changing them."""

    def close(self) -> None:
        """Let go of the files. What is not acknowledged stays for an adopter; when all of it is, nothing stays."""


class Exporter(Protocol):
    """Hands batches to one sink."""

    def export(self, resource: Mapping[str, Value], records: Collection[LogRecord]) -> None:
        """Deliver the batch whole. Each log record is made when it is asked for: go through them once.

        Raises:
            ExportError: The sink did not accept it, or nobody knows whether it did.
        """

    def close(self) -> None:
        """Let go of connections and files."""
