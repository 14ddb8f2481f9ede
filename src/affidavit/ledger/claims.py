"""What a control record says about its stream or another, read out of its text.

A checkpoint's note proves itself: it is believed once it verifies under the stream's key, whoever carries it. Anything
else is believed only under the signature of the stream's own key: whoever could write a dead process's spool could
have altered a record that was adopted. But which records an adopter took over is believed of an adopter that died
itself: it lets nothing count but signatures by the adopter's key, which who could write the spool does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.errors import MalformedError
from affidavit.ledger import rows
from affidavit.ledger.checkpoint import verify_checkpoint
from affidavit.ledger.statement import is_hash, is_uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from affidavit.ledger.proof import Proof
    from affidavit.ledger.rows import Place
    from affidavit.model import Value


def read_claims(statement: Mapping[str, Value], proof: Proof, place: Place) -> list[bytes]:
    """The claims of a control record as rows.

    Raises:
        MalformedError: A member is missing or has another form, or the note does not verify.
    """
    read = _READERS.get(str(statement[semconv.EVENT_NAME]))
    return [] if read is None else read(_Claimant(statement, proof, place))


class _Claimant:
    """A control record, and how its members are read. A class, because four readers share it."""

    def __init__(self, statement: Mapping[str, Value], proof: Proof, place: Place) -> None:
        self._statement = statement
        self.voucher = proof.sealed or proof.carried
        self.signed = proof.signed
        self.stream_id = str(statement[semconv.STREAM_ID])
        self.stream = rows.pack_uuid(self.stream_id)
        self.number = self.integer(semconv.NUMBER)
        self._origin = (self.stream, self.number, rows.pack_uuid(str(statement[semconv.RECORD_ID])), *place)

    def has(self, key: str) -> bool:
        return key in self._statement

    def integer(self, key: str, least: int = 0) -> int:
        value = self._statement.get(key)
        if type(value) is not int or value < least:
            raise MalformedError(f"{key} is not a number from {least}")
        return value

    def text(self, key: str, matches: Callable[[str], object] = bool) -> str:
        value = self._statement.get(key)
        if type(value) is not str or not matches(value):
            raise MalformedError(f"{key} is missing or has another form")
        return value

    def claim(self, stream: bytes, number: int, row_type: int, value: int, count: int, digest: bytes) -> bytes:
        """A claim about the place (`stream`, `number`)."""
        trusted = self.voucher is not None and self.voucher.trusted
        return rows.pack_claim(stream, number, row_type, trusted, value, count, digest, *self._origin)


def _read_start(record: _Claimant) -> list[bytes]:
    number = record.integer(semconv.SPOOL_NUMBER, 1)
    if record.number != 1 or record.has(semconv.SPOOL_PREVIOUS_HASH) != (number > 1):
        raise MalformedError("a start is record 1, and names the start before it unless it is the first")
    previous = bytes.fromhex(record.text(semconv.SPOOL_PREVIOUS_HASH, is_hash)) if number > 1 else rows.NO_HASH
    spool = rows.pack_uuid(record.text(semconv.SPOOL_ID, is_uuid))
    heartbeat_s = record.integer(semconv.HEARTBEAT_SECONDS)
    return [rows.pack_start(record.stream, 1, rows.START, heartbeat_s, spool, number, previous)]


def _read_checkpoint(record: _Claimant) -> list[bytes]:
    if record.voucher is None or record.voucher.endorsement.stream_id != record.stream_id:
        raise MalformedError("the checkpoint's key is not endorsed for this stream")
    key = record.voucher.endorsement.stream_key
    checkpoint = verify_checkpoint(record.text(semconv.CHECKPOINT), record.stream_id, key)
    newest = record.integer(semconv.SPOOL_NEWEST_NUMBER, 1)
    if not 0 < checkpoint.size < record.number:
        raise MalformedError("a checkpoint covers records before its own")
    believed = newest if record.signed == rows.SIGNED else 0
    return [record.claim(record.stream, checkpoint.size, rows.CHECKPOINT, believed, 0, checkpoint.root)]


def _read_end(record: _Claimant) -> list[bytes]:
    claimed = _read_checkpoint(record)
    if record.signed == rows.SIGNED and rows.unpack_claim(claimed[0]).number != record.number - 1:
        raise MalformedError("an end covers every record before it")
    return claimed


def _read_recovered(record: _Claimant) -> list[bytes]:
    stream = rows.pack_uuid(record.text(semconv.RECOVERED_STREAM_ID, is_uuid))
    last = record.integer(semconv.RECOVERED_LAST, 1)
    last_hash = bytes.fromhex(record.text(semconv.RECOVERED_LAST_HASH, is_hash))
    last_signed = record.integer(semconv.RECOVERED_LAST_SIGNED)
    first = record.integer(semconv.RECOVERED_FIRST)
    adoption = record.claim(stream, first, rows.ADOPTION, last, 0, rows.NO_HASH)
    if record.signed == rows.SIGNED:
        return [adoption, record.claim(stream, last, rows.RECOVERED, last_signed, 0, last_hash)]
    return [adoption] if record.signed == rows.ADOPTED else []


def _read_missing(record: _Claimant) -> list[bytes]:
    count = record.integer(semconv.MISSING_COUNT)
    stream, first, last = record.stream, record.number, 0
    if record.has(semconv.MISSING_STREAM_ID):
        stream = rows.pack_uuid(record.text(semconv.MISSING_STREAM_ID, is_uuid))
        first = record.integer(semconv.MISSING_FIRST, 1)
        last = record.integer(semconv.MISSING_LAST, first)
    if record.signed != rows.SIGNED:
        return []
    return [record.claim(stream, first, rows.MISSING, last, count, rows.NO_HASH)]


_READERS = {
    semconv.STREAM_START: _read_start,
    semconv.STREAM_CHECKPOINT: _read_checkpoint,
    semconv.STREAM_END: _read_end,
    semconv.STREAM_RECOVERED: _read_recovered,
    semconv.RECORDS_MISSING: _read_missing,
}
