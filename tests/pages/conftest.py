"""A project whose first room has run: findings and an executed notebook, without running anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from kam_analysis import chapter as chapters
from kam_analysis.chapter import MIME, Chapter
from kam_analysis.findings import Finding, say
from kam_analysis.pipeline.project import Project
from kam_analysis.tables import by_name
from tests.report.conftest import KEYS, TILES, key_finding


@dataclass(frozen=True)
class Written:
    """A project with the chapter of its first room."""

    project: Project

    def languages(self, *codes: str) -> None:
        text = f"source: tiny\nreport: {{languages: [{', '.join(codes)}]}}\n"
        self.project.params_path.write_text(text, encoding="utf-8")

    def leave(self, *findings: Finding, with_notebook: bool = True) -> None:
        """Write the findings as a room leaves them, and the notebook that shows them."""
        found = {finding.name: finding for finding in findings}
        chapter = Chapter(
            "cleaning",
            say("Can the data be trusted?"),
            {"first_order_on": "2010-12-01", "as_of": "2011-12-10", "compare_as_of": None},
            {"title": "A & B <Ltd>", "currency": "GBP", "vat": "unknown"},
            {"lines": "keep"},
            tuple(finding.sentence for finding in findings),
            TILES,
            found,
            by_name(KEYS) | dict.fromkeys(found, KEYS),
        )
        fingerprint = chapters.write(chapter, self.project.findings("cleaning"))
        self.project.metrics("cleaning").parent.mkdir(parents=True, exist_ok=True)
        numbers = {"as_of": "2011-12-10", "compare_as_of": None, "first_order_on": "2010-12-01"}
        self.project.metrics("cleaning").write_text(json.dumps(numbers), encoding="utf-8")
        if with_notebook:
            self._notebook([{"part": "row", "findings": list(found)}, {"part": "footer", "chapter": fingerprint}])

    def _notebook(self, parts: list[dict[str, object]]) -> None:
        opening = [{"part": "head"}, {"part": "lead"}, {"part": "tiles", "tiles": ["net_sales"]}]
        cells = [
            {"cell_type": "code", "metadata": {}, "outputs": [{"data": {MIME: part, "text/html": "<p>BY HAND</p>"}}]}
            for part in [*opening, *parts]
        ]
        heading = {"cell_type": "markdown", "metadata": {}, "source": ["## Who is who"]}
        path = self.project.executed("cleaning")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"cells": [*cells[:3], heading, *cells[3:]]}), encoding="utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Written:
    made = Written(Project(tmp_path))
    made.languages("en")
    made.leave(key_finding(drawing="key_clients.membership", on_index=True))
    return made
