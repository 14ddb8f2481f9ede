"""The endorsement: a compact JWS (RFC 7515) by which the identity key vouches for the key of one stream.

Header, exactly, in RFC 8785 spelling: ``{"alg":…,"jwk":{…},"typ":"affidavit-stream+jws"}``, ``jwk`` being the
identity's public key and ``alg`` that key's algorithm (``EdDSA`` or ``ES256``). Payload, likewise::

    {"affidavit.format":"1","audit.sequence.stream_id":…,"jwk":{…},"service.name":…,"timestamp":…}

``jwk`` being the stream's Ed25519 key. A stream key is good for its own stream only. The signature proves that the key
in the header made this; whether that key is trusted is for the verifier, who pins identity keys.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from affidavit import base64url, semconv
from affidavit.errors import MalformedError
from affidavit.ledger.keys import VerifyKey, load_verify_key
from affidavit.ledger.statement import is_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.interfaces import IdentityKey

TYPE = "affidavit-stream+jws"
_LENGTH_LIMIT = 4096
_SEGMENTS = 3


@dataclass(frozen=True, slots=True)
class Endorsement:
    """What an identity key has vouched for. Its signature has been checked; its trust has not."""

    identity: VerifyKey
    stream_id: str
    stream_key: VerifyKey
    service_name: str
    timestamp: str
    """Decimal nanoseconds."""


def endorse(
    identity: IdentityKey, stream_id: str, stream_jwk: Mapping[str, str], service_name: str, timestamp_ns: int
) -> str:
    """The compact JWS by which `identity` vouches for the stream's key."""
    header = _spell({"alg": identity.algorithm, "jwk": dict(identity.public_jwk), "typ": TYPE})
    payload = _spell(_payload(stream_id, stream_jwk, service_name, str(timestamp_ns)))
    signing_input = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    return f"{signing_input}.{base64url.encode(identity.sign(signing_input.encode()))}"


def verify_endorsement(jws: str) -> Endorsement:
    """What `jws` vouches for, once the key in its own header was found to have signed it.

    Raises:
        MalformedError: Another form or spelling, or the signature does not verify.
    """
    segments = jws.split(".") if len(jws) <= _LENGTH_LIMIT else []
    if len(segments) != _SEGMENTS:
        raise MalformedError("the endorsement is not a compact JWS")
    header, payload = _parse(segments[0]), _parse(segments[1])
    identity = load_verify_key(_object(header, "jwk"))
    if header != {"alg": identity.algorithm, "jwk": identity.public_jwk, "typ": TYPE}:
        raise MalformedError("the endorsement's header is not exactly alg, jwk and typ")
    if not identity.verifies(base64url.decode(segments[2]), f"{segments[0]}.{segments[1]}".encode()):
        raise MalformedError("the endorsement's signature does not verify")
    stream_key = load_verify_key(_object(payload, "jwk"))
    stream_id, service_name, timestamp = (
        payload.get(key) for key in (semconv.STREAM_ID, semconv.SERVICE_NAME, semconv.TIMESTAMP)
    )
    if not (isinstance(stream_id, str) and isinstance(service_name, str) and isinstance(timestamp, str)):
        raise MalformedError("the endorsement lacks a member")
    if (
        payload != _payload(stream_id, stream_key.public_jwk, service_name, timestamp)
        or stream_key.algorithm != "EdDSA"
        or not is_moment(timestamp)
    ):
        raise MalformedError("the endorsement's payload has another form")
    return Endorsement(identity, stream_id, stream_key, service_name, timestamp)


def _payload(stream_id: str, jwk: Mapping[str, str], service_name: str, timestamp: str) -> dict[str, Any]:
    return {
        semconv.FORMAT: semconv.FORMAT_VERSION,
        semconv.STREAM_ID: stream_id,
        "jwk": dict(jwk),
        semconv.SERVICE_NAME: service_name,
        semconv.TIMESTAMP: timestamp,
    }


def _spell(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _parse(segment: str) -> dict[str, Any]:
    text = base64url.decode(segment)
    try:
        members = json.loads(text)
        respelled = _spell(members)
    except (ValueError, RecursionError):
        raise MalformedError("a segment of the endorsement is not JSON") from None
    if not isinstance(members, dict) or respelled != text:
        raise MalformedError("a segment of the endorsement has another spelling")
    return members


def _object(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = members.get(name)
    if not isinstance(value, dict):
        raise MalformedError(f"the endorsement's {name} is not an object")
    return value
