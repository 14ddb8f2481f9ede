"""Sinks for batches of log records, one a file; ``build_exporter`` picks the one that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affidavit.export.settings import ExportSettings
    from affidavit.interfaces import Clock, Exporter


def build_exporter(settings: ExportSettings, clock: Clock, version: str) -> Exporter:
    """The sink of `settings`; `version` is affidavit's own. Nothing is opened or connected yet."""
    if settings.kind == "file":
        from affidavit.export.file import FileExporter

        return FileExporter(settings.file, version)
    # Only here: requests is heavy, and a process that writes a file never needs it.
    from affidavit.export.otlp_http import OtlpHttpExporter

    return OtlpHttpExporter(settings, clock, version)
