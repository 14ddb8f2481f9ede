"""An ordinary Flask service. Nothing in it knows of affidavit or OpenTelemetry."""

from __future__ import annotations

from flask import Flask, abort, request

app = Flask(__name__)
orders = {17: {"item": "lamp", "quantity": 2}}


@app.get("/orders/<int:number>")
def show(number: int) -> dict[str, object]:
    """One order."""
    if number not in orders:
        abort(404)
    return orders[number]


@app.post("/orders")
def place() -> tuple[dict[str, object], int]:
    """A new order."""
    number = max(orders) + 1
    orders[number] = request.get_json()
    return {"number": number}, 201


@app.delete("/orders/<int:number>")
def cancel(number: int) -> str:
    """Nobody may."""
    abort(403, f"order {number} is final")
