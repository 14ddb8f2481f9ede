"""One stream at work: the logger that seals, the two threads behind it, and their orderly end.

One thread signs and never waits for a network; the other ships. Both start with the first record.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING

from affidavit.errors import ExportError, SpoolError
from affidavit.pipeline.worker import Worker

if TYPE_CHECKING:
    from affidavit.entropy import EntropyBlock
    from affidavit.interfaces import Exporter, Spool
    from affidavit.pipeline.audit_logger import AuditLogger
    from affidavit.pipeline.facts import EncodedFacts
    from affidavit.pipeline.shipper import Shipper
    from affidavit.pipeline.signer import StreamSigner

_log = logging.getLogger(__name__)


class Pipeline:
    """From facts to the sink. Lives as long as its stream."""

    def __init__(
        self,
        logger: AuditLogger,
        signer: StreamSigner,
        shipper: Shipper,
        spool: Spool,
        exporter: Exporter,
        entropy: EntropyBlock,
    ) -> None:
        self.logger = logger
        self._signer = signer
        self._shipper = shipper
        self._spool = spool
        self._exporter = exporter
        self._entropy = entropy
        self._signing = Worker("signer", self._sign)
        self._shipping = Worker("shipper", self._ship)

    def start(self) -> None:
        """Start the threads."""
        try:
            self._signing.start()
            self._shipping.start()
        except RuntimeError:  # too late in the interpreter's life: ``close`` does the work
            _log.debug("affidavit: no thread can be started any more")

    def emit(self, facts: EncodedFacts, values: dict[str, str]) -> None:
        """Seal a record of `facts`, its gaps filled with `values`, now; it is signed and shipped soon.

        Raises:
            StreamClosedError: ``close`` came first.
        """
        self.logger.emit(facts, values)
        self._signing.wake()

    def close(self, timeout_s: float) -> None:
        """Seal the end, ship what can be shipped in `timeout_s`, leave the rest in the spool for an adopter."""
        deadline = monotonic() + timeout_s
        if not self._signing.stop(timeout_s):
            return
        self.logger.settle()
        try:
            self._signer.end()
        except SpoolError as error:
            _log.warning("affidavit: the stream stays open: %s", error)
        if not self._shipping.stop(max(0.0, deadline - monotonic())):
            return  # it hangs in a request to the sink; the spool is still its own
        self._ship_until(deadline)
        self._shipper.close()
        self._spool.close()
        self._exporter.close()

    def abandon(self) -> None:
        """In a forked child, where the threads are not: the stream is the parent's."""
        self._spool.abandon()

    def _ship_until(self, deadline: float) -> None:
        try:
            while monotonic() < deadline and self._shipper.ship():
                pass
        except ExportError as error:
            _log.warning("affidavit: records stay in the spool: %s", error)

    def _ship(self) -> float:
        pause_s = self._shipper.step()
        if self.logger.stream.has_unsigned:  # it has sealed what it had to say of a dead process's records
            self._signing.wake()
        return pause_s

    def _sign(self) -> float:
        self.logger.settle()
        pause_s = self._signer.step()
        self._entropy.refill()
        self._spool.prepare()
        self._shipping.wake()
        return pause_s
