"""The WSGI half, without any framework: when the record is sealed, and what happens to the body."""

from __future__ import annotations

import io
from wsgiref.util import FileWrapper, setup_testing_defaults

import pytest
from auditing import Recorder

from affidavit.instrumentation._wsgi import AuditedBody, audit_call
from affidavit.request import CURRENT, KEY


def environ(**changes):
    made = {
        "PATH_INFO": "/orders/17",
        "SCRIPT_NAME": "/shop",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_AUTHORIZATION": "alice",
    }
    setup_testing_defaults(made)
    return {**made, **changes}


def call(application, recorder, **changes):
    """The body as it came, and the names of what happened, in order."""
    order = []
    recorder.facts = Log(order)

    def start_response(status, headers, exc_info=None):
        order.append(f"start {status}")
        return lambda data: order.append("write")

    body = audit_call(application, environ(**changes), start_response, recorder.begin)
    return body, order


class Log(list):
    """Facts, that also say when they came."""

    def __init__(self, order):
        super().__init__()
        self.order = order

    def append(self, facts):
        super().append(facts)
        self.order.append(facts["event_name"])


def hello(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]


def test_a_plain_body_is_handed_on_as_it_is_after_the_record():
    recorder = Recorder()
    body, order = call(hello, recorder)

    assert body == [b"hello"]
    assert order == ["start 200 OK", "http.server.request"]
    assert recorder.facts[0]["url.path"] == "/shop/orders/17"
    assert CURRENT.get() is None


def test_a_status_that_comes_with_the_first_chunk_is_sealed_before_that_chunk():
    def late(environ, start_response):
        start_response("201 Created", [])
        yield b"one"
        yield b"two"

    recorder = Recorder()
    body, order = call(late, recorder)
    assert order == []
    assert next(iter(body)) == b"one"
    assert order == ["start 201 Created", "http.server.request"]
    assert list(body) == [b"two"]
    body.close()
    assert order == ["start 201 Created", "http.server.request"]


def test_a_stream_that_is_read_to_its_end_is_whole_and_one_that_is_not_is_cut():
    def stream(environ, start_response):
        environ[KEY].is_streamed = True
        start_response("200 OK", [])
        return (chunk for chunk in (b"one", b"two"))

    whole, cut = Recorder(), Recorder()
    body, order = call(stream, whole)
    assert order == ["start 200 OK", "http.server.request"]
    assert list(body) == [b"one", b"two"]
    body.close()
    body, _ = call(stream, cut)
    next(body)
    body.close()

    assert [facts.get("affidavit.complete") for facts in whole.facts] == [None, True]
    assert [facts.get("affidavit.complete") for facts in cut.facts] == [None, False]


def test_the_applications_exception_passes_untouched_and_is_a_500():
    error = RuntimeError("the application's own")

    def crash(environ, start_response):
        raise error

    recorder = Recorder()
    with pytest.raises(RuntimeError) as caught:
        call(crash, recorder)

    assert caught.value is error
    assert recorder.facts[0]["http.response.status_code"] == 500
    assert CURRENT.get() is None


def test_a_mount_is_the_same_request():
    recorder = Recorder()

    def outer(environ, start_response):
        return audit_call(hello, environ, start_response, recorder.begin)

    call(outer, recorder)
    assert len(recorder.facts) == 1


def test_an_application_called_again_for_the_same_environ_is_audited_again():
    """Who tries one application and then another has asked both."""
    recorder, request = Recorder(), environ()
    for _ in range(2):
        audit_call(hello, request, lambda *a: None, recorder.begin)
    assert len(recorder.facts) == 2


@pytest.mark.parametrize("refuse", [lambda _: None, lambda _: 1 / 0], ids=["excluded", "our failure"])
def test_what_leaves_no_record_is_asked_for_once_whatever_is_called_within(refuse):
    asked = []

    def begin(request):
        asked.append(request.path)
        return refuse(request)

    def outer(environ, start_response):
        return audit_call(hello, environ, start_response, begin)

    assert audit_call(outer, environ(), lambda *a: None, begin) == [b"hello"]
    assert asked == ["/shop/orders/17"]


def test_an_application_that_returns_no_body_fails_at_the_server_and_is_a_500():
    recorder = Recorder()
    body, _ = call(lambda environ, start_response: None, recorder)
    with pytest.raises(TypeError, match="not iterable"):
        list(body)
    body.close()
    assert [facts["http.response.status_code"] for facts in recorder.facts] == [500]


def test_a_status_line_that_is_none_is_the_servers_to_refuse():
    def odd(environ, start_response):
        start_response("²00 OK", [])
        return [b""]

    recorder = Recorder()
    call(odd, recorder)
    assert recorder.facts[0]["http.response.status_code"] == 500


def test_a_file_keeps_its_wrapper_so_that_the_server_may_use_sendfile():
    def download(environ, start_response):
        environ[KEY].is_streamed = True
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](io.BytesIO(b"file"))

    body, _ = call(download, Recorder(), **{"wsgi.file_wrapper": FileWrapper})
    assert type(body) is FileWrapper


def test_the_write_callable_seals_before_it_writes():
    def old(environ, start_response):
        start_response("200 OK", [])(b"hello")
        return []

    _, order = call(old, Recorder())
    assert order == ["start 200 OK", "http.server.request", "write"]


def test_spans_of_a_streams_own_code_find_the_request():
    seen = []

    def stream(environ, start_response):
        environ[KEY].is_streamed = True
        start_response("200 OK", [])

        def chunks():
            seen.append(CURRENT.get())
            yield b"one"

        return chunks()

    body, _ = call(stream, Recorder())
    assert isinstance(body, AuditedBody)
    list(body)
    assert seen[0].caller.child_attributes == {"user.id": "alice"}
    assert CURRENT.get() is None


def test_a_failure_of_ours_costs_the_record_and_not_the_answer():
    def begin(request):
        raise RuntimeError("ours")

    assert audit_call(hello, environ(), lambda *a: None, begin) == [b"hello"]


def test_a_path_in_utf8_is_read_as_such():
    recorder = Recorder()
    call(hello, recorder, PATH_INFO="/größe".encode().decode("latin-1"))
    assert recorder.facts[0]["url.path"] == "/shop/größe"


def test_a_path_that_a_server_has_decoded_already_is_taken_as_it_is():
    recorder = Recorder()
    call(hello, recorder, PATH_INFO="/価格")
    assert recorder.facts[0]["url.path"] == "/shop/価格"
