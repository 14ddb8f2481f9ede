"""The examination of one record by itself: everything that can be said of it without the records around it.

Its spelling, its disclosures, what proves it (``proof``), what stands beside the text (``likeness``) and, for a control
record, what it says about its stream or another (``claims``). Pure, and independent of the order of records: it may run
in any process. What comes out are rows (``rows``) for the judge of the stream (``judge``).
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from affidavit import semconv
from affidavit.errors import MalformedError
from affidavit.ledger import rows
from affidavit.ledger.claims import read_claims
from affidavit.ledger.disclosed import disclose, encode
from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.likeness import compare
from affidavit.ledger.proof import prove
from affidavit.ledger.report import Kind
from affidavit.ledger.statement import FACTS, UnknownFormatError, disclosure_hashes, is_uuid, parse_statement
from affidavit.ledger.trust import Vouchers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.ledger.proof import Proof
    from affidavit.ledger.report import Problems
    from affidavit.ledger.rows import Place
    from affidavit.model import StoredRecord, Value

_VOCABULARY = frozenset(value for name, value in vars(semconv).items() if name.isupper() and isinstance(value, str))


class Examiner:
    """Examines records under a set of pinned identity keys. A class, because it remembers endorsements."""

    def __init__(self, trusted: frozenset[str]) -> None:
        """`trusted` are RFC 7638 thumbprints."""
        self._vouchers = Vouchers(trusted)

    def examine(self, stored: StoredRecord, place: Place) -> list[bytes]:
        """The rows of `stored`, which stands at `place`: the record, what it claims, what is wrong with it."""
        if stored.statement is None:
            return [_refuse(stored, place, Kind.STRIPPED, "proof of a statement that is not there")]
        try:
            text = encode(stored.statement)
            statement = parse_statement(text)
            listed = disclosure_hashes(statement)
        except UnknownFormatError as error:
            return [_refuse(stored, place, Kind.FORMAT, str(error))]
        except MalformedError as error:
            return [_refuse(stored, place, Kind.SPELLING, str(error))]
        proof = prove(stored, statement, text, self._vouchers)
        problems = proof.problems
        disclosed, withheld = disclose(stored.disclosures, listed, statement, problems)
        _check_words(statement, disclosed, withheld, problems)
        _check_likeness(stored, statement, disclosed, withheld, problems)
        made = [_pack(statement, leaf_hash(text), proof, withheld, place)]
        if statement[semconv.EVENT_NAME] in semconv.CONTROL_EVENTS:
            made += _claims(statement, proof, place)
        if problems:
            made += _findings(statement, problems, place)
        return made


def _check_words(
    statement: Mapping[str, Value], disclosed: Mapping[str, Value], withheld: int, problems: Problems
) -> None:
    if not withheld and any(key not in statement and key not in disclosed for key in FACTS):
        problems.append((Kind.SPELLING, "the statement does not say who did what to what"))
    critical = statement.get(semconv.CRITICAL)
    if critical is None:
        return
    if not isinstance(critical, list):
        problems.append((Kind.SPELLING, f"{semconv.CRITICAL} is not a list of keys"))
    elif not _VOCABULARY.issuperset(critical):
        problems.append((Kind.FORMAT, "a critical key is unknown to this verifier"))


def _check_likeness(
    stored: StoredRecord,
    statement: Mapping[str, Value],
    disclosed: Mapping[str, Value],
    withheld: int,
    problems: Problems,
) -> None:
    if stored.repeated:
        problems.append((Kind.COPY, f"stands more than once: {', '.join(stored.repeated)}"))
    if any(kind is Kind.DISCLOSURE for kind, _ in problems):
        return  # what copies and sentence should say is not known
    differing, unproven = compare(stored, statement, disclosed, withheld)
    if differing:
        problems.append((Kind.COPY, f"differs from the text: {', '.join(differing)}"))
    if unproven:
        problems.append((Kind.COPY_UNPROVEN, f"proven by nothing that is here: {', '.join(unproven)}"))


def _claims(statement: Mapping[str, Value], proof: Proof, place: Place) -> list[bytes]:
    try:
        return read_claims(statement, proof, place)
    except MalformedError as error:
        is_note = semconv.CHECKPOINT in statement
        proof.problems.append((Kind.CHECKPOINT if is_note else Kind.SPELLING, str(error)))
        return []


def _pack(statement: Mapping[str, Any], leaf: bytes, proof: Proof, withheld: int, place: Place) -> bytes:
    stream_id, event = statement[semconv.STREAM_ID], statement[semconv.EVENT_NAME]
    previous = statement.get(semconv.PREVIOUS_HASH)
    voucher = proof.carried if proof.signed == rows.ADOPTED else proof.sealed or proof.carried
    is_own = voucher is not None and voucher.endorsement.stream_id == stream_id
    return rows.pack_record(
        rows.pack_uuid(stream_id),
        statement[semconv.NUMBER],
        rows.RECORD,
        leaf,
        bytes.fromhex(previous) if previous else rows.NO_HASH,
        rows.pack_uuid(statement[semconv.RECORD_ID]),
        int(statement[semconv.OBSERVED_TIMESTAMP]),
        int(voucher.endorsement.timestamp) if voucher and is_own else 0,
        voucher.endorsement.stream_key.public_bytes if voucher and is_own else rows.NO_HASH,
        voucher.identity if voucher else rows.NO_HASH,
        rows.pack_uuid(voucher.endorsement.stream_id) if voucher and proof.signed == rows.ADOPTED else rows.NO_STREAM,
        voucher is not None and voucher.trusted,
        proof.signed,
        rows.END if event == semconv.STREAM_END else event in semconv.CONTROL_EVENTS,
        withheld,
        *place,
    )


def _findings(statement: Mapping[str, Any], problems: Problems, place: Place) -> list[bytes]:
    stream, record_id = rows.pack_uuid(statement[semconv.STREAM_ID]), rows.pack_uuid(statement[semconv.RECORD_ID])
    number = statement[semconv.NUMBER]
    return [
        rows.pack_finding(kind, message, place, stream=stream, number=number, record_id=record_id)
        for kind, message in problems
    ]


def _refuse(stored: StoredRecord, place: Place, kind: Kind, message: str) -> bytes:
    """The finding of a record without a sound text. Text and copies may still say which one it was."""
    shown = dict(stored.copies)
    with contextlib.suppress(ValueError, TypeError, RecursionError):  # not JSON, or no object
        shown.update(json.loads(stored.statement or "{}"))
    stream, number, record = (shown.get(key) for key in (semconv.STREAM_ID, semconv.NUMBER, semconv.RECORD_ID))
    known = isinstance(stream, str) and is_uuid(stream) and type(number) is int and 0 < number < 2**53
    return rows.pack_finding(
        kind,
        message,
        place,
        stream=rows.pack_uuid(str(stream)) if known else rows.NO_STREAM,
        number=int(str(number)) if known else 0,
        record_id=rows.pack_uuid(record) if isinstance(record, str) and is_uuid(record) else rows.NO_RECORD,
    )
