"""The demo's screen: aligned, indented, and without colour where nobody sees it."""

from __future__ import annotations

import io

from affidavit.demo.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def show(stream: io.StringIO) -> str:
    screen = Screen(stream)
    screen.heading("A chapter")
    screen.say("word " * 30)
    screen.command("affidavit --version")
    screen.copyable("affidavit --help")
    screen.output("first\n\n  second\n" + "a  " * 40)
    screen.table([("who", "what"), ("alice", "GET"), ("bob", "")])
    return stream.getvalue()


def test_a_file_gets_plain_text_in_aligned_columns():
    assert show(io.StringIO()) == (
        "\n"
        "A chapter\n"
        "  word word word word word word word word word word word word word word word word word word word\n"
        "  word word word word word word word word word word word\n"
        "  $ affidavit --version\n"
        "  affidavit --help\n"
        "    first\n"
        "\n"
        "      second\n"
        "    a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a\n"
        "        a  a  a  a  a  a  a  a\n"
        "  who    what\n"
        "  alice  GET\n"
        "  bob\n"
    )


def test_a_terminal_gets_the_same_with_colour():
    import re

    shown = show(Terminal())

    assert "\x1b[1mA chapter\x1b[0m" in shown
    assert re.sub(r"\x1b\[\d*m", "", shown) == show(io.StringIO())
