"""Opens a stream: a fresh key, vouched for by the identity key, a spool of its own, and its place among the streams.

A stream exists once its start stands in the spool root's ``streams`` file. The start is sealed first and listed
after, under one file lock; nothing else is sealed before. So a process killed in between leaves a spool that never
was a stream.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.entropy import EntropyBlock, format_uuid4
from affidavit.errors import SpoolError
from affidavit.ledger.endorsement import endorse
from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.keys import StreamKey
from affidavit.pipeline.adoption import Adopter, format_meta
from affidavit.pipeline.audit_logger import AuditLogger
from affidavit.pipeline.control import start_facts
from affidavit.pipeline.delivery import Delivery
from affidavit.pipeline.pipeline import Pipeline
from affidavit.pipeline.shipper import Shipper
from affidavit.pipeline.signer import StreamSigner
from affidavit.pipeline.stream import Stream
from affidavit.spool import directories, streams
from affidavit.spool.disk import DiskSpool
from affidavit.spool.memory import MemorySpool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from affidavit.interfaces import Clock, Entropy, Exporter, IdentityKey, Spool
    from affidavit.model import Value
    from affidavit.pipeline.settings import PipelineSettings
    from affidavit.spool.settings import SpoolSettings

_log = logging.getLogger(__name__)

MEMORY_BYTES = 64 * 1024 * 1024
_SEED_BYTES = 32
_UNKNOWN_SERVICE = "unknown_service"


@dataclass(frozen=True, slots=True)
class World:
    """What a process hands to its pipeline: who it is, what time it is, and chance."""

    resource: Mapping[str, Value]
    clock: Clock
    entropy: Entropy
    jitter: Callable[[], float]
    """From 0 to 1."""


def open_pipeline(
    world: World,
    identity: IdentityKey,
    exporter: Exporter,
    settings: PipelineSettings,
    spool_settings: SpoolSettings,
    *,
    statement_as_body: bool,
) -> Pipeline:
    """A pipeline whose stream has started. Where the disk refuses, it lives in memory, and says so."""
    block = EntropyBlock(world.entropy)
    stream_id = format_uuid4(block.take())
    key = StreamKey(world.entropy(_SEED_BYTES))
    service_name = str(world.resource.get(semconv.SERVICE_NAME) or _UNKNOWN_SERVICE)
    endorsement = endorse(identity, stream_id, key.public_jwk, service_name, world.clock())

    def start(spool: Spool) -> tuple[Stream, AuditLogger]:
        stream = Stream(stream_id, key, endorsement, spool, world.clock)
        origin = {name: world.resource[name] for name in semconv.RESOURCE_KEYS if name in world.resource}
        return stream, AuditLogger(stream, origin, settings.personal_keys, block, world.clock)

    spool: Spool
    try:
        spool = DiskSpool.open(...)
    except SpoolError as error:
        _log.warning("affidavit: the spool is in memory, records are lost if the process dies: %s", error)
        spool = MemorySpool(stream_id, MEMORY_BYTES)
    ...
