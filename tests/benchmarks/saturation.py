"""How soon records are signed, and whether they are shipped, while a server has no time left.

A real uvicorn with a FastAPI application is asked by eight connections that never pause, for some seconds: an event
loop that is never idle, and two threads behind it that need the interpreter as well. The age of a record when its
signature was made is taken where it is made; what the sink got is counted when the last answer has come.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from request_overhead import prepare
from side_by_side import Sink

HERE = Path(__file__)
TARGET_MS = 200
CONNECTIONS = 8
REQUEST = b"GET /orders/17 HTTP/1.1\r\nHost: orders.example.com\r\n\r\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--serve", choices=("bare", "affidavit"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(is_audited=options.serve == "affidavit")
        return
    print(f"{CONNECTIONS} connections without a pause, {options.seconds:.0f} s")
    print(
        f"{'':12} {'requests/s':>10} {'median ms':>10} {'p99 ms':>7}   signed after ms: median, max   shipped meanwhile"
    )
    for mode in ("bare", "affidavit"):
        sink = Sink()
        with tempfile.TemporaryDirectory() as directory:
            environ, _ = prepare(Path(directory), sink.endpoint)
            report(mode, options.seconds, *measure(mode, environ, sink, options.seconds))
        sink.close()


def measure(mode: str, environ: dict[str, str], sink: Sink, seconds: float) -> tuple[list[float], list[float], int]:
    """Seconds a request, milliseconds from sealed to signed a batch, and how many records came meanwhile."""
    server = subprocess.Popen(
        [sys.executable, str(HERE), "--serve", mode],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    port = int(server.stdout.readline())
    times = asyncio.run(ask(port, seconds))
    shipped = sum(count for count, _ in sink.batches)
    ages, _ = server.communicate("end\n")
    return times, json.loads(ages), shipped


def report(mode: str, seconds: float, times: list[float], ages: list[float], shipped: int) -> None:
    times.sort()
    row = f"{mode:12} {len(times) / seconds:10.0f} {statistics.median(times) * 1e3:10.2f}"
    row += f" {times[len(times) * 99 // 100] * 1e3:7.1f}"
    if ages:
        row += (
            f"   {statistics.median(ages):6.0f} {max(ages):6.0f}   at most {TARGET_MS:12}   {shipped / len(times):.0%}"
        )
    print(row)


async def ask(port: int, seconds: float) -> list[float]:
    """Requests from all connections; the seconds that each took."""
    times: list[float] = []
    end = time.monotonic() + seconds

    async def keep_asking() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.monotonic()) < end:
            writer.write(REQUEST)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            times.append(time.monotonic() - began)
        writer.close()

    await asyncio.gather(*(keep_asking() for _ in range(CONNECTIONS)))
    return times


def serve(*, is_audited: bool) -> None:
    """The server's process: prints its port, ends with its standard input, and prints the ages."""
    ages: list[float] = []
    if is_audited:
        from affidavit.agent import pre_instrument

        watch_signer(ages)
        pre_instrument()
    import fastapi
    import uvicorn

    app = fastapi.FastAPI()

    @app.get("/orders/{number}")
    async def show(number: int) -> dict[str, int]:
        return {"order": number}

    class Server(uvicorn.Server):
        async def startup(self, sockets: object = None) -> None:
            await super().startup(sockets)
            print(self.servers[0].sockets[0].getsockname()[1], flush=True)

            def end() -> None:
                self.should_exit = True

            asyncio.get_running_loop().add_reader(sys.stdin, end)

    Server(uvicorn.Config(app, port=0, log_level="error", access_log=False)).run()
    print(json.dumps(ages))


def watch_signer(ages: list[float]) -> None:
    """Note the age of the oldest record of each batch when its signatures have been made."""
    from affidavit.pipeline.stream import Stream

    take, put = Stream.take_unsigned, Stream.put_signatures
    oldest: list[bytes] = []

    def take_unsigned(stream: Stream) -> object:
        records = take(stream)
        oldest[:] = [record.text for record, _ in records[:1]]
        return records

    def put_signatures(stream: Stream, signatures: list[tuple[int, str]]) -> None:
        put(stream, signatures)
        sealed_ns = [int(json.loads(text)["observed_timestamp"]) for text in oldest]
        ages.extend((time.time_ns() - each) / 1e6 for each in sealed_ns)

    Stream.take_unsigned, Stream.put_signatures = take_unsigned, put_signatures


if __name__ == "__main__":
    main()
