"""However an application is called, by position or by name, it is audited; what is no request, it refuses itself."""

from __future__ import annotations

import asyncio
from wsgiref.util import setup_testing_defaults

import pytest
from auditing import Recorder

from affidavit.instrumentation import fastapi, flask


def flask_call(recorder):
    return flask.patches(recorder.begin)[0].wrapper


def fastapi_call(recorder):
    return fastapi.patches(recorder.begin, lambda: None)[0].wrapper


def hello(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]


async def silent(scope, receive, send):
    pass


def test_flask_may_be_called_by_name():
    recorder, environ = Recorder(), {}
    setup_testing_defaults(environ)
    named = {"environ": environ, "start_response": lambda *a: None}
    assert flask_call(recorder)(hello, None, (), named) == [b"hello"]
    assert [facts["http.response.status_code"] for facts in recorder.facts] == [200]


def test_fastapi_may_be_called_by_name():
    recorder = Recorder()
    scope = {"type": "http", "method": "GET", "path": "/orders/17", "headers": []}
    asyncio.run(fastapi_call(recorder)(silent, None, (scope,), {"receive": None, "send": None}))
    assert [facts["audit.target.id"] for facts in recorder.facts] == ["/orders/17"]


@pytest.mark.parametrize(("find", "application"), [(flask_call, hello), (fastapi_call, silent)])
@pytest.mark.parametrize("arguments", [(), (1, 2, 3, 4)])
def test_what_is_no_request_gets_the_applications_own_error(find, application, arguments):
    with pytest.raises(TypeError, match=f"{application.__name__}\\(\\)"):
        find(Recorder())(application, None, arguments, {})


def test_a_flask_application_mounted_in_a_fastapi_one_is_the_same_request_and_one_that_it_asks_is_not():
    """Bridges make an ``environ`` anew and run the application in a thread of their own, in a copy of the context."""
    recorder = Recorder()
    orders = {"path": "/orders/17", "client": ("192.0.2.1", 50_000), "headers": [(b"authorization", b"alice")]}
    mounted = {"PATH_INFO": "/orders/17", "REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "alice"}
    asked = {"PATH_INFO": "/stock/17", "REMOTE_ADDR": "127.0.0.1"}

    async def bridge(scope, receive, send):
        for environ in (mounted, asked):
            setup_testing_defaults(environ)
            await asyncio.to_thread(flask_call(recorder), hello, None, (environ, lambda *a: None), {})
        await send({"type": "http.response.start", "status": 200})

    async def send(message):
        pass

    scope = {"type": "http", "method": "GET", **orders}
    asyncio.run(fastapi_call(recorder)(bridge, None, (scope, None, send), {}))
    assert [(facts["audit.actor.id"], facts["audit.target.id"]) for facts in recorder.facts] == [
        ("anonymous", "/stock/17"),
        ("alice", "/orders/17"),
    ]
