"""An ordinary Flask service: nothing in it knows of affidavit or OpenTelemetry."""

from __future__ import annotations

import threading

from flask import Flask, Response, abort, request

app = Flask(__name__)
GATES: dict[str, threading.Event] = {"stream": threading.Event()}


class Doorkeeper:
    """WSGI middleware of the application's own, outside of Flask's dispatch."""

    def __init__(self, wrapped):
        self.wrapped = wrapped

    def __call__(self, environ, start_response):
        for path, status in (("/closed", "401 Unauthorized"), ("/forbidden", "403 Forbidden")):
            if environ["PATH_INFO"] == path:
                start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "2")])
                return [b"no"]
        return self.wrapped(environ, start_response)


app.wsgi_app = Doorkeeper(app.wsgi_app)


@app.get("/orders/<int:number>")
def show(number):
    return {"order": number}


@app.post("/orders")
def create():
    return {"created": True}, 201


@app.delete("/orders/<int:number>")
def delete(number):
    abort(403)


@app.get("/crash")
def crash():
    raise RuntimeError("the application's own")


@app.get("/stream")
def stream():
    def chunks():
        for number in range(3):
            yield f"chunk {number}\n" * 10

    return Response(chunks(), mimetype="text/plain")


@app.get("/endless")
def endless():
    def chunks():
        while True:
            yield "x" * 65536

    return Response(chunks(), mimetype="text/plain")


@app.get("/held")
def held():
    def chunks():
        yield "first\n"
        GATES["stream"].wait(30)
        yield "last\n"

    return Response(chunks(), mimetype="text/plain")


@app.get("/echo-header")
def echo_header():
    return {"authorization": request.headers.get("Authorization", "")[:0]}
