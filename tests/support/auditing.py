"""An ``Auditor`` whose records end in a list, for tests of what is around it. Callers are who their header says."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from affidavit.caller import CallerBook
from affidavit.ledger.template import Template
from affidavit.model import Identity, TokenEvidence, TokenState, Verification
from affidavit.pipeline.facts import EncodedFacts, encode_facts
from affidavit.request import Auditor, RequestAudit
from affidavit.request_settings import RequestSettings
from affidavit.semconv import PERSONAL_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from affidavit.request import Request

EVIDENCE = TokenEvidence(
    issuer="https://login.example.com", algorithm="RS256", key_thumbprint="thumb", fingerprint="f" * 64, client_id="web"
)


class TrustingVerifier:
    """``Authorization: alice`` is alice. A fake: verification has tests of its own."""

    def __init__(self) -> None:
        self._seen: dict[str, Verification] = {}

    def verify(self, authorization: Sequence[str], _now_s: float) -> Verification:
        if not authorization:
            return Verification(TokenState.ABSENT)
        name = authorization[0]
        if name == "expired":
            return Verification(TokenState.EXPIRED, source="header:authorization", evidence=EVIDENCE)
        identity = Identity(EVIDENCE.issuer, name, "user", client_id="web", roles=("clerk",))
        made = Verification(TokenState.VERIFIED, source="header:authorization", identity=identity, evidence=EVIDENCE)
        return self._seen.setdefault(name, made)


class Recorder:
    """Begins audits and keeps what they emit, decoded."""

    def __init__(self, settings: RequestSettings | None = None) -> None:
        self.facts: list[dict[str, Any]] = []
        self.public: list[dict[str, Any]] = []
        self.now_ns = 1_000
        self.failures = 0
        self._ids = 0
        encode = lambda facts: encode_facts(facts, PERSONAL_KEYS)  # noqa: E731
        settings = settings or RequestSettings()
        self.auditor = Auditor(
            CallerBook(TrustingVerifier(), encode, settings.span_attributes),
            encode,
            self._emit,
            self._count_failure,
            self._new_id,
            lambda: self.now_ns,
            settings,
        )

    def begin(self, request: Request) -> RequestAudit | None:
        return self.auditor.begin(request)

    def _emit(self, facts: EncodedFacts, values: dict[str, str]) -> None:
        self.public.append(json.loads(Template(facts.public).fill(values)))
        self.facts.append(json.loads(Template(facts.public + facts.personal).fill(values)))

    def _count_failure(self) -> None:
        self.failures += 1

    def _new_id(self) -> str:
        self._ids += 1
        return str(uuid.UUID(int=self._ids, version=4))
