"""Published sets: kept once, bounded, compared by hand; a broken one is named and left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kam_analysis.chapter import encoded
from kam_analysis.findings import say
from kam_analysis.pipeline.history import Snapshot, changes, keep, read_history
from kam_analysis.pipeline.last_run import _fingerprints, _with_earlier, changes_text
from kam_analysis.pipeline.project import Project

SAME = {"data": "d", "parameters": "p", "code": "c"}


def kept(sales: float | None = 1.0, **changed: Any) -> Snapshot:
    value = None if sales is None else encoded(say("{m:money}", m=sales))
    content = {
        "as_of": "2024-03-01",
        "currency": "EUR",
        "headlines": {"cleaning": {"net_sales": {"name": encoded(say("Net sales")), "value": value}}},
        "metrics": {"cleaning": {"net_sales": sales}},
        "key_list": {"7": {"name": "Acme", "level": "company"}},
        "calls": {"7": {"name": "Acme", "manager": "Ana"}},
        "parameters": {"key_clients": {"top_k": 20}},
        "sources": {"cleaning": SAME, "key_clients": SAME},
    }
    return Snapshot.model_validate(content | changed)


def test_equal_sets_have_no_changes() -> None:
    found = changes(kept(), kept())
    assert (found.causes, dict(found.parameters), found.headlines) == ((), {}, ())
    assert found.entered == found.left == found.new == found.gone == ()


def test_each_figure_is_moved_by_what_its_room_was_made_from() -> None:
    share = {"largest": {"name": encoded(say("Largest")), "value": encoded(say("{s:share}", s=0.5))}}
    sources = {"cleaning": SAME | {"data": "e"}, "key_clients": SAME | {"data": "e", "parameters": "q"}}
    now = kept(
        None,
        headlines={"cleaning": {"net_sales": {"name": encoded(say("Net sales"))}}, "key_clients": share},
        sources=sources,
        parameters={"key_clients": {"top_k": 30}},
        key_list={"8": {"name": "Bolt", "level": "score"}},
        calls={"7": {"name": "Acme", "manager": "Ana"}, "9": {"name": "Crate"}},
    )
    found = changes(kept(), now)
    assert found.causes == ("data", "parameters")
    assert found.parameters == {"key_clients.top_k": (20, 30)}
    assert [(one.key, one.causes) for one in found.headlines] == [
        ("net_sales", ("data",)),
        ("largest", ("data", "parameters")),
    ]
    assert [one.name for one in found.entered + found.left + found.new] == ["Bolt", "Acme", "Crate"]
    assert found.gone == ()
    gone = changes(now, kept())
    assert [(one.key, one.now) for one in gone.headlines][1] == ("largest", None)
    said = changes_text(kept(), now).replace("\N{NO-BREAK SPACE}", " ").splitlines()
    assert "  key_clients.top_k: 20 -> 30" in said
    assert [" ".join(line.split()) for line in said[3:6]] == [
        "headline before now moved by",
        "Net sales €1 - data",
        "Largest - 50.0 % data or parameters",
    ]


def test_fingerprints_include_the_rooms_before_and_no_made_file() -> None:
    def stage(out: str, params: dict[str, int], **deps: str) -> dict[str, Any]:
        read = [{"path": path.replace("__", "/"), "md5": md5} for path, md5 in deps.items()]
        return {"deps": read, "outs": [{"path": out}], "params": {"params.yaml": params}}

    stages = {
        "cleaning": stage("data/processed/facts", {"a": 1}, data__raw__x="1", src__one="2"),
        "value": stage("data/processed/worth", {"b": 1}, data__processed__facts="3", src__one="2"),
    }
    before = _fingerprints(_with_earlier("value", stages))
    for path, kind in (("data/raw/x", "data"), ("src/one", "code"), ("data/processed/facts", None)):
        for one in (dep for name in stages for dep in stages[name]["deps"] if dep["path"] == path):
            one["md5"] += "!"
        after = _fingerprints(_with_earlier("value", stages))
        assert [name for name in before if before[name] != after[name]] == ([kind] if kind else [])
        before = after


def test_sets_are_kept_once_and_the_oldest_go(tmp_path: Path) -> None:
    assert keep(tmp_path, kept(1.0), 2) is not None
    assert keep(tmp_path, kept(1.0), 2) is None
    for sales in (2.0, 3.0):
        keep(tmp_path, kept(sales), 2)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["0002.json", "0003.json"]
    known = read_history(tmp_path)
    assert known.sets == {2: kept(2.0), 3: kept(3.0)}
    assert known.before(kept(3.0)) == kept(2.0)
    assert known.before(kept(3.0, version="2")) == kept(2.0)
    assert known.before(kept(4.0)) == kept(3.0)
    assert known.before(kept(4.0, has_pseudonyms=True)) is None
    assert read_history(tmp_path / "none").before(kept()) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"as_of": null}',
        kept().model_dump_json().replace("{m:money}", "{m:no_such_format}"),
        kept().model_dump_json().replace('"level"', '"levels"'),
        kept().model_dump_json().replace('"$":"Message"', '"$":"Tile"'),
    ],
)
def test_a_broken_set_is_named_left_out_and_not_written_over(tmp_path: Path, text: str) -> None:
    keep(tmp_path, kept(1.0), 9)
    broken = tmp_path / "0002.json"
    broken.write_text(text, encoding="utf-8")
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    known = read_history(tmp_path)
    assert (list(known.sets), known.broken) == ([1], [broken])
    made = keep(tmp_path, kept(2.0), 9)
    assert made is not None and made.name == "0003.json"
    assert broken.read_text(encoding="utf-8") == text


def test_the_commands_name_what_is_not_there(project: Project, kam: Callable[..., tuple[int, str]]) -> None:
    assert kam("history") == (0, "nothing was published yet\n")
    assert kam("diff") == (2, "no published set '0'. Cure: now, or one of: none yet; kam publish makes one\n")
    keep(project.history("tiny"), kept(), 9)
    (project.history("tiny") / "0002.json").write_text("?", encoding="utf-8")
    status, said = kam("diff", "1", "x\x1b")
    assert status == 2
    assert said.startswith("0002.json cannot be read and is left out\nno published set 'x")
    status, said = kam("history")
    assert status == 0 and said.splitlines()[-1].split() == [
        "0002.json",
        "cannot",
        "be",
        "read",
        "and",
        "is",
        "left",
        "out",
    ]
    status, said = kam("diff")
    assert status == 0 and "No longer on the key list: 1\n  Acme (company)" in said
