"""Write the index from the findings and metrics of the rooms."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.project import ROOMS, Project


def write_index(project: Project) -> None:
    """Write ``reports/index.html`` from the findings and metrics of all rooms that have run.

    Raises
    ------
    UserError
        When a parameter or the profile is wrong.
    """
    from kam_analysis.params import load
    from kam_analysis.pipeline.frame import page_frame
    from kam_analysis.site.page import Context, index_page

    params = load(project.params_path)
    rooms = [room for room in ROOMS if project.findings(room).exists()]
    metrics = {room: _read(project.metrics(room)) for room in rooms}
    frame = page_frame(project, params, project.index)
    newest = metrics.get("cleaning", {}).get("last_order_on")
    context = Context(
        frame,
        params.model_dump(mode="json"),
        params.fingerprint(),
        dt.date.fromisoformat(newest) if newest else None,
        params.report.old_after_days,
        dict(zip(ROOMS, frame.pages[1:], strict=True)),
    )
    findings = [_read(project.findings(room)) for room in rooms]
    replace_text(project.index, index_page(findings, metrics, context, frame.language))


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
