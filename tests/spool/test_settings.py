"""Where the spool stands and how large it gets is read from the environment, with a remedy for what cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from affidavit.spool.settings import SpoolSettings


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HOME": "/home/a"}, SpoolSettings(Path("/home/a/.local/state/affidavit"), 1024**3)),
        ({"HOME": "/home/a", "XDG_STATE_HOME": "/state"}, SpoolSettings(Path("/state/affidavit"), 1024**3)),
        ({"AFFIDAVIT_SPOOL_DIR": "/spool", "AFFIDAVIT_SPOOL_MAX_BYTES": "65536"}, SpoolSettings(Path("/spool"), 65536)),
    ],
)
def test_settings_come_from_the_environment(environ, expected):
    assert SpoolSettings.from_environ(environ) == (expected, ())


@pytest.mark.parametrize("text", ["65535", "-1", "1e9", "1 GiB", "٣٣٣٣٣٣"])
def test_a_cap_that_is_none_is_a_complaint_and_the_default_stands(text):
    environ = {"AFFIDAVIT_SPOOL_DIR": "/spool", "AFFIDAVIT_SPOOL_MAX_BYTES": text}
    settings, (complaint,) = SpoolSettings.from_environ(environ)
    assert settings == SpoolSettings(Path("/spool"), 1024**3)
    assert str(complaint) == (
        f"AFFIDAVIT_SPOOL_MAX_BYTES: {text!r} is not a number of bytes from 65536 up; "
        "give a plain number, or leave it out for 1073741824"
    )
