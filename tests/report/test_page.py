"""Fragments: everything is escaped, absent is never zero, tables show what their contract says."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from kam_analysis.columns import ACCOUNT_NAME, Column, Kind
from kam_analysis.findings import Caveat, Finding, Grid, Show, Tile, Weight, Words, say
from kam_analysis.report import page
from kam_analysis.report.language import Language
from kam_analysis.tables import Table
from kam_analysis.vocabulary import KeyReason
from tests.report.conftest import CONTRACTS, HOSTILE, TILES, key_finding, key_rows


def cells(html: str, column: int) -> list[str]:
    """Plain texts of one column of the first table of a fragment; bars and marks taken off."""
    body = html[html.index("<tbody") : html.index("</tbody>")]
    rows = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr.*?</tr>", body)]
    return [unescape(re.sub(r"<[^>]+>", "", row[column])) for row in rows]


def row(finding: Finding, language: Language, most: int = 50) -> str:
    return page.finding_row([finding], language, CONTRACTS, most)


def test_hostile_names_are_only_ever_text(language: Language) -> None:
    html = row(key_finding(), language)
    assert "<script" not in html and "onerror" not in html
    shown = cells(html, 0)
    assert shown[:4] == list(HOSTILE[:4])
    assert shown[7] == "evil" and shown[8] == "bell and tab"  # reversed writing and control signs are taken out
    assert "&lt;script&gt;alert(1)&lt;/script&gt; leads 12 clients." in html
    assert html.count("<bdi>") == 1  # the one name that is written from right to left


def test_cells_follow_the_kind_of_their_column(language: Language) -> None:
    html = row(key_finding(), language)
    assert cells(html, 1)[:2] == ["not in the data", "Ann"]
    assert cells(html, 2)[:2] == ["£12,000", "£11,000"]
    assert cells(html, 3)[:2] == ["–", "25.0\u00a0%"]
    assert cells(html, 4)[0] == "100\u00a0%"
    assert cells(html, 5)[4:6] == ["sure", "borderline"]
    assert cells(html, 6)[:2] == ["–", "1 Dec 2011"]
    assert html.count('class="chip on"') == 5 and html.count('class="chip"') == 7
    assert html.count('class="na"') == 4 + 3 + 3  # managers, shares, dates that are missing


def test_a_finding_that_shows_no_table_still_says_its_sentence_and_base(language: Language) -> None:
    html = row(replace(key_finding(3), show=(), sub=say("Window"), base=say("Nobody is ranked.")), language)
    assert "<table" not in html and "leads 3 clients." in html
    assert "Window" in html and "Nobody is ranked." in html


def test_bars_are_scaled_to_the_columns_maximum_and_a_bounded_share_to_one(language: Language) -> None:
    bars = re.findall(r'<path d="M0 0h([\d.]+)v5', row(key_finding(4), language))
    # net sales 4, 3, 2, 1 thousand; membership 1 with a contract bound of 1
    assert bars[::2] == ["100", "75", "50", "25"] and bars[1::2] == ["100"] * 4


def test_a_bar_below_zero_is_empty(language: Language) -> None:
    rows = key_rows(2).assign(net_sales_12m=[-5.0, -10.0])
    bars = re.findall(r'<path d="M0 0h([\d.]+)v5', row(key_finding(table=rows), language))
    assert bars[::2] == ["0", "0"]


def test_small_money_shows_cents_in_the_whole_column(language: Language) -> None:
    rows = key_rows(2).assign(net_sales_12m=[999.0, 0.5])
    assert cells(row(key_finding(table=rows), language), 2) == ["£999.00", "£0.50"]
    rows = key_rows(2).assign(net_sales_12m=[1000.0, 0.5])
    assert cells(row(key_finding(table=rows), language), 2) == ["£1,000", "£0.50"]


def test_the_first_rows_are_shown_and_the_rest_is_linked(language: Language) -> None:
    html = row(key_finding(60), language, 50)
    assert len(cells(html, 0)) == 50
    assert "First 50 of 60 rows." in html and 'href="tables/key_list.csv"' in html
    assert "First" not in row(key_finding(50), language, 50)
    fewer = row(key_finding(60, most_rows=20), language, 50)
    assert len(cells(fewer, 0)) == 20 and "First 20 of 60 rows." in fewer
    assert len(cells(row(key_finding(60, most_rows=90), language, 50), 0)) == 50


@pytest.mark.parametrize(("count", "sortable", "expected"), [(24, True, True), (23, True, False), (24, False, False)])
def test_search_and_sort_from_24_rows(count: int, sortable: bool, expected: bool, language: Language) -> None:
    html = row(key_finding(count, sortable=sortable), language)
    assert ('class="sort"' in html) == ('type="search"' in html) == expected


def test_sort_keys_are_plain_numbers_and_iso_dates_and_empty_for_nothing(language: Language) -> None:
    html = row(key_finding(24, sortable=True), language)
    assert 'data-v="24000.00"' in html and 'data-v="0.25"' in html and 'data-v="2011-12-01"' in html
    # managers (every third), shares and dates (every fourth) that are missing
    assert html.count('data-v=""') == 8 + 6 + 6
    assert "data-v" not in row(key_finding(24), language)


def test_a_table_of_nine_columns_is_set_tight(language: Language) -> None:
    nine = (*key_finding().show, "customer_id", "customer_name")
    assert 'class="tight"' in row(key_finding(show=nine), language)
    assert "tight" not in row(key_finding(show=nine[:8]), language)


def test_the_line_of_the_date_names_the_last_days_and_the_money(language: Language) -> None:
    first_not_analysed, before = dt.date(2026, 1, 1), dt.date(2025, 1, 1)
    line = language.text(page.asof_message(first_not_analysed, before, "GBP"))
    assert line == "Data to 31 Dec 2025 · compared with 31 Dec 2024 · amounts in GBP, net of returns"
    line = language.text(page.asof_message(first_not_analysed, before, "GBP", "excluded"))
    assert line.endswith("amounts in GBP without VAT, net of returns")
    line = language.text(page.asof_message(first_not_analysed, before, None, "included"))
    assert line.endswith("amounts in the source's currency (not stated) with VAT, net of returns")
    line = language.text(page.asof_message(first_not_analysed, None, None))
    assert line.endswith("nothing to compare with · amounts in the source's currency (not stated), net of returns")


def test_an_action_list_becomes_cards(language: Language) -> None:
    html = row(key_finding(cards=True, show=("customer_name", Show("manager", wide=True), "net_sales_12m")), language)
    assert 'class="cards"' in html and 'data-l="Manager"' in html and 'class="wide-c full nl"' in html
    assert 'role="rowheader"' in html and "tabindex" not in html


def test_a_column_that_is_empty_in_every_row_is_left_out_and_named(language: Language) -> None:
    rows = key_rows(3).assign(manager=None, share_12m=None)
    html = row(key_finding(table=rows, base=say("Three clients.")), language)
    assert ">Manager<" not in html and ">Share<" not in html and ">Last order<" in html
    assert "Three clients. Left out, empty in every row: Manager and Share." in html
    assert "Left out" not in row(key_finding(3), language)
    only = key_finding(table=rows, show=("manager",))
    assert cells(row(only, language), 0) == ["not in the data"] * 3


def test_rows_stand_under_the_head_of_their_group_in_the_order_of_its_first_row(language: Language) -> None:
    rows = key_rows(4).assign(manager=["Bo", None, "<b>Ann</b>", "Bo"])
    html = row(key_finding(table=rows, cards=True, grouped_by="manager"), language)
    parts = html.split('<tr class="head"')[1:]
    heads = [re.search(r"<th[^>]*>(.*?)</th>", part).group(1) for part in parts]  # type: ignore[union-attr]
    assert heads == ["Bo (2)", "not in the data (1)", "&lt;b&gt;Ann&lt;/b&gt; (1)"]
    assert [re.findall(r"£(\d),000", part) for part in parts] == [["4", "1"], ["3"], ["2"]]
    assert ">Manager<" not in html and html.count("<tbody") == 3
    alone = row(key_finding(table=rows.assign(manager=None), grouped_by="manager"), language)
    assert 'class="head"' not in alone and "empty in every row: Manager" in alone


def test_an_empty_table_says_why(language: Language) -> None:
    none = say("None of {n:count} salespeople.", n=9)
    html = row(key_finding(0, none=none), language)
    assert cells(html, 0) == ["None of 9 salespeople."]
    assert "No rows." in row(key_finding(0), language)


def test_an_absent_finding_shows_its_reason_and_nothing_else(language: Language) -> None:
    html = row(key_finding(absent=say("The source holds no complaints.")), language)
    assert "Who are the key clients?" in html and "The source holds no complaints." in html
    assert 'class="void"' in html and "<table" not in html and "csv" not in html


def test_a_drawing_of_nothing_is_a_box_with_its_reason(language: Language) -> None:
    html = row(key_finding(0, drawing="key_clients.membership", show=(), none=say("No list.")), language)
    assert 'class="void"' in html and "No list." in html and "<svg" not in html


def test_a_drawing_comes_in_both_widths_with_title_and_source(language: Language) -> None:
    html = row(key_finding(drawing="key_clients.membership"), language)
    assert html.count('<svg class="wide"') == html.count('<svg class="slim"') == 1
    assert "<script" not in html
    assert "<b>Who are the key clients?</b>" in html  # the table below the drawing does not repeat its title


def test_caveats_are_sorted_by_weight_and_said_once(language: Language) -> None:
    twice = Caveat(say("Grave"), say("A big thing."), Weight.RED)
    html = page.finding_row([key_finding(), key_finding(3, caveats=(twice,))], language, CONTRACTS)
    assert re.findall(r"<b>(Grave|Mild)</b>", html) == ["Grave", "Mild"]


def test_tiles_show_change_or_what_is_missing(language: Language) -> None:
    html = page.tiles(TILES, language)
    assert "£3.04\u00a0M" in html and "▲" in html and "+20.5\u00a0% from £2.52\u00a0M" in html
    assert 'href="tables/company_months.csv"' in html
    assert 'class="tile nm"' in html and "not measurable" in html and "First possible in Dec 2012." in html


@pytest.mark.parametrize(("is_up", "arrow"), [(True, "▲"), (False, "▼"), (None, "")])
def test_the_arrow_of_a_tile(is_up: bool | None, arrow: str, language: Language) -> None:
    view = page.tile_view(replace(TILES[0], is_up=is_up), language)
    assert view["arrow"] == arrow


def test_a_change_too_small_to_show_has_no_arrow(language: Language) -> None:
    tile = replace(TILES[0], is_up=True, change=say("{change:points}", change=0.0004))
    assert page.tile_texts(tile, language)["is_up"] is None
    assert page.tile_texts(replace(tile, change=say("{change:points}", change=0.0005)), language)["is_up"] is True


def test_a_tile_that_cannot_be_measured_has_no_arrow(language: Language) -> None:
    tile = Tile(say("x"), None, say("n"), say("d"), "x", change=say("up"), is_up=True)
    view = page.tile_view(tile, language)
    assert (view["arrow"], view["change"], view["value"]) == ("", "up", "not measurable")


COHORTS = Table(
    "cohorts",
    "cohort and age",
    (
        Column("cohort", Kind.MONTH, say("First order"), "Month."),
        Column("age", Kind.COUNT, say("Months since"), "Age."),
        Column("share", Kind.SHARE, say("Share"), "Share.", nullable=True),
        Column("customers", Kind.COUNT, say("Customers"), "n."),
    ),
)


def test_a_grid_is_coloured_in_sixths_and_blank_where_nothing_is_known(language: Language) -> None:
    january, february = pd.Timestamp(2011, 1, 1), pd.Timestamp(2011, 2, 1)
    rows = [
        (january, 0, 0.6, 10),
        (january, 1, 0.1, 10),
        (january, 2, 0.0, 10),
        (february, 0, 0.31, 9),
        (february, 1, None, 9),
    ]
    table = COHORTS.conform(pd.DataFrame(rows, columns=COHORTS.names))
    grid = Grid("cohort", "age", "share", ("customers",))
    finding = Finding("cohorts", say("Q"), say("S"), table, grid=grid)
    html = page.finding_row([finding], language, {"cohorts": COHORTS})
    # largest 0.6, edges 0.1, 0.2, 0.3, 0.4, 0.5: 0.6 above all, exactly 0.1 not above the first, 0.31 above three
    assert re.findall(r'class="r z(\d)">([^<]+)<small>(\d+)</small>', html) == [
        ("5", "60.0\u00a0%", "10"),
        ("0", "10.0\u00a0%", "10"),
        ("0", "0\u00a0%", "10"),
        ("3", "31.0\u00a0%", "9"),
    ]
    assert html.count("<td></td>") == 2  # February 1 is not measured, February 2 has no row
    assert '<th scope="row">Jan 2011</th>' in html and ">First order</th>" in html


def test_texts_of_a_page_change_with_the_language() -> None:
    russian = Language("ru", "RUB")
    html = page.tiles(TILES, russian) + row(key_finding(), russian)
    assert "Определение" in html and "₽" in html and "Definition" not in html


def test_a_cell_reads_in_the_unit_that_its_row_tells(language: Language) -> None:
    feature = Column("feature", Kind.NAME, say("Feature"), "What.")
    kinds = {"sales": Kind.MONEY, "part": Kind.SHARE, "nps": Kind.POINTS}
    table = Table(
        "mixed", "one feature", (feature, Column("median", Kind.NUMBER, say("Median"), "M.", by="feature", kinds=kinds))
    )
    frame = table.conform(
        pd.DataFrame({"feature": ["sales", "part", "nps", "days"], "median": [1500.4, 0.08, -0.0071, 22]})
    )
    found = Finding("mixed", say("?"), say("!"), frame, show=("feature", "median"))
    html = page.finding_row([found], language, {"mixed": table}).replace("\u00a0", " ")
    assert [cell in html for cell in (">£1,500<", ">8.0 %<", ">−0.7<", ">22<")] == [True] * 4
    grid = replace(found, show=(), grid=Grid("feature", "feature", "median"))
    assert ">£1,500<" in page.finding_row([grid], language, {"mixed": table}).replace("\u00a0", " ")


def test_what_stands_behind_a_name_and_which_rows_are_marked(language: Language) -> None:
    table = Table(
        "t",
        "one account",
        (
            ACCOUNT_NAME,
            Column("group_of", Kind.COUNT, say("Group of"), "Members.", nullable=True),
            Column("reasons", Kind.MEMBERS, say("Why"), "Reasons.", members=KeyReason),
            Column("share", Kind.SHARE, say("Share"), "Share."),
            Column("trend", Kind.SERIES, say("Trend"), "By month.", nullable=True),
            Column("is_stopped", Kind.FLAG, say("Stopped"), "Stopped."),
        ),
    )
    rows = [("<b>", 5, "company", 0.41, "4 0 8", True), ("x", None, "company", 0.40, None, False)]
    group = Show("group", words=Words(say("Group"), [[say("group of {group_of:count}")]]))
    chips = Show("reasons", chip=True, details={"company": ("", "share")}, strong_above=0.40)
    finding = Finding(
        "t",
        say("?"),
        say("!"),
        table.conform(pd.DataFrame(rows, columns=table.names)),
        show=(Show("account_name", also=(group, chips)), "trend"),
        marked_by="is_stopped",
    )
    html = page.finding_row([finding], language, {"t": table})
    first, second = re.findall(r"<tr[^>]*><th scope=.row.>.*?</tr>", html)
    assert first.startswith('<tr class="hit">') and second.startswith("<tr>")
    assert '&lt;b&gt; <span class="also">group of 5</span>' in first and "group of" not in second
    assert '<span class="chip on">' in first and '<span class="chip">' in second
    assert first.count("34v-") == 2 and 'aria-label="the last 3 months"' in first
    assert "<svg" not in second


def test_a_value_with_a_page_of_its_own_is_a_link_wherever_a_table_shows_it(language: Language) -> None:
    pages = {"manager": {"Ann": "managers/ann.html", "": "managers/nobody.html"}}
    html = page.finding_row([key_finding(3)], language, CONTRACTS, pages=pages)
    assert html.count('<a href="managers/ann.html"><bdi>Ann</bdi></a>') == 2
    assert '<a href="managers/nobody.html"><bdi>not in the data</bdi></a>' in html
    assert "<a href" not in page.finding_row([key_finding(3)], language, CONTRACTS).replace('<a href="tables', "")


def test_a_detail_is_left_to_the_pages_of_their_own(language: Language) -> None:
    finding = key_finding(3, show=("customer_name", Show("last_order_on", is_detail=True)))
    assert "Last order" not in page.finding_row([finding], language, CONTRACTS)
