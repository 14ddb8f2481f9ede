"""Why a token was refused: a state out of the closed list, and a word of detail. Never a word of the token."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affidavit.model import TokenState


class Refusal(Exception):  # noqa: N818  # an outcome, not a fault; it never leaves this package
    """Carries an outcome from the check that found it to the verifier."""

    def __init__(self, state: TokenState, reason: str | None = None) -> None:
        super().__init__(state.value)
        self.state = state
        self.reason = reason
