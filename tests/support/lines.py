"""A whole pipeline under a test's hand: real spool, real keys, a clock that the test moves, a sink that it controls."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from affidavit.pipeline.losses import Losses
from affidavit.pipeline.opening import World, open_pipeline
from affidavit.pipeline.settings import PipelineSettings
from affidavit.signing.file import make_identity_key
from affidavit.spool.directories import Owner
from affidavit.spool.settings import SpoolSettings

if TYPE_CHECKING:
    from pathlib import Path

    from affidavit.errors import ExportError
    from affidavit.model import LogRecord

SECOND = 10**9


class FakeSink:
    """An exporter that keeps what it accepts, or refuses."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []
        self.resources: list[dict[str, Any]] = []
        self.refusal: ExportError | None = None
        self.tries = 0

    def export(self, resource, records) -> None:
        self.tries += 1
        if self.refusal is not None:
            raise self.refusal
        self.resources.append(dict(resource))
        self.records.extend(records)

    def close(self) -> None:
        pass

    @property
    def events(self) -> list[str]:
        return [record.event_name for record in self.records]


class Line:
    """A pipeline whose threads are not started: the test takes their steps."""

    def __init__(self, root: Path, *, max_bytes: int = 1 << 20, heartbeat_s: int = 300, identity=None) -> None:
        self.sink = FakeSink()
        self.now_ns = 1_800_000_000 * SECOND
        self.identity = identity or make_identity_key()
        world = World(
            {"service.name": "orders"},
            Owner("host", os.getpid(), 1),
            lambda: self.now_ns,
            os.urandom,
            lambda: 1.0,
            Losses(),
        )
        self.pipeline = open_pipeline(
            world,
            self.identity,
            self.sink,
            PipelineSettings(heartbeat_s),
            SpoolSettings(root, max_bytes),
            statement_as_body=False,
        )
        self.logger = self.pipeline.logger
        self.stream = self.logger.stream
        self.signer = self.pipeline._signer
        self.shipper = self.pipeline._shipper

    def emit(self, **facts: Any):
        """Seal one record."""
        base = {
            "event_name": "order.approved",
            "timestamp": str(self.now_ns),
            "audit.record.id": self.logger.new_record_id(),
        }
        about = {
            "audit.actor.id": "alice",
            "audit.actor.type": "user",
            "audit.action": "APPROVE",
            "audit.outcome": "success",
        }
        target = {"audit.target.id": "/orders/17", "audit.target.type": "order"}
        return self.logger.emit(self.logger.encode({**base, **about, **target, **facts}))

    def die(self) -> None:
        """What a killed process does: the lock goes, everything else stays."""
        self.pipeline._spool._directory.release()
