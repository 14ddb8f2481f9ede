"""Edwards25519 by hand (RFC 8032 section 5.1), slowly: points with a part of small order, which no library makes."""

from __future__ import annotations

from hashlib import sha512

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
NEUTRAL = (0, 1)
EIGHT = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
"""A point of order 8."""


def add(one, other):
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def multiply(scalar, point):
    result = NEUTRAL
    for bit in f"{scalar:b}":
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def encode(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 != sign else x), y


BASE = decode(encode((0, 4 * pow(5, -1, P) % P)))
SMALL = [multiply(times, decode(EIGHT)) for times in range(8)]
"""The eight points of small order; the first is the neutral one."""


def sign(message, key, nonce, *, key_part=NEUTRAL, nonce_part=NEUTRAL):
    """A public key and a signature whose points each have a part of small order: right but for those parts."""
    public = encode(add(multiply(key, BASE), key_part))
    r = encode(add(multiply(nonce, BASE), nonce_part))
    h = int.from_bytes(sha512(r + public + message).digest(), "little")
    return public, r + ((nonce + h * key) % ORDER).to_bytes(32, "little")
