"""Every error that affidavit raises, in one tree.

::

    AffidavitError
    ├── ConfigError            a setting cannot be used; carries every complaint at once
    ├── KeyFileError           a key file is missing, unreadable, or not what it should be
    ├── MalformedError         bytes that claim to be in one of our formats are not
    ├── SpoolError
    │   ├── SpoolFullError     the cap is reached, or the disk is full
    │   └── SpoolBrokenError   the directory cannot be written or has gone away
    ├── ExportError            the sink did not accept the batch; it stays in the spool
    └── ReadError              a file given to a command cannot be read

A message says where and what was expected. It never shows a token, a key or any part of a signature.
None of these is ever raised into the application: ``guard`` in ``request`` and the worker's loop stop them.
"""

from __future__ import annotations

from dataclasses import dataclass


class AffidavitError(Exception):
    """The base of the tree. Never raised itself."""


@dataclass(frozen=True)
class Complaint:
    """One setting that cannot be used: which, why, and what to do about it."""

    variable: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.problem}; {self.remedy}"


class ConfigError(AffidavitError):
    """One or more settings cannot be used."""

    def __init__(self, complaints: tuple[Complaint, ...]) -> None:
        super().__init__("; ".join(map(str, complaints)))
        self.complaints = complaints


class KeyFileError(AffidavitError):
    """A key file is missing, unreadable, or not what it should be."""


class MalformedError(AffidavitError):
    """Bytes that claim to be in one of our formats are not."""


class SpoolError(AffidavitError):
    """The spool could not take a record. The chain has not advanced."""


class SpoolFullError(SpoolError):
    """The cap is reached, or the disk is full: there may be space later."""


class SpoolBrokenError(SpoolError):
    """The directory cannot be written or has gone away."""


class ExportError(AffidavitError):
    """The sink did not accept the batch.

    ``retry_after_s`` is the sink's own wish (``Retry-After``), in seconds, where it named one.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ReadError(AffidavitError):
    """A file given to a command cannot be read."""
