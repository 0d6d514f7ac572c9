"""Two sets side by side: every figure, differing parameters, who came and went; names stay harmless."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kam_analysis.pipeline.compare import (
    CALL_CHANGES,
    HEADLINE_CHANGES,
    KEY_LIST_CHANGES,
    PARAMETER_CHANGES,
    compare,
    told,
    write_page,
)
from kam_analysis.pipeline.headlines import HEADLINES, Headline
from kam_analysis.report.language import Language

from .test_history import kept

HOSTILE = "<script>alert(1)</script>"


def _both() -> Any:
    before = kept(metrics={"key_clients": {"key_list.total": 1}, "retention": {"retained_share": 0.5, "nrr": None}})
    after = kept(
        metrics={"key_clients": {"key_list.total": 3}, "retention": {"retained_share": 0.75, "nrr": 1.2}},
        key_list={
            "8": {"name": HOSTILE, "level": "score"},
            "9": {"name": "Bolt", "level": "manager"},
            "7": {"name": "Acme", "level": "company"},
        },
        calls={},
        parameters={"key_clients": {"top_k": 30}},
    )
    return compare(before, after, ("now", "cautious"))


def test_figures_stand_side_by_side_and_what_is_not_measurable_has_no_change() -> None:
    table = _both()[HEADLINE_CHANGES].set_index("figure")
    assert list(table.index) == [str(one) for one in Headline] == [str(one) for one in HEADLINES]
    assert table.loc["key_accounts"].tolist() == [1, 3, 2]
    assert table.loc["retained_share"].tolist() == [0.5, 0.75, 0.25]
    assert table.loc["nrr"].isna().tolist() == [True, False, True]


def test_names_enter_and_leave_in_the_order_of_their_list() -> None:
    found = _both()
    keys, calls = found[KEY_LIST_CHANGES], found[CALL_CHANGES]
    assert keys.values.tolist() == [["entered", HOSTILE, "score"], ["entered", "Bolt", "manager"]]
    assert calls.values.tolist() == [["left", "Acme", "Ana"]]
    assert found[PARAMETER_CHANGES].values.tolist() == [["key_clients.top_k", "20", "30"]]


def test_a_terminal_reads_figures_changes_and_names() -> None:
    lines = told(_both(), Language("en", "EUR")).splitlines()
    assert lines[0].split() == ["now", "cautious", "Change"]
    rows = {line[:25].strip(): line[25:].replace("\xa0", " ").split("  ") for line in lines[1:18]}
    assert [cell.strip() for cell in rows["Key accounts"] if cell.strip()] == ["1", "3", "+2"]
    assert [cell.strip() for cell in rows["Retained share"] if cell.strip()] == ["50.0 %", "75.0 %", "+25 points"]
    assert [cell.strip() for cell in rows["Net revenue retention"] if cell.strip()] == ["not measurable", "120.0 %"]
    assert lines[-6:] == [
        "Key list: 2 entered, 0 left.",
        f"  + {HOSTILE}",
        "  + Bolt",
        "",
        "Calls this week: 0 entered, 1 left.",
        "  - Acme",
    ]


def test_equal_sets_say_so() -> None:
    text = told(compare(kept(), kept(), ("now", "a")), Language())
    assert "Made with the same parameters.\n\nThe same accounts on both key lists.\n\nThe same calls this week." in text


def test_the_page_keeps_the_rules_of_pages_and_has_its_tables_beside_it(tmp_path: Path) -> None:
    from kam_analysis.report.verify import LARGEST_PAGE, problems_of_page

    page = write_page(_both(), tmp_path, "Acme & Co", Language("mk", "EUR"))
    html = page.read_text(encoding="utf-8")
    assert problems_of_page(html, LARGEST_PAGE) == []
    assert HOSTILE not in html
    assert sorted(path.stem for path in (tmp_path / "tables").iterdir()) == [
        "call_changes",
        "headline_changes",
        "key_list_changes",
        "parameter_changes",
    ]
