"""What the pipeline lets a person choose: the heartbeat, and which keys are personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from affidavit import environment_variables as variables
from affidavit import semconv
from affidavit.errors import Complaint

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_HEARTBEAT_S = 300
IN_THE_TEXT = frozenset(
    {
        semconv.FORMAT,
        semconv.RECORD_ID,
        semconv.STREAM_ID,
        semconv.NUMBER,
        semconv.EVENT_NAME,
        semconv.TIMESTAMP,
        semconv.OBSERVED_TIMESTAMP,
        semconv.TRACE_ID,
        semconv.SPAN_ID,
        semconv.PREVIOUS_HASH,
        semconv.DISCLOSURE_HASHES,
        semconv.TRUNCATED,
        *semconv.RESOURCE_KEYS,
    }
)
"""What says where a record belongs and what it lacks: the proof rests on it, so it can never be erased."""
LONGEST_HEARTBEAT_S = 86_400


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """The heartbeat in seconds, and the keys that stand beside the text."""

    heartbeat_s: int = DEFAULT_HEARTBEAT_S
    personal_keys: frozenset[str] = frozenset(semconv.PERSONAL_KEYS)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> tuple[PipelineSettings, tuple[Complaint, ...]]:
        """The settings, and what cannot be used of them; where something cannot, its default stands."""
        heartbeat_s, complaints = _parse_heartbeat(environ.get(variables.HEARTBEAT.name, ""))
        personal = environ.get(variables.PERSONAL.name)
        if personal is None:
            return cls(heartbeat_s), complaints
        keys = frozenset(key.strip() for key in personal.split(",") if key.strip())
        return cls(heartbeat_s, keys - IN_THE_TEXT), complaints + _never_personal(keys & IN_THE_TEXT)


def _parse_heartbeat(text: str) -> tuple[int, tuple[Complaint, ...]]:
    if not text:
        return DEFAULT_HEARTBEAT_S, ()
    if text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_HEARTBEAT_S:
        return int(text), ()
    return DEFAULT_HEARTBEAT_S, (
        Complaint(
            variables.HEARTBEAT.name,
            f"{text!r} is not a whole number of seconds from 1 to {LONGEST_HEARTBEAT_S}",
            f"give one, or leave it out for {DEFAULT_HEARTBEAT_S}",
        ),
    )


def _never_personal(keys: frozenset[str]) -> tuple[Complaint, ...]:
    if not keys:
        return ()
    problem = f"{', '.join(sorted(keys))} must stand in the text"
    return (Complaint(variables.PERSONAL.name, problem, "leave it out"),)
