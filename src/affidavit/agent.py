"""The entry points that ``opentelemetry-instrument`` calls, in every Python process that inherits its environment.

So nothing happens here but registering import hooks: no thread, no file, no network, no import of anything heavy. The
settings are read, and complained about, when the first framework is imported. Whatever goes wrong here, the
application and the other instrumentors start, unless ``AFFIDAVIT_REQUIRED=true`` says that they must not.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]  # no __all__

from affidavit.guard import GUARD

if TYPE_CHECKING:
    from collections.abc import Collection

    from affidavit.config import Config
    from affidavit.instrumentation._patch import Patcher
    from affidavit.process import Process
    from affidavit.request import Request, RequestAudit

EX_CONFIG = 78
"""``sysexits.h``: something was found in an unconfigured or misconfigured state."""


class Agent:
    """What the hooks of this process have set up. There is one, ``AGENT``; a fork keeps it."""

    def __init__(self) -> None:
        self.patcher: Patcher | None = None
        self.config: Config | None = None
        self.process: Process | None = None

    def set_up(self) -> None:
        """Register the import hooks, once."""
        if self.patcher is not None:
            return
        from affidavit.instrumentation import fastapi, flask
        from affidavit.instrumentation._patch import Patcher

        self.patcher = Patcher(self._is_wanted)
        self.patcher.register(flask.patches(self._begin))
        self.patcher.register(fastapi.patches(self._begin, self._flush))

    def tear_down(self) -> None:
        """Undo what was wrapped."""
        if self.patcher is not None:
            self.patcher.undo()
            self.patcher = None
        self._flush()

    def _is_wanted(self) -> bool:
        """Asked when the first framework is imported: read the settings, and say what is wrong with them."""
        from affidavit.config import Config, is_disabled

        if is_disabled(os.environ):
            say("off, as OTEL_SDK_DISABLED or OTEL_PYTHON_DISABLED_INSTRUMENTATIONS says")
            return False
        from affidavit.process import Process

        self.config = Config.from_environ(os.environ)
        if self.config.is_required:
            _refuse_unless_usable(self.config)
        for complaint in self.config.complaints:
            say(str(complaint))
        if not self.config.tokens.issuers:
            say("AFFIDAVIT_ISSUERS is not set: nobody is identified, every caller is anonymous")
        self.process = Process(self.config)
        return True

    def _begin(self, request: Request) -> RequestAudit | None:
        return self.process.begin(request) if self.process is not None else None

    def _flush(self) -> None:
        if self.process is not None:
            self.process.close()


AGENT = Agent()


def pre_instrument() -> None:
    """Entry point ``opentelemetry_pre_instrument``. Runs even if instrumentors are disabled; never raises."""
    with GUARD:
        AGENT.set_up()


class AffidavitInstrumentor(BaseInstrumentor):  # type: ignore[misc]  # the base comes without types
    """Entry point ``opentelemetry_instrumentor``, and the way to switch affidavit on and off in code."""

    def instrumentation_dependencies(self) -> Collection[str]:
        """None: whichever framework is imported is wrapped."""
        return ()

    def _instrument(self, **_: Any) -> None:
        pre_instrument()

    def _uninstrument(self, **_: Any) -> None:
        with GUARD:
            AGENT.tear_down()


def say(line: str) -> None:
    """One line to standard error: the log may not be set up yet, and a wrong setting must be seen."""
    sys.stderr.write(f"affidavit: {line}\n")
    sys.stderr.flush()


def _refuse_unless_usable(config: Config) -> None:
    from affidavit.errors import KeyFileError
    from affidavit.signing.file import load_identity_key

    problem = "; ".join(map(str, config.complaints))
    if not problem and config.signing.key_file is not None:
        try:
            load_identity_key(config.signing.key_file)
        except KeyFileError as error:
            problem = str(error)
    if problem:
        say(f"refusing to start, AFFIDAVIT_REQUIRED is set: {problem}")
        os._exit(EX_CONFIG)  # SystemExit in this hook would print a fatal error of 20 lines
