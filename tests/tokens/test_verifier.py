"""Every request has exactly one outcome; only a genuine, acceptable token makes an identity."""

from __future__ import annotations

import hashlib
import hmac
import threading
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from affidavit import base64url
from affidavit.jwk import thumbprint
from affidavit.model import Identity, TokenEvidence, TokenState, Verification
from affidavit.tokens.bearer import ABSENT
from affidavit.tokens.settings import TokenSettings
from affidavit.tokens.verifier import TokenVerifier
from tokens import CLAIMS, EC_KEYS, ISSUER, KEYS, NOW, RSA_KEY, Keys, jwk_of, make_token, segment, sign, verifier

SOURCE = "header:authorization"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(**changes):
    return {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}


def header(**changes):
    made = {"alg": "RS256", "typ": "JWT", "kid": "rsa", **changes}
    return {name: value for name, value in made.items() if value is not ...}


def bearer(*args, **kwargs) -> list[str]:
    return [f"Bearer {make_token(*args, **kwargs)}"]


def verify(authorization, **options) -> Verification:
    return verifier(**options).verify(authorization, NOW)


def evidence_of(authorization: list[str], **changes) -> TokenEvidence:
    """What the good claims, signed with RS256, are evidence of."""
    signing_input = authorization[0][len("Bearer ") :].rpartition(".")[0]
    evidence = TokenEvidence(
        issuer=ISSUER,
        algorithm="RS256",
        key_thumbprint=thumbprint(KEYS[0]),
        fingerprint=hashlib.sha256(signing_input.encode()).hexdigest(),
        audience=("orders",),
        client_id="web",
        credential_id="t-1",
        issued_at=NOW - 60,
        expires_at=NOW + 600,
        scopes=("orders:read", "orders:write"),
    )
    return replace(evidence, **changes)


def refused(state: str, reason: str | None = None) -> Verification:
    return Verification(TokenState(state), reason, SOURCE)


def test_a_good_token_makes_an_identity_and_says_how_it_was_verified():
    authorization = bearer()
    assert verify(authorization) == Verification(
        state=TokenState.VERIFIED,
        source=SOURCE,
        identity=Identity(ISSUER, "alice", "user", "web", ("clerk",)),
        evidence=evidence_of(authorization),
    )


@pytest.mark.parametrize(
    ("changes", "state", "reason", "evidence"),
    [
        ({"exp": NOW - 600}, "expired", None, {"expires_at": NOW - 600}),
        ({"nbf": NOW + 600}, "not_yet_valid", "nbf", {}),
        ({"aud": "billing"}, "wrong_audience", None, {"audience": ("billing",)}),
        ({"sub": ...}, "invalid_claims", "sub", {}),
        ({"exp": ...}, "invalid_claims", "exp", {"expires_at": None}),
    ],
)
def test_an_authentic_token_that_is_not_acceptable_is_evidence_and_no_identity(changes, state, reason, evidence):
    authorization = bearer(claims=claims(**changes))
    expected = replace(refused(state, reason), evidence=evidence_of(authorization, **evidence))
    assert verify(authorization) == expected


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        ([], Verification(TokenState.ABSENT)),
        (["Basic YWxpY2U6c2VjcmV0"], refused("opaque", "scheme")),
        (["Bearer 4d5e6f"], refused("opaque", "not_a_jws")),
        (["Bearer a.b.c", "Bearer d.e.f"], refused("ambiguous", "several_headers")),
        (["Bearer a.b.c"], refused("malformed", "header")),
        (["Bearer " + "a" * 16_385], refused("too_large")),
        (bearer(header(alg="none"), signature=lambda _: b""), refused("unsupported", "alg")),
        (bearer(claims=claims(iss="https://other.example")), refused("unknown_issuer")),
        (bearer(header(kid="nobody")), refused("unknown_key")),
        (bearer(signature=lambda _: bytes(256)), refused("invalid_signature")),
        pytest.param([b"Bearer a.b.c"], refused("error", "AttributeError"), id="bytes"),
        pytest.param([7], refused("error", "TypeError"), id="a number"),
    ],
)
def test_a_token_that_is_not_authentic_says_nothing_of_itself(authorization, expected):
    assert verify(authorization) == expected


def test_keys_that_are_not_there_yet():
    assert verify(bearer(), keys=Keys(None)) == refused("keys_unavailable")


def test_without_issuers_a_token_is_of_an_unknown_one():
    nobody = TokenVerifier(TokenSettings(), {}, bytes)
    assert nobody.verify(bearer(), NOW) == refused("unknown_issuer")
    assert nobody.verify([], NOW) is ABSENT


def test_without_audiences_it_is_said_that_none_was_checked():
    authorization = bearer(claims=claims(aud="anything"))
    found = verify(authorization, audiences=())
    assert (found.state, found.audience_unchecked) == (TokenState.VERIFIED, True)
    assert verify(bearer(claims=claims(exp=1)), audiences=()).audience_unchecked


def test_stale_keys_verify_and_it_is_said():
    keys = Keys(KEYS)
    keys.current = replace(keys.current, is_stale=True)
    found = verify(bearer(), keys=keys)
    assert (found.state, found.stale_keys) == (TokenState.VERIFIED, True)


@pytest.mark.parametrize("failing", ["snapshot", "request_refresh"])
def test_whatever_fails_is_an_outcome_that_names_its_type_and_nothing_else(failing):
    def fail(*_):
        raise RuntimeError("a token may stand here")

    keys = Keys(KEYS)
    setattr(keys, failing, fail)
    assert verify(bearer(header(kid="nobody")), keys=keys) == refused("error", "RuntimeError")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_verifies_and_no_other_signature_does(algorithm):
    def state(signature=None):
        return verify(bearer(algorithm=algorithm, signature=signature)).state.value

    size = len(sign(algorithm, b""))
    wrong = [
        lambda _: bytes(size),  # "psychic": r = s = 0
        lambda _: b"\xff" * size,
        lambda _: b"",
        lambda message: sign(algorithm, message + b"."),
        lambda message: sign(algorithm, message)[:-1],
        lambda message: sign(algorithm, message) + b"\0",
        lambda message: b"\0" + sign(algorithm, message),
        lambda message: sign(algorithm, message)[::-1],
    ]
    assert [state(), *map(state, wrong)] == ["verified"] + ["invalid_signature"] * len(wrong)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("claimed", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_signature_counts_for_the_algorithm_that_the_header_names(algorithm, claimed):
    head = {"alg": claimed, "kid": {"R": "rsa", "P": "rsa", "E": "es256"}[claimed[0]] if claimed != "EdDSA" else "ed"}
    found = verify(bearer(head, signature=lambda message: sign(algorithm, message)))
    assert (found.state is TokenState.VERIFIED) == (algorithm == claimed)


def test_an_elliptic_signature_in_der_is_none():
    in_der = bearer(algorithm="ES256", signature=lambda m: EC_KEYS["ES256"].sign(m, ec.ECDSA(hashes.SHA256())))
    assert verify(in_der) == refused("invalid_signature")


def test_the_malleable_half_of_an_elliptic_signature_changes_no_fingerprint():
    """RFC 7518 allows both (r, s) and (r, n - s): the fingerprint leaves the signature out."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    token = make_token(algorithm="ES256")
    head, _, text = token.rpartition(".")
    signature = base64url.decode(text)
    other = signature[:32] + (order - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    twin = f"{head}.{base64url.encode(other)}"
    assert verify([f"Bearer {token}"]) == verify([f"Bearer {twin}"])


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_the_public_key_is_no_shared_secret(encoding):
    secret = RSA_KEY.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    token = bearer(header(alg="HS256"), signature=lambda message: hmac.digest(secret, message, "sha256"))
    assert verify(token) == refused("unsupported", "alg")


def test_keys_named_in_the_header_are_never_looked_at():
    head = header(jwk=jwk_of(OTHER_KEY), jku="http://127.0.0.1:1/keys", x5u="http://127.0.0.1:1/x5u", x5c=["AAAA"])
    forged = bearer(head, signature=lambda m: OTHER_KEY.sign(m, padding.PKCS1v15(), hashes.SHA256()))
    assert verify(forged) == refused("invalid_signature")


@pytest.mark.parametrize("key_id", ["../../etc/passwd", "https://evil.example/key", "' OR 1=1 --", "RSA", "rsa ", ""])
def test_a_key_id_is_looked_up_letter_by_letter_and_nothing_else(key_id):
    keys = Keys(KEYS)
    assert verify(bearer(header(kid=key_id)), keys=keys) == refused("unknown_key")
    assert keys.asked == [key_id]


@pytest.mark.parametrize("issuer", [f"{ISSUER}/", ISSUER[:-1], ISSUER.upper(), [ISSUER], {ISSUER: 1}, None, "", 7, ...])
def test_an_issuer_is_an_exact_string(issuer):
    assert verify(bearer(claims=claims(iss=issuer))) == refused("unknown_issuer")


def test_the_signature_is_checked_before_any_claim():
    forged = bearer(claims=claims(exp=1, aud=7, sub=None), signature=lambda _: bytes(256))
    assert verify(forged) == refused("invalid_signature")


def test_an_issuers_key_vouches_for_no_other_issuer():
    """Two issuers may even call their keys the same."""
    theirs = "https://other.example"
    sources = {ISSUER: Keys(KEYS), theirs: Keys([jwk_of(OTHER_KEY, kid="rsa")])}
    both = TokenVerifier(TokenSettings((ISSUER, theirs), ("orders",)), sources, bytes)
    assert both.verify(bearer(claims=claims(iss=theirs)), NOW) == refused("invalid_signature")
    assert both.verify(bearer(), NOW).state is TokenState.VERIFIED


def test_a_token_without_kid_verifies_by_the_only_key_that_fits():
    keys = Keys([*KEYS, jwk_of(OTHER_KEY, kid="other")])
    assert verify(bearer(header(kid=...))).state is TokenState.VERIFIED
    assert verify(bearer(header(kid=...)), keys=keys) == refused("unknown_key", "no_key_id")
    assert keys.asked == [None]


@pytest.mark.parametrize("jwks", [[jwk_of(OTHER_KEY, kid="rsa"), KEYS[0]], [KEYS[0], jwk_of(OTHER_KEY, kid="rsa")]])
def test_of_two_keys_under_one_kid_either_may_have_signed(jwks):
    assert verify(bearer(), keys=Keys(jwks)).state is TokenState.VERIFIED


def test_a_second_look_gives_the_same_value_until_it_expires_or_its_keys_change():
    keys = Keys(KEYS)
    checking = verifier(keys)
    request = bearer(claims=claims(nbf=NOW - 60))
    first = checking.verify(request, NOW)
    assert [checking.verify(request, NOW + after) is first for after in (0, 1, 659.9)] == [True] * 3
    assert checking.verify(request, NOW + 660).state is TokenState.EXPIRED
    assert checking.verify(request, NOW - 121).state is TokenState.NOT_YET_VALID  # the clock was set back
    keys.put(KEYS[1:])
    assert checking.verify(request, NOW) == refused("unknown_key")
    keys.put([jwk_of(OTHER_KEY, kid="rsa")])
    assert checking.verify(request, NOW) == refused("invalid_signature")


def test_what_is_remembered_of_one_header_is_no_answer_to_two():
    checking = verifier()
    request = bearer()
    first = checking.verify(request, NOW)
    assert checking.verify([*request, "Bearer d.e.f"], NOW) == refused("ambiguous", "several_headers")
    assert checking.verify([*request, *request], NOW) == first


def test_a_refusal_is_remembered_for_thirty_seconds():
    checking = verifier()
    request = bearer(claims=claims(aud="billing"))
    first = checking.verify(request, NOW)
    assert [checking.verify(request, NOW + after) is first for after in (0, 29.9, 30)] == [True, True, False]


def test_what_may_be_otherwise_a_moment_later_is_never_remembered():
    keys = Keys(None)
    checking = verifier(keys)
    request = bearer()
    assert checking.verify(request, NOW).state is TokenState.KEYS_UNAVAILABLE
    keys.put(KEYS[1:])
    assert checking.verify(request, NOW).state is TokenState.UNKNOWN_KEY
    keys.put(KEYS)
    assert checking.verify(request, NOW).state is TokenState.VERIFIED
    early = bearer(claims=claims(nbf=NOW + 61))
    states = [checking.verify(early, NOW + after).state.value for after in (0, 0.9, 1)]
    assert states == ["not_yet_valid", "not_yet_valid", "verified"]


def test_the_same_claims_under_another_signature_are_looked_at_anew():
    checking = verifier()
    request = bearer()
    checking.verify(request, NOW)
    forged = f"{request[0].rpartition('.')[0]}.{segment(bytes(256))}"
    assert checking.verify([forged], NOW) == refused("invalid_signature")


def test_junk_never_pushes_a_verified_caller_out():
    checking = verifier(cache_size=2)
    request = bearer()
    first = checking.verify(request, NOW)
    for number in range(3000):
        checking.verify([f"Bearer junk.{number}.x"], NOW)
    assert checking.verify(request, NOW) is first


def test_threads_get_their_own_callers_outcome_while_keys_rotate():
    keys = Keys(KEYS)
    checking = verifier(keys, cache_size=4)
    requests = {name: bearer(claims=claims(sub=name), algorithm="ES256") for name in map(str, range(8))}
    wrong = []

    def ask() -> None:
        for _ in range(40):
            wrong.extend(n for n, r in requests.items() if checking.verify(r, NOW).identity.subject != n)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        keys.put(KEYS)
        threads[0].join(0.005)
    for thread in threads:
        thread.join()
    assert wrong == []
