"""What proves a record by itself: its own signature, and the endorsement of the key that made it.

A signature that is carried must verify, even where the record is proven otherwise; one that is absent is no finding
here. A stream key is good for its own stream only, except that it signs, in the role ``affidavit-adopted+jws``, records
that its stream has adopted. An endorsement by an identity key that is not pinned is consistent at best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from affidavit import semconv
from affidavit.errors import MalformedError
from affidavit.ledger import rows
from affidavit.ledger.report import Kind
from affidavit.ledger.signature import RECORD, Detached, parse_detached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.ledger.report import Problems
    from affidavit.ledger.trust import Voucher, Vouchers
    from affidavit.model import StoredRecord, Value

WITH_ENDORSEMENT = frozenset({semconv.STREAM_START, semconv.STREAM_CHECKPOINT, semconv.STREAM_END})
"""The events whose text carries the endorsement of the stream's key."""


class Proof(NamedTuple):
    """How a record is proven by itself."""

    signed: int
    """One of rows.UNSIGNED to rows.UNCHECKED."""
    carried: Voucher | None
    """Of the endorsement on the log record: for an adopted record, that of the adopter's key."""
    sealed: Voucher | None
    """Of the endorsement in the text of start, checkpoint and end."""
    problems: Problems


def prove(stored: StoredRecord, statement: Mapping[str, Value], text: bytes, vouchers: Vouchers) -> Proof:
    """Check the signature and the endorsements of a record."""
    problems: Problems = []
    carried = _verify(stored.endorsement, vouchers, problems)
    sealed = None
    if statement[semconv.EVENT_NAME] in WITH_ENDORSEMENT:
        sealed = _verify_sealed(statement, vouchers, problems)
    is_refused = bool(problems)
    signed = rows.UNSIGNED
    if stored.signature is not None:
        signed = _check_signature(stored.signature, statement, text, (carried, sealed), problems)
    elif carried is not None and carried.endorsement.stream_id != statement[semconv.STREAM_ID]:
        problems.append((Kind.ENDORSEMENT, "the endorsement is of another stream's key"))
    return Proof(rows.REFUSED if is_refused else signed, carried, sealed, problems)


def _check_signature(
    jws: str,
    statement: Mapping[str, Value],
    text: bytes,
    vouchers: tuple[Voucher | None, Voucher | None],
    problems: Problems,
) -> int:
    """What `jws` says of `text`."""
    try:
        detached = parse_detached(jws)
    except MalformedError as error:
        problems.append((Kind.SIGNATURE, str(error)))
        return rows.REFUSED
    voucher = _find_voucher(detached, vouchers)
    if voucher is None:
        return rows.UNCHECKED
    problem = _refuse(detached, voucher, str(statement[semconv.STREAM_ID]), text)
    if problem:
        problems.append(problem)
        return rows.REFUSED
    return rows.SIGNED if detached.typ == RECORD else rows.ADOPTED


def _find_voucher(detached: Detached, vouchers: tuple[Voucher | None, Voucher | None]) -> Voucher | None:
    carried, sealed = vouchers
    if carried is None and sealed is not None and sealed.endorsement.stream_key.thumbprint == detached.kid:
        return sealed
    return carried


def _refuse(detached: Detached, voucher: Voucher, stream_id: str, text: bytes) -> tuple[Kind, str] | None:
    """Why the signature proves nothing; None if it does."""
    is_own = voucher.endorsement.stream_id == stream_id
    if detached.typ == RECORD and not is_own:
        return Kind.ENDORSEMENT, "the endorsement is of another stream's key"
    if detached.typ != RECORD and is_own:
        return Kind.SIGNATURE, "signed as adopted, by its own stream's key"
    if not detached.verifies(voucher.endorsement.stream_key, text):
        return Kind.SIGNATURE, "the signature does not verify"
    return None


def _verify(jws: str | None, vouchers: Vouchers, problems: Problems) -> Voucher | None:
    if jws is None:
        return None
    try:
        return vouchers.verify(jws)
    except MalformedError as error:
        problems.append((Kind.ENDORSEMENT, str(error)))
        return None


def _verify_sealed(statement: Mapping[str, Value], vouchers: Vouchers, problems: Problems) -> Voucher | None:
    jws = statement.get(semconv.ENDORSEMENT)
    voucher = _verify(jws if isinstance(jws, str) else "", vouchers, problems)
    if voucher is None or voucher.endorsement.stream_id == statement[semconv.STREAM_ID]:
        return voucher
    problems.append((Kind.ENDORSEMENT, "the endorsement in the text is of another stream's key"))
    return None
