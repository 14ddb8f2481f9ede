"""Opens a stream: a fresh key, vouched for by the identity key, a spool of its own, a place among the streams.

A stream exists once its start stands in the spool root's ``streams`` file. The start is sealed first and listed after,
under one file lock, and nothing else is sealed before. So a process that is killed in between leaves a spool that
never was a stream.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.entropy import EntropyBlock
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
from affidavit.spool import orphan, streams
from affidavit.spool.disk import DiskSpool
from affidavit.spool.memory import MemorySpool
from affidavit.spool.payload import Label
from affidavit.spool.streams import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from affidavit.interfaces import Clock, Entropy, Exporter, IdentityKey, Spool
    from affidavit.model import Value
    from affidavit.pipeline.losses import Losses
    from affidavit.pipeline.settings import PipelineSettings
    from affidavit.spool.directories import Owner
    from affidavit.spool.orphan import Orphan
    from affidavit.spool.settings import SpoolSettings

_log = logging.getLogger(__name__)

MEMORY_BYTES = 64 * 1024 * 1024
_SEED_BYTES = 32
_UNKNOWN_SERVICE = "unknown_service"


@dataclass(frozen=True, slots=True)
class World:
    """What a process hands to its pipeline: who it is, what time it is, and chance."""

    resource: Mapping[str, Value]
    owner: Owner
    clock: Clock
    entropy: Entropy
    jitter: Callable[[], float]
    """From 0 to 1."""
    losses: Losses
    """What is to be declared, by this stream or a later one."""


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
    start = _Start(world, identity, settings)
    root = spool_settings.directory
    spool: Spool
    try:
        label = Label(start.stream_id, format_meta(start.endorsement, world.resource))
        spool = DiskSpool(root, label, world.owner, world.entropy, spool_settings.max_bytes)
        logger = start.on_disk(spool, spool_settings)
        newest_number = _reader_of_newest_number(spool_settings)
    except SpoolError as error:
        _log.warning("affidavit: the spool is in memory, its records die with the process: %s", error)
        spool = MemorySpool(min(MEMORY_BYTES, spool_settings.max_bytes))
        logger = start.in_memory(spool)
        newest_number = _first_number
    signer = StreamSigner(logger, settings.heartbeat_s, world.clock, newest_number)
    delivery = Delivery(exporter, statement_as_body=statement_as_body)

    def find_orphans() -> Iterator[Orphan]:
        return orphan.adopt_orphans(root)

    adopter = Adopter(logger, delivery, world.clock, find_orphans, lambda text: streams.contains(root, text))
    shipper = Shipper(spool, signer, world.resource, delivery, adopter, logger.declare, world.jitter, world.clock)
    return Pipeline(logger, signer, shipper, spool, exporter, start.block)


class _Start:
    """A stream's beginnings: what is made before it is known where it will live."""

    def __init__(self, world: World, identity: IdentityKey, settings: PipelineSettings) -> None:
        self.block = EntropyBlock(world.entropy)
        self.stream_id = self.block.take_uuid4()
        self._world = world
        self._settings = settings
        self._key = StreamKey(world.entropy(_SEED_BYTES))
        service_name = str(world.resource.get(semconv.SERVICE_NAME) or _UNKNOWN_SERVICE)
        self.endorsement = endorse(identity, self.stream_id, self._key.public_jwk, service_name, world.clock())

    def on_disk(self, spool: DiskSpool, settings: SpoolSettings) -> AuditLogger:
        """The logger of a stream that is listed in the spool root.

        Raises:
            SpoolError: There is no space for its start.
        """
        logger = self._make_logger(spool)
        try:
            streams.register(settings.directory, lambda place: self._seal(logger, place), self._world.entropy)
        except SpoolError:
            spool.close()
            raise
        return logger

    def in_memory(self, spool: Spool) -> AuditLogger:
        """The logger of a stream that is alone in a root of its own."""
        logger = self._make_logger(spool)
        self._seal(logger, Place(self.block.take_uuid4(), 1, None))
        return logger

    def _make_logger(self, spool: Spool) -> AuditLogger:
        world = self._world
        stream = Stream(self.stream_id, self._key, self.endorsement, spool, world.clock)
        origin = {name: world.resource[name] for name in semconv.RESOURCE_KEYS if name in world.resource}
        return AuditLogger(stream, origin, self._settings.personal_keys, self.block, world.clock, world.losses)

    def _seal(self, logger: AuditLogger, place: Place) -> bytes:
        before = place.previous_text
        previous_hash = leaf_hash(before).hex() if before is not None else None
        facts = start_facts(self.endorsement, self._settings.heartbeat_s, place.spool_id, place.number, previous_hash)
        return logger.emit_control(semconv.STREAM_START, facts).text


def _reader_of_newest_number(settings: SpoolSettings) -> Callable[[], int]:
    return lambda: streams.newest_number(settings.directory)


def _first_number() -> int:
    return 1
