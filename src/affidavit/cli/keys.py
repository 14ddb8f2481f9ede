"""``affidavit keys``: make an identity key, and export the public half that verifiers pin."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import Namespace

    Subparsers = Any


def add_parser(subparsers: Subparsers) -> None:
    """``keys generate PATH`` and ``keys export PATH``."""
    parser = subparsers.add_parser("keys", help="make an identity key, export its public half")
    actions = parser.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    generate = actions.add_parser("generate", help="make an Ed25519 key (PKCS#8 PEM, mode 0600); overwrites nothing")
    export = actions.add_parser("export", help="print the public half as a JSON Web Key Set")
    for action in (generate, export):
        action.add_argument("path", type=Path, metavar="PATH", help="the key's file, PEM")


def run(args: Namespace) -> int:
    """Carry out the action; 0.

    Raises:
        KeyFileError: The file cannot be used, or is there already.
    """
    return _generate(args.path) if args.action == "generate" else _export(args.path)


def _generate(path: Path) -> int:
    from affidavit.ledger.keys import load_verify_key
    from affidavit.signing.file import generate_identity_key

    thumbprint = load_verify_key(generate_identity_key(path).public_jwk).thumbprint
    name = shlex.quote(str(path))
    sys.stderr.write(
        f"{path}: a new Ed25519 key (mode 0600), thumbprint {thumbprint}\n"
        "Keep it private: whoever holds it can seal records in this service's name.\n"
        f"Give it to the service:            export AFFIDAVIT_SIGNING_KEY_FILE={name}\n"
        f"Give verifiers its public half:    affidavit keys export {name} > keys.json\n"
    )
    return 0


def _export(path: Path) -> int:
    from affidavit.signing.file import format_jwks, load_public_jwk

    sys.stdout.write(json.dumps(format_jwks(load_public_jwk(path)), indent=2) + "\n")
    return 0
