"""Facts become a sealed record: split by what is personal, salted, numbered, linked, spooled. Never raises.

On the request's path: nothing here gives up the GIL (see ``ledger.hashing``, ``entropy`` and the spool's writer).
A record that cannot be kept is counted, and declared as soon as one can be kept again.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from affidavit import semconv
from affidavit.errors import SpoolError
from affidavit.ledger.canonical import MAX_TEXT_BYTES, encode_member
from affidavit.ledger.disclosure import disclosure_template, spell_salt
from affidavit.ledger.hashing import disclosure_hash
from affidavit.ledger.template import GAP, Template, leave_gap
from affidavit.pipeline.control import Missing, encode_control, missing_facts
from affidavit.pipeline.facts import EncodedFacts, encode_facts
from affidavit.pipeline.stream import OversizeError, StreamClosedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from affidavit.entropy import EntropyBlock
    from affidavit.interfaces import Clock
    from affidavit.model import SealedRecord, Value
    from affidavit.pipeline.facts import Later
    from affidavit.pipeline.losses import Losses
    from affidavit.pipeline.stream import Stream

_log = logging.getLogger(__name__)
_SHORT = 256
_REMEMBERED = 1024


class RecordTemplate(NamedTuple):
    """What every record of one kind says, in its text and beside it."""

    text: Template
    disclosure: Template | None


class AuditLogger:
    """Seals records into one stream."""

    def __init__(
        self,
        stream: Stream,
        origin: Mapping[str, Value],
        personal_keys: Collection[str],
        entropy: EntropyBlock,
        clock: Clock,
        losses: Losses,
    ) -> None:
        """`origin` names the service, by ``semconv.RESOURCE_KEYS``; `losses` are the process's, to be declared."""
        self.stream = stream
        self.new_record_id = entropy.take_uuid4
        """A fresh ``audit.record.id``."""
        self._losses = losses
        self._personal_keys = frozenset(personal_keys)
        self._entropy = entropy
        self._clock = clock
        self._constant = encode_facts(
            {semconv.FORMAT: semconv.FORMAT_VERSION, semconv.STREAM_ID: stream.stream_id, **origin}, ()
        ).public
        self._recall_template = lru_cache(_REMEMBERED)(self._make_template)

    def encode(self, facts: Mapping[str, Value | Later | None]) -> EncodedFacts:
        """`facts` in the form that ``emit`` takes, to be kept and joined to others."""
        return encode_facts(facts, self._personal_keys)

    def emit(self, facts: EncodedFacts, values: dict[str, str] | None = None) -> SealedRecord | None:
        """Seal a record of `facts`, or count it as missing.

        `values` fill the gaps of `facts`, by key and as JSON spells them. Facts with gaps are worth remembering: the
        next record of the same ones costs a third. The dictionary is the callee's from now on.
        """
        try:
            if self._losses.missing is not None:
                self._declare_losses()
            try:
                if values is None:
                    return self._seal(self._make_template(facts), {})
                return self._seal(self._recall_template(facts), values)
            except OversizeError:
                return self._seal(self._make_template(_shorten(facts, values or {})), {})
        except SpoolError as error:
            now = self._clock()
            self._lose(Missing(count=1, reason=_reason(error), since_ns=now, until_ns=now), error)
            return None

    def emit_control(self, event_name: str, facts: Mapping[str, Value], *, last: bool = False) -> SealedRecord:
        """Seal one of the stream's own records; `last` ends the stream.

        Raises:
            SpoolError: The spool did not take it.
            StreamClosedError: The stream has ended.
        """
        members = encode_control(event_name, self.new_record_id(), self.stream.stream_id, self._clock(), facts)
        return self.stream.seal(Template((*self._constant, *members, *self.stream.gaps)), {}, last=last)

    def settle(self) -> None:
        """Declare what was lost, if there is room for it now; else it stays counted."""
        if self._losses.missing is not None:
            with suppress(SpoolError, StreamClosedError):
                self._declare_losses()

    def declare(self, missing: Missing) -> None:
        """Say that `missing` is missing, now or as soon as the spool takes it."""
        try:
            self.emit_control(semconv.RECORDS_MISSING, missing_facts(missing))
        except SpoolError as error:
            self._lose(missing, error)

    def _make_template(self, facts: EncodedFacts) -> RecordTemplate:
        public = [*self._constant, *facts.public, *self.stream.gaps]
        if facts.truncated:
            public.append(encode_member(semconv.TRUNCATED, sorted(facts.truncated)))
        if not facts.personal:
            return RecordTemplate(Template(public), None)
        public.append(leave_gap(semconv.DISCLOSURE_HASHES))
        return RecordTemplate(Template(public), disclosure_template(facts.personal))

    def _seal(self, template: RecordTemplate, values: dict[str, str]) -> SealedRecord:
        text, beside = template
        if beside is None:
            return self.stream.seal(text, values)
        values[semconv.SALT] = spell_salt(self._entropy.take())
        disclosure = beside.fill(values)
        if len(disclosure) > MAX_TEXT_BYTES:
            raise OversizeError(f"a disclosure of {len(disclosure)} bytes")
        values[semconv.DISCLOSURE_HASHES] = f'["{disclosure_hash(disclosure)}"]'
        return self.stream.seal(text, values, (disclosure,))

    def _declare_losses(self) -> None:
        missing = self._losses.take()
        if missing is None:
            return
        try:
            self.emit_control(semconv.RECORDS_MISSING, missing_facts(missing))
        except (SpoolError, StreamClosedError):
            self._losses.add(missing)
            raise
        _log.warning("affidavit: recording again; %d records are declared missing (%s)", missing.count, missing.reason)

    def _lose(self, missing: Missing, error: SpoolError) -> None:
        if self._losses.add(missing):
            _log.error("affidavit: records are being lost and counted: %s", error)


def _reason(error: SpoolError) -> str:
    return type(error).__name__.removesuffix("Error").removeprefix("Spool").lower()


def _shorten(facts: EncodedFacts, values: Mapping[str, str]) -> EncodedFacts:
    """`facts` without gaps, every long value cut to 256 characters (lists to a few items), so that any record fits."""
    truncated = set(facts.truncated)

    def cut(member: str) -> str:
        if member.endswith(GAP):
            member = member[: -len(GAP)] + values[member.split('"', 2)[1]]
        if len(member) <= 2 * _SHORT:
            return member
        ((key, value),) = json.loads(f"{{{member}}}").items()
        truncated.add(key)
        return encode_member(key, value[:_SHORT] if isinstance(value, str) else [item[:_SHORT] for item in value[:4]])

    return EncodedFacts(tuple(map(cut, facts.public)), tuple(map(cut, facts.personal)), tuple(truncated))
