"""Pages in every language from what a room left: drawn anew only where something changed, whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path

import pytest

from kam_analysis.errors import UserError
from kam_analysis.findings import say
from kam_analysis.pipeline.history import Call, keep
from kam_analysis.pipeline.last_run import last_run
from kam_analysis.pipeline.project import Project
from kam_analysis.report import language as module
from kam_analysis.report.verify import problems_of_page
from kam_analysis.site.render import render
from tests.pages.conftest import Written
from tests.report.conftest import key_finding


def hashes(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read(written: Written, name: str) -> str:
    return (written.project.reports / name).read_text(encoding="utf-8")


def test_one_language_stands_in_the_reports_themselves(written: Written) -> None:
    render(written.project)
    assert set(hashes(written.project.reports)) == {
        "01_cleaning.html", "headline.json", "index.html", "metrics/cleaning.json", "tables/key_list.csv"
    }  # fmt: skip
    html = read(written, "01_cleaning.html")
    assert problems_of_page(html) == [] and "BY HAND" not in html
    assert 'class="langs"' not in html and 'href="tables/key_list.csv"' in html


def test_every_language_has_its_pages_and_leads_to_the_others(written: Written) -> None:
    written.languages("ru", "en", "mk")
    render(written.project)
    for code, folder in {"ru": "", "en": "en/", "mk": "mk/"}.items():
        for page in ("01_cleaning.html", "index.html"):
            html = read(written, folder + page)
            assert f'<html lang="{code}">' in html
            assert problems_of_page(html, depth=1 if folder else 0) == []
            links = {link for link in re.findall(r'href="([^"#]+)"', html) if not re.match(r"0[2-9]_", link)}
            links -= {f"{'../' if folder else ''}tables/company_months.csv"}  # of a tile, by another room here
            assert all((written.project.reports / folder / link).is_file() for link in links), links
            up = "../" if folder else ""
            assert {f"{up}{page}", f"{up}en/{page}", f"{up}mk/{page}"} <= links
            assert page == "index.html" or f"{up}tables/key_list.csv" in links
            switch = re.findall(r'<a href="[^"]*" lang="(\w\w)" hreflang="\w\w"( aria-current="true")?>', html)
            assert [(one, bool(here)) for one, here in switch] == [(one, one == code) for one in ("ru", "en", "mk")]


def test_nothing_is_drawn_twice_and_a_new_language_leaves_the_old_one_alone(written: Written) -> None:
    assert render(written.project) > 0
    before = hashes(written.project.reports)
    assert render(written.project) == 0
    assert hashes(written.project.reports) == before
    written.languages("en", "ru")
    # the picture and its row in Russian; the CSV has no language
    assert render(written.project) == 2


def test_a_changed_finding_draws_itself_and_nothing_else(written: Written) -> None:
    one, two = key_finding(drawing="key_clients.membership"), key_finding(name="second", show=("customer_name",))
    written.leave(one, two)
    render(written.project)
    written.leave(one, key_finding(name="second", show=("manager",)))
    # both stand in one row; the picture and the CSV of the first stay
    assert render(written.project) == 2


def test_findings_beside_a_notebook_of_another_run_are_refused(written: Written) -> None:
    render(written.project)
    before = hashes(written.project.reports)
    written.leave(key_finding(3), with_notebook=False)
    with pytest.raises(UserError, match=r"notebooks/01_cleaning\.ipynb: is of another run .* Cure: kam run"):
        render(written.project)
    assert hashes(written.project.reports) == before


def test_a_chart_that_nobody_draws_is_refused(written: Written) -> None:
    written.leave(key_finding(drawing="no_such_chart"))
    with pytest.raises(UserError, match="no drawing is called 'no_such_chart'"):
        render(written.project)
    assert not written.project.index.exists()


def test_a_wrong_placeholder_is_named_with_its_file_and_line(
    written: Written, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "locale").mkdir()
    entry = '\nmsgid "{n:count} rows"\nmsgstr "строк: {m:count}"\n'
    (tmp_path / "locale" / "ru.po").write_text(entry, encoding="utf-8")
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    module._catalogue.cache_clear()
    written.languages("en", "ru")
    with pytest.raises(UserError, match=r"report/locale/ru\.po, line 2: 'строк: \{m:count\}' has other values"):
        render(written.project)
    assert not written.project.index.exists()


def test_the_same_history_gives_the_same_page_anywhere_and_a_broken_set_is_named(
    written: Written, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    history = written.project.history("tiny")
    render(written.project)
    assert "This is the first published set." in read(written, "index.html")
    now = last_run(written.project)
    before = now.model_copy(update={"as_of": dt.date(2011, 11, 1), "calls": {"c": Call(name="Zo")}})
    keep(history, before, 9)
    keep(history, now, 9)  # the same as the run: compared with the one before it
    (history / "0003.json").write_text("{", encoding="utf-8")
    render(written.project)
    assert "calls: 0 new, 1 gone." in read(written, "index.html")
    assert capsys.readouterr().err == "data/history/tiny/0003.json cannot be read and is left out\n"
    elsewhere = Project(tmp_path_factory.mktemp("elsewhere") / "clone")
    shutil.copytree(written.project.root, elsewhere.root)
    shutil.rmtree(elsewhere.reports / "managers")
    render(elsewhere)
    assert hashes(elsewhere.reports) == hashes(written.project.reports)


def test_without_a_room_there_is_nothing_to_draw(written: Written) -> None:
    import shutil

    shutil.rmtree(written.project.findings("cleaning"))
    with pytest.raises(UserError, match="no room has run"):
        render(written.project)


def test_names_never_become_markup(written: Written) -> None:
    written.leave(key_finding(question=say("{x}", x="<script>alert(2)</script>")))
    render(written.project)
    html = read(written, "01_cleaning.html")
    assert "<script>alert" not in html and problems_of_page(html) == []
