"""The demo's table shows what stands in a record, and nothing that does not."""

from __future__ import annotations

from affidavit.demo.table import HEAD, make_legend, make_rows

VERIFIED = {
    "timestamp": "1785571200123999999",
    "audit.actor.id": "alice",
    "http.request.method": "GET",
    "audit.target.id": "/orders/17",
    "http.response.status_code": 200,
    "audit.outcome": "success",
    "client.address": "127.0.0.1",
    "trace_id": "0123456789abcdef0123456789abcdef",
    "affidavit.token.state": "verified",
    "affidavit.token.algorithm": "RS256",
    "affidavit.token.key_thumbprint": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    "affidavit.token.issuer": "http://127.0.0.1:8080",
}
WITHHELD = {
    "timestamp": "1785571200000000000",
    "http.request.method": "GET",
    "audit.target.id": "/",
    "http.response.status_code": 401,
    "audit.outcome": "failure",
    "affidavit.token.state": "absent",
}


def test_a_row_says_when_who_what_outcome_where_and_how_verified():
    assert make_rows([VERIFIED, WITHHELD]) == [
        HEAD,
        ("08:00:00.123", "alice", "GET /orders/17", "200 success", "127.0.0.1 01234567", "verified RS256 NzbLsXh8"),
        ("08:00:00.000", "", "GET /", "401 failure", "", "absent"),
    ]


def test_each_key_is_written_out_once():
    assert make_legend([VERIFIED, WITHHELD, VERIFIED]) == [
        "key NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs of http://127.0.0.1:8080"
    ]
