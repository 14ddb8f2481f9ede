"""affidavit: who did it, proven; what they did, sealed."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
