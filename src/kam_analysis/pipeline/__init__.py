"""Run notebooks, hold the lock, publish: the only package that knows paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kam_analysis.pipeline.stage import Stage


def open_stage(room: str, parameters: dict[str, Any] | None = None) -> Stage:
    """Open a room's stage in its notebook; see `kam_analysis.pipeline.stage.open_stage`."""
    from kam_analysis.pipeline.stage import open_stage as opened

    return opened(room, parameters or {})
