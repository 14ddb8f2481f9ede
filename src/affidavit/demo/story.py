"""The story from end to end: a key, a service, requests, their records, and three verdicts.

Every line on the screen comes from what just happened. A command is shown as a person types it, and is run; what it
says stands beneath. Where something goes another way than the story wants, it stops and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.demo import verdicts, visits
from affidavit.demo.issuer import AUDIENCE, issuing
from affidavit.demo.server import COMMAND, DemoError, serving
from affidavit.demo.span import find_span
from affidavit.demo.stored import read_facts
from affidavit.demo.table import make_legend, make_rows
from affidavit.demo.warmup import warm_up
from affidavit.model import TokenState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from affidavit.demo.issuer import Issuer
    from affidavit.demo.screen import Screen
    from affidavit.demo.server import Server
    from affidavit.demo.stage import Stage
    from affidavit.model import Value

_SPAN_KEYS = (semconv.USER_ID, semconv.USER_ROLES, semconv.TOKEN_STATE, semconv.TOKEN_ISSUER, semconv.RECORD_ID)

OWN_SERVICE = (
    "pip install affidavit opentelemetry-distro opentelemetry-instrumentation-flask",
    "affidavit keys generate identity.pem && affidavit keys export identity.pem > keys.json",
    "export AFFIDAVIT_ISSUERS=https://login.example.com AFFIDAVIT_AUDIENCES=orders",
    "export AFFIDAVIT_SIGNING_KEY_FILE=identity.pem AFFIDAVIT_EXPORTER=file AFFIDAVIT_FILE=audit.jsonl",
    "opentelemetry-instrument flask --app app run          # or: uvicorn app:app",
    "affidavit verify audit.jsonl --keys keys.json",
)
"""The commands by which one goes on, as the README has them."""


def tell(stage: Stage) -> None:
    """Tell the whole story.

    Raises:
        DemoError: Something did not go as it should.
    """
    _make_identity(stage)
    with issuing() as issuer:
        output = _serve(stage, issuer)
    facts = read_facts((stage.directory / "audit.jsonl").read_bytes())
    requests = [each for each in facts if each[semconv.EVENT_NAME] == semconv.HTTP_SERVER_REQUEST]
    others = [str(each[semconv.EVENT_NAME]) for each in facts if each not in requests]
    _show_records(stage, requests, others)
    _expect([visit.state for visit in visits.VISITS], requests[-len(visits.VISITS) :])
    _show_span(stage, requests, output)
    verdicts.verify(stage)
    verdicts.change(stage)
    verdicts.erase(stage)
    _say_how_to_go_on(stage)


def _make_identity(stage: Stage) -> None:
    stage.screen.heading("A key for the service; its public half goes to whoever will check")
    stage.command("keys generate identity.pem")
    (stage.directory / "keys.json").write_text(stage.command("keys export identity.pem", "> keys.json"))


def _serve(stage: Stage, issuer: Issuer) -> str:
    settings = {
        "AFFIDAVIT_ISSUERS": issuer.url,
        "AFFIDAVIT_AUDIENCES": AUDIENCE,
        "AFFIDAVIT_SIGNING_KEY_FILE": "identity.pem",
        "AFFIDAVIT_SPOOL_DIR": "spool",
        "AFFIDAVIT_EXPORTER": "file",
        "AFFIDAVIT_FILE": "audit.jsonl",
        "OTEL_SERVICE_NAME": "orders",
        "OTEL_TRACES_EXPORTER": "console",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
    }
    screen = stage.screen
    screen.heading("An ordinary Flask service, started with OpenTelemetry; no line of it knows of affidavit")
    screen.say(f"A token issuer for this demo answers at {issuer.url}.")
    _show_exports(screen, settings)
    screen.command(" ".join(COMMAND))
    with serving(stage.directory, {**stage.environ, **settings}) as server:
        screen.output(f"listening on {server.url}")
        _visit(stage, issuer, server)
    return "".join(server.output)


def _show_exports(screen: Screen, settings: Mapping[str, str]) -> None:
    pairs = [f"{name}={value}" for name, value in settings.items()]
    for start in range(0, len(pairs), 2):
        screen.command(f"export {' '.join(pairs[start : start + 2])}")


def _visit(stage: Stage, issuer: Issuer, server: Server) -> None:
    stage.screen.heading("Requests, good and bad")
    rows = [("what happens", "request", "answer")]
    warm_up(lambda: rows.append(_pay(visits.FIRST, stage, issuer, server)), stage.directory / "audit.jsonl")
    rows += [_pay(visit, stage, issuer, server) for visit in visits.VISITS]
    stage.screen.table(rows)
    stage.screen.say("The service looks at no token, as many do behind a gateway: the forged one got its answer.")


def _pay(visit: visits.Visit, stage: Stage, issuer: Issuer, server: Server) -> tuple[str, str, str]:
    token = visits.make_token(issuer, visit.credential, int(stage.clock()))
    status = visits.pay(visit, server.port, token)
    return visit.words, f"{visit.method} {visit.path}", str(status)


def _show_records(stage: Stage, requests: Sequence[Mapping[str, Value]], others: Sequence[str]) -> None:
    screen = stage.screen
    screen.heading("Each request left one sealed record before its answer began")
    screen.table(make_rows(requests))
    for line in make_legend(requests):
        screen.say(line)
    if requests[0][semconv.TOKEN_STATE] == TokenState.KEYS_UNAVAILABLE.value:
        screen.say("No request waits for keys: those of the issuer came after the first, and the record says so.")
    screen.say(f"Beside these {len(requests)}, audit.jsonl holds what the stream says of itself: {', '.join(others)}.")


def _expect(states: Sequence[TokenState], requests: Sequence[Mapping[str, Value]]) -> None:
    found = [str(facts[semconv.TOKEN_STATE]) for facts in requests]
    if found != [state.value for state in states]:
        raise DemoError(f"the tokens were found to be {', '.join(found)}, and the story has it otherwise")


def _show_span(stage: Stage, requests: Sequence[Mapping[str, Value]], output: str) -> None:
    request = next(each for each in requests if each[semconv.TOKEN_STATE] == TokenState.VERIFIED.value)
    attributes = find_span(output, str(request[semconv.SPAN_ID]))
    if attributes is None or attributes.get(semconv.RECORD_ID) != request[semconv.RECORD_ID]:
        raise DemoError("the record's span was not exported, or does not name the record")
    stage.screen.heading(f"The span of {request[semconv.ACTOR_ID]}'s first verified request says who it was, too")
    stage.screen.table([("attribute", "value"), *((key, _format(attributes.get(key, "-"))) for key in _SPAN_KEYS)])
    stage.screen.say(f"This is span {request[semconv.SPAN_ID]}; it names its record, and the record names it.")


def _format(value: Value) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _say_how_to_go_on(stage: Stage) -> None:
    stage.screen.heading("The same with your own service")
    for line in OWN_SERVICE:
        stage.screen.copyable(line)
