"""What one check found: whether it works, what was looked at, what came of it, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, FAIL = "ok", "warn", "FAIL"
"""Works; works, but not as safely as it could; does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    level: str
    subject: str
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.level:<4}  {self.subject:<9}  {self.detail}"
        return f"{line}; {self.remedy}" if self.remedy else line
