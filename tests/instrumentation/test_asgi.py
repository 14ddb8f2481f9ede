"""The ASGI half, without any framework: the record is sealed before the client can see a byte."""

from __future__ import annotations

import asyncio
import contextvars
from enum import Enum

import pytest
from auditing import Recorder

from affidavit.instrumentation._asgi import audit_call
from affidavit.request import CURRENT

START = {"type": "http.response.start", "status": 200, "headers": []}
WHOLE = {"type": "http.response.body", "body": b"hello"}


def scope(**changes):
    return {
        "type": "http",
        "method": "GET",
        "path": "/orders/17",
        "headers": [(b"authorization", b"alice")],
        "client": ("192.0.2.1", 50_000),
        "server": ("127.0.0.1", 80),
        **changes,
    }


def run(application, recorder, flush=lambda: None, **changes):
    """Each message that went out, with the events that were sealed before it."""
    sealed_before = []

    async def receive():
        return {"type": "http.request"}

    async def watching(message):
        sealed_before.append((message["type"], [facts["event_name"] for facts in recorder.facts]))

    asyncio.run(
        audit_call(
            application,
            scope(**changes),
            receive,
            watching,
            begin=recorder.begin,
            find_route=lambda _: "/orders/{number}",
            flush=flush,
        )
    )
    return sealed_before


async def hello(scope, receive, send):
    await send(START)
    await send(WHOLE)


def test_the_record_is_sealed_before_the_status_line_passes():
    recorder = Recorder()
    assert run(hello, recorder) == [
        ("http.response.start", ["http.server.request"]),
        ("http.response.body", ["http.server.request"]),
    ]
    assert recorder.facts[0]["http.route"] == "/orders/{number}"
    assert CURRENT.get() is None


@pytest.mark.parametrize(
    ("headers", "bodies", "ends"),
    [
        ([(b"content-length", b"5")], [(b"hello", True), (b"", False)], []),
        ([], [(b"one", True), (b"", False)], [True]),
        ([], [(b"one", True)], [False]),
        ([(b"content-length", b"9")], [(b"one", True)], [False]),
        ([], [(b"hello", False)], []),
    ],
)
def test_only_a_body_that_goes_on_has_an_end_of_its_own(headers, bodies, ends):
    async def application(scope, receive, send):
        await send({**START, "headers": headers})
        for body, more in bodies:
            await send({"type": "http.response.body", "body": body, "more_body": more})

    recorder = Recorder()
    run(application, recorder)
    assert [f["affidavit.complete"] for f in recorder.facts[1:]] == ends


def test_a_status_is_a_number_however_the_application_spells_it():
    class Status(int, Enum):
        FINE = 200

    async def application(scope, receive, send):
        await send({**START, "status": Status.FINE})

    recorder = Recorder()
    run(application, recorder)
    assert recorder.facts[0]["http.response.status_code"] == 200


def test_a_call_that_the_garbage_collector_ends_in_another_context_ends_quietly():
    """What an event loop leaves pending when it stops."""

    async def waiting(scope, receive, send):
        await asyncio.Future()

    recorder = Recorder()

    async def begin_and_forget():
        call = audit_call(
            waiting, scope(), None, None, begin=recorder.begin, find_route=lambda _: None, flush=lambda: None
        )
        contextvars.Context().run(call.send, None)
        return call

    asyncio.run(begin_and_forget()).close()
    assert [facts["error.type"] for facts in recorder.facts] == ["GeneratorExit"]


@pytest.mark.parametrize("refuse", [lambda _: None, lambda _: 1 / 0], ids=["excluded", "our failure"])
def test_what_leaves_no_record_is_asked_for_once_whatever_is_called_within(refuse):
    recorder = Recorder()
    asked = []

    def begin(request):
        asked.append(request.path)
        return refuse(request)

    async def outer(its_scope, receive, send):
        await audit_call(
            hello, {**its_scope}, receive, send, begin=begin, find_route=lambda _: None, flush=lambda: None
        )

    recorder.begin = begin
    assert [kind for kind, _ in run(outer, recorder)] == ["http.response.start", "http.response.body"]
    assert asked == ["/orders/17"]


def test_an_application_called_again_for_the_same_scope_is_audited_again():
    """Who tries one application and then another has asked both."""
    recorder, same = Recorder(), scope()

    async def send(message):
        pass

    async def twice():
        for _ in range(2):
            await audit_call(
                hello, same, None, send, begin=recorder.begin, find_route=lambda _: None, flush=lambda: None
            )

    asyncio.run(twice())
    assert len(recorder.facts) == 2


def test_the_applications_exception_passes_untouched():
    error = RuntimeError("the application's own")

    async def crash(scope, receive, send):
        raise error

    recorder = Recorder()
    with pytest.raises(RuntimeError) as caught:
        run(crash, recorder)
    assert caught.value is error
    assert recorder.facts[0]["http.response.status_code"] == 500


def test_an_application_that_returns_without_an_answer_is_recorded_as_unknown():
    async def silent(scope, receive, send):
        pass

    recorder = Recorder()
    run(silent, recorder)
    assert recorder.facts[0]["audit.outcome"] == "unknown"
    assert "http.response.status_code" not in recorder.facts[0]


def test_a_mount_is_the_same_request_and_an_in_process_call_is_one_of_its_own():
    recorder = Recorder()

    async def again(its_scope, receive, send):
        await audit_call(
            hello,
            its_scope,
            receive,
            send,
            begin=recorder.begin,
            find_route=lambda _: None,
            flush=lambda: None,
        )

    async def mounting(its_scope, receive, send):
        await again({**its_scope, "path": "/17"}, receive, send)

    async def calling(its_scope, receive, send):
        await again(scope(path="/inside", headers=[]), receive, send)
        await send(START)

    run(mounting, recorder)
    assert [f["audit.target.id"] for f in recorder.facts] == ["/orders/17"]
    run(calling, recorder)
    assert [(f["audit.actor.id"], f["audit.target.id"]) for f in recorder.facts[1:]] == [
        ("anonymous", "/inside"),
        ("alice", "/orders/17"),
    ]


def test_lifespan_messages_pass_unchanged_and_the_flush_comes_before_the_end():
    order = []

    async def lifespan(scope, receive, send):
        await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    messages = run(lifespan, Recorder(), type="lifespan", flush=lambda: order.append("flush"))
    assert [kind for kind, _ in messages] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert order == ["flush"]


@pytest.mark.parametrize(
    ("first", "status", "ends"),
    [("websocket.accept", 101, [True]), ("websocket.close", 403, [])],
)
def test_a_websocket_is_sealed_before_it_is_accepted_or_refused(first, status, ends):
    async def application(scope, receive, send):
        await send({"type": first})

    recorder = Recorder()
    ((kind, sealed),) = run(application, recorder, type="websocket")
    assert (kind, sealed) == (first, ["http.server.request"])
    assert recorder.facts[0]["http.response.status_code"] == status
    assert [f["affidavit.complete"] for f in recorder.facts[1:]] == ends
