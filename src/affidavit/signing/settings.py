"""Which identity key vouches for this service's streams."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from affidavit import environment_variables as variables
from affidavit.errors import Complaint

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = b"-----BEGIN PRIVATE KEY-----"
_LOOK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """The key file; None for one of the spool's own."""

    key_file: Path | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> tuple[SigningSettings, tuple[Complaint, ...]]:
        """The settings, and what cannot be used of them. A look at the text: reading the key takes heavy imports."""
        name = environ.get(variables.SIGNING_KEY_FILE.name)
        if not name:
            return cls(), ()
        path = Path(name)
        try:
            with path.open("rb") as file:
                is_private_key = _HEAD in file.read(_LOOK_BYTES)
        except OSError as error:
            problem = f"{path} cannot be read ({error.strerror})"
        else:
            if is_private_key:
                return cls(path), ()
            problem = f"{path} is not a PKCS#8 PEM private key"
        remedy = f"make one with `affidavit keys generate {path}`; the spool's own key is used now"
        return cls(), (Complaint(variables.SIGNING_KEY_FILE.name, problem, remedy),)
