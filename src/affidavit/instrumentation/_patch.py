"""Wraps a framework's function once, when the framework is imported, and can undo it.

A framework's file lists its ``Patch``es. Nothing is imported that the application does not import itself. A wrapper
is called as ``wrapper(wrapped, instance, args, kwargs)`` (wrapt's order). The host never sees a failure of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import wrapt

from affidavit.guard import GUARD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    Wrapper = Callable[[Callable[..., Any], Any, tuple[Any, ...], dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Patch:
    """One place to wrap: the module that defines it, and its dotted name there."""

    module: str
    name: str
    wrapper: Wrapper


class Patcher:
    """Keeps track of what is wrapped. A class, because undoing needs to know."""

    def __init__(self, on_first: Callable[[], bool]) -> None:
        """`on_first` is called when the first framework is about to be wrapped; False means: leave it alone."""
        self.patched: list[str] = []
        """``module.name`` of everything wrapped so far."""
        self._on_first = on_first
        self._undo: list[tuple[object, str, object]] = []
        self._is_wanted: bool | None = None

    def register(self, patches: Sequence[Patch]) -> None:
        """Wrap `patches` as soon as their modules are imported, or now where they are."""
        for patch in patches:
            wrapt.register_post_import_hook(self._hook(patch), patch.module)

    def undo(self) -> None:
        """Put every original back, and wrap nothing any more."""
        self._is_wanted = False
        for owner, name, original in reversed(self._undo):
            setattr(owner, name, original)
        self._undo.clear()
        self.patched.clear()

    def _hook(self, patch: Patch) -> Callable[[ModuleType], None]:
        def wrap(module: ModuleType) -> None:
            with GUARD:  # an exception here would reach the application's import statement
                if self._is_wanted is None:
                    self._is_wanted = self._on_first()
                if self._is_wanted:
                    self._wrap(module, patch)

        return wrap

    def _wrap(self, module: ModuleType, patch: Patch) -> None:
        owner, attribute, original = wrapt.resolve_path(module, patch.name)
        self._undo.append((owner, attribute, original))
        setattr(owner, attribute, wrapt.FunctionWrapper(original, patch.wrapper))
        self.patched.append(f"{patch.module}.{patch.name}")
