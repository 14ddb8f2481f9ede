"""Posts batches to an OTLP receiver over HTTP, one at a time, each accepted whole or not at all.

No redirect is followed: a POST that became a GET of a login page is no delivery. Proxies are those of the environment.
Nothing is tried twice here; that is the shipper's business. No message shows a header, a password or a query.
"""

from __future__ import annotations

import gzip
import logging
from typing import TYPE_CHECKING

from affidavit.errors import ExportError
from affidavit.export.otlp_answer import LONGEST_BODY, parse_partial_success, refusal
from affidavit.export.otlp_environment import without_secrets
from affidavit.export.otlp_protobuf import encode_request

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import requests

    from affidavit.export.settings import ExportSettings
    from affidavit.interfaces import Clock
    from affidavit.model import LogRecord, Value

_log = logging.getLogger(__name__)
_NS = 1_000_000_000
_SUCCESS = range(200, 300)
_GZIP_LEVEL = 6
_SHORTEST_SECRET = 6
_LONGEST_WORDS = 200


class OtlpHttpExporter:
    """Speaks to one receiver. The first export imports ``requests`` and connects, so both happen on the worker."""

    def __init__(self, settings: ExportSettings, clock: Clock, version: str) -> None:
        self._settings = settings
        self._clock = clock
        self._version = version
        self._name = without_secrets(settings.endpoint)
        self._headers = _headers(settings, version)
        self._session: requests.Session | None = None
        self._has_warned = False

    def export(self, resource: Mapping[str, Value], records: Collection[LogRecord]) -> None:
        """Post the batch.

        Raises:
            ExportError: The receiver did not accept all of it, or nobody knows whether it did. Where it rejects some
                records, OTLP would have none sent again; the audit draft asks for the whole batch, and so does this.
        """
        data = encode_request(resource, records, self._version)
        if self._settings.compression == "gzip":
            data = gzip.compress(data, _GZIP_LEVEL)
        try:
            words = self._deliver(data, len(records))
        except ExportError as error:
            raise ExportError(f"{self._name} {error}", error.retry_after_s) from None
        if words and not self._has_warned:
            self._has_warned = True
            _log.warning("affidavit: %s accepted records and warns (said once): %s", self._name, words)

    def close(self) -> None:
        """Let go of the connection."""
        if self._session is not None:
            self._session.close()

    def _deliver(self, data: bytes, count: int) -> str:
        """Post `count` records; the receiver's words beside its success."""
        status, headers, body = self._post(data)
        if status not in _SUCCESS:
            raise refusal(status, headers.get("retry-after"), self._clock())
        rejected, words = parse_partial_success(body, headers.get("content-type", ""))
        words = self._fit_to_show(words)
        if rejected > 0:
            raise ExportError(f"rejected {rejected} of {count} records: {words or 'it gave no reason'}")
        return words

    def _post(self, data: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers, and the body of a success."""
        import requests
        from opentelemetry.instrumentation.utils import suppress_instrumentation
        from urllib3.exceptions import HTTPError
        from urllib3.exceptions import TimeoutError as SilenceError
        from urllib3.util import Timeout

        settings = self._settings
        deadline_ns = self._clock() + int(settings.timeout_s * _NS)
        try:
            with (
                suppress_instrumentation(),
                self._connected().post(
                    settings.endpoint,
                    data=data,
                    headers=self._headers,
                    timeout=Timeout(total=settings.timeout_s),  # type: ignore[arg-type]  # the stubs know numbers only
                    allow_redirects=False,
                    stream=True,
                    # Given with each request, or REQUESTS_CA_BUNDLE would stand over it.
                    verify=settings.certificate or True,
                    cert=_client_certificate(settings),
                ) as response,
            ):
                body = self._read(response, deadline_ns) if response.status_code in _SUCCESS else b""
                return response.status_code, response.headers, body
        except (requests.Timeout, SilenceError):
            raise self._too_late() from None
        except (OSError, ValueError, HTTPError) as error:  # requests' own errors are OSErrors
            raise ExportError(f"gave no answer: {_root_cause(error)}") from None

    def _read(self, response: requests.Response, deadline_ns: int) -> bytes:
        """Up to one byte more than an answer may have; a body that drips is as late as none."""
        # urllib3 1.26 has no read1; its read returns once it has all, or after a silence of the whole timeout.
        read = getattr(response.raw, "read1", response.raw.read)
        body = b""
        while len(body) <= LONGEST_BODY:
            chunk = read(LONGEST_BODY + 1 - len(body), decode_content=True)
            if not chunk:
                break
            body += chunk
            if self._clock() > deadline_ns:
                raise self._too_late()
        return body

    def _too_late(self) -> ExportError:
        return ExportError(f"did not answer within {self._settings.timeout_s:g} s")

    def _connected(self) -> requests.Session:
        if self._session is None:
            import requests

            self._session = requests.Session()
            if "authorization" in self._headers:
                # Without this, requests lets ~/.netrc write over the header that was configured.
                self._session.auth = lambda request: request
        return self._session

    def _fit_to_show(self, words: str) -> str:
        """`words` in one short line without our own headers' values: a receiver may quote what it refuses."""
        for _, value in self._settings.headers:
            for secret in value.split():
                if len(secret) >= _SHORTEST_SECRET:
                    words = words.replace(secret, "[hidden]")
        return "".join(char if char.isprintable() else " " for char in words[:_LONGEST_WORDS]).strip()


def _headers(settings: ExportSettings, version: str) -> dict[str, str]:
    encoding = {"content-encoding": "gzip"} if settings.compression == "gzip" else {}
    return {
        "user-agent": f"affidavit/{version}",
        "accept-encoding": "identity",
        **dict(settings.headers),
        "content-type": "application/x-protobuf",
        **encoding,
    }


def _client_certificate(settings: ExportSettings) -> str | tuple[str, str] | None:
    if settings.client_certificate and settings.client_key:
        return settings.client_certificate, settings.client_key
    return settings.client_certificate


def _root_cause(error: BaseException) -> str:
    """What the system says, from under the layers of the HTTP library, whose own words quote the URL."""
    if type(error) is OSError:  # requests itself, of a certificate file that is gone
        return str(error)
    cause = error
    while not (isinstance(cause, OSError) and cause.strerror):
        below = cause.__cause__ or cause.__context__
        if below is None:
            return type(cause).__name__
        cause = below
    return cause.strerror
