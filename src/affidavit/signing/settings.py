"""Which identity key vouches for this service's streams."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from affidavit import environment_variables as variables
from affidavit.errors import Complaint, KeyFileError
from affidavit.signing.pem import read_private_block

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """The key file; None for one of the spool's own."""

    key_file: Path | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> tuple[SigningSettings, tuple[Complaint, ...]]:
        """The settings, and what cannot be used of them. A look at the labels: reading the key takes heavy imports."""
        name = environ.get(variables.SIGNING_KEY_FILE.name)
        if not name:
            return cls(), ()
        path = Path(name)
        try:
            read_private_block(path)
        except KeyFileError as error:
            remedy = "make one with `affidavit keys generate PATH`; the spool's own key is used now"
            return cls(), (Complaint(variables.SIGNING_KEY_FILE.name, str(error), remedy),)
        return cls(path), ()
