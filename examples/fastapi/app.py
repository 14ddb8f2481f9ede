"""An ordinary FastAPI service. Nothing in it knows of affidavit or OpenTelemetry."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel


class Order(BaseModel):
    """What somebody wants."""

    item: str
    quantity: int


app = FastAPI()
orders = {17: Order(item="lamp", quantity=2)}


@app.get("/orders/{number}")
async def show(number: int) -> Order:
    """One order."""
    if number not in orders:
        raise HTTPException(404)
    return orders[number]


@app.post("/orders", status_code=201)
async def place(order: Order) -> dict[str, int]:
    """A new order."""
    number = max(orders) + 1
    orders[number] = order
    return {"number": number}


@app.delete("/orders/{number}")
async def cancel(number: int) -> None:
    """Nobody may."""
    raise HTTPException(403, f"order {number} is final")
