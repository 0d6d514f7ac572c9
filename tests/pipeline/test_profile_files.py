from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from kam_analysis.pipeline.project import Project
from kam_analysis.sources.profile import Profile, load_profile
from kam_analysis.sources.schema import schema_text

ROOT = Path(__file__).parents[2]
PROFILES = sorted((ROOT / "sources").glob("*.yaml"))
EXAMPLE = ROOT / "sources" / "example" / "acme.yaml"


def test_the_schema_in_the_project_is_the_one_of_the_model() -> None:
    assert (ROOT / "sources" / "schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", [*PROFILES, EXAMPLE], ids=lambda path: path.stem)
def test_every_profile_keeps_the_model_and_the_schema(path: Path) -> None:
    from jsonschema import Draft202012Validator

    assert isinstance(load_profile(path), Profile)
    validator = Draft202012Validator(json.loads(schema_text()))
    assert [error.message for error in validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize("text", ["orders: {files: x.csv, columns: {client: X}}", "title: x\norders: {file: x.csv}"])
def test_the_schema_refuses_what_the_model_refuses(text: str) -> None:
    from jsonschema import Draft202012Validator

    assert list(Draft202012Validator(json.loads(schema_text())).iter_errors(yaml.safe_load(text)))


def test_the_example_is_at_most_15_lines() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 15


def test_paths_lie_inside_the_project() -> None:
    project = Project(ROOT)
    for path in (project.raw("demo"), project.profile_path("demo"), project.csv("call_list"), project.index):
        assert path.is_relative_to(ROOT)
