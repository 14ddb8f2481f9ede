"""base64url without padding (RFC 4648 section 5, RFC 7515 appendix C): one spelling for each byte string."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from affidavit.errors import MalformedError

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/!!!")  # what base64url does not have becomes what base64 does not have


def encode(data: bytes) -> str:
    """`data` in base64url, unpadded."""
    return encode_bytes(data).decode()


def encode_bytes(data: bytes) -> bytes:
    """The same in ASCII."""
    return b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL)


def decode(text: str) -> bytes:
    """The bytes behind `text`.

    Raises:
        MalformedError: Another alphabet, padding, white space, or bits that the last character may not carry.
    """
    try:
        padded = text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4)
        data = a2b_base64(padded)
    except ValueError:  # binascii.Error and UnicodeEncodeError are both
        raise MalformedError("not base64url") from None
    # The library passes over foreign characters and loose bits; writing it again does not.
    if b2a_base64(data, newline=False) != padded:
        raise MalformedError("base64url has another spelling")
    return data
