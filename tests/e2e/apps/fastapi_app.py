"""An ordinary FastAPI service: nothing in it knows of affidavit or OpenTelemetry."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import BackgroundTasks, FastAPI, HTTPException, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse

app = FastAPI()
inner = FastAPI()
background_done = asyncio.Event()


@app.middleware("http")
async def doorkeeper(request, call_next):
    if request.url.path == "/closed":
        return JSONResponse({"detail": "no"}, status_code=401)
    if request.url.path == "/forbidden":
        return JSONResponse({"detail": "no"}, status_code=403)
    return await call_next(request)


@app.get("/orders/{number}")
async def show(number: int):
    return {"order": number}


@app.post("/orders", status_code=201)
async def create():
    return {"created": True}


@app.delete("/orders/{number}")
async def delete(number: int):
    raise HTTPException(403)


@app.get("/crash")
async def crash():
    raise RuntimeError("the application's own")


@app.get("/stream")
async def stream():
    async def chunks():
        for number in range(3):
            yield f"chunk {number}\n" * 10

    return StreamingResponse(chunks(), media_type="text/plain")


@app.get("/endless")
async def endless():
    async def chunks():
        while True:
            yield "x" * 65536
            await asyncio.sleep(0)

    return StreamingResponse(chunks(), media_type="text/plain")


@app.get("/background")
async def background(tasks: BackgroundTasks):
    tasks.add_task(background_done.wait)
    return {"started": True}


@app.get("/background/finish")
async def finish():
    background_done.set()
    return {"finished": True}


@app.websocket("/socket")
async def socket(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text.upper())


@app.websocket("/refused")
async def refused(websocket: WebSocket):
    await websocket.close()


@app.get("/calls-itself")
async def calls_itself():
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        answer = await client.get("/orders/99")
    return answer.json()


@inner.get("/things/{name}")
async def thing(name: str):
    return {"thing": name}


app.mount("/inner", inner)
