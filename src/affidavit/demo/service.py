"""An ordinary Flask service. Nothing in it knows of affidavit, of OpenTelemetry, or of how a token is verified.

It stands, as many do, behind a gateway that it trusts: a writer must bring some token, payroll is closed to all, and
nobody's token is looked at. So a forged one passes here, and only the audit record tells.
"""

from __future__ import annotations

from typing import NoReturn

from flask import Flask, abort, request

app = Flask(__name__)


@app.get("/health")
def health() -> dict[str, bool]:
    """Whether the service is up."""
    return {"ok": True}


@app.get("/orders/<int:number>")
def show_order(number: int) -> dict[str, int]:
    """One order."""
    return {"order": number}


@app.post("/orders")
def place_order() -> tuple[dict[str, int], int]:
    """A new order."""
    if "Authorization" not in request.headers:
        abort(401)
    return {"order": 18}, 201


@app.get("/payroll")
def show_payroll() -> NoReturn:
    """Closed."""
    abort(403)
