"""The register: who is merged and who never, decisions that survive, the planted pairs of the demo."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kam_analysis.cleaning.source import clean_source
from kam_analysis.customers import (
    customer_candidates,
    customer_groups,
    customer_merges,
    customer_records,
    record_owners,
)
from kam_analysis.customers.contracts import RECORD_OWNERS
from kam_analysis.customers.find import find, told
from kam_analysis.customers.names import taken_apart
from kam_analysis.customers.resolutions import Decision, Resolution, read_resolutions, write_resolution
from kam_analysis.customers.similarity import similarity
from kam_analysis.customers.upsert import NOTHING_CHANGED, upsert_plan
from kam_analysis.customers.upsert import told as plan_text
from kam_analysis.engine import Engine
from kam_analysis.errors import UserError
from kam_analysis.params import Cleaning, parse
from kam_analysis.sources.lines import read_optional
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import CUSTOMER_FACTS, CUSTOMER_REGISTER, CUSTOMERS, INTERACTIONS

ROOT = Path(__file__).parents[2]
AS_OF = dt.date(2025, 1, 1)
ORDERS = "customer,date,amount\n1,2024-01-05,10\n2,2024-02-05,20\n3,2024-03-05,40\n4,2024-03-06,80\n"
PEOPLE = (
    "customer_id,name,tax_id,city,created,manager,consent\n"
    "1,ООО «Ромашка»,7701234567,Moscow,2020-01-01,Ana,\n"
    "2,Romashka LLC,7701 234567,,2021-01-01,Ana,yes\n"
    "3,Ромашка ООО,,Moscow,2022-01-01,Bob,\n"
    "4,Vega Ltd,0000000000,Sofia,,Bob,\n"
)


@pytest.fixture
def shop(source):
    source.write("a.csv", ORDERS).write("people.csv", PEOPLE).orders(files="a.csv")
    source.table("customers", files="people.csv")
    return source


def register(source):
    return source.engine.frame("customer_register", CUSTOMER_REGISTER).set_index("customer_id")


def facts(source):
    return source.engine.frame("customer_facts", CUSTOMER_FACTS).set_index("customer_id")


def test_the_same_tax_id_is_one_customer_everywhere(shop) -> None:
    settled = shop.clean().settled
    assert settled.merges[["customer_id", "other_id", "reason", "net_sales"]].values.tolist() == [
        ["1", "2", "tax_id", 20]
    ]
    assert facts(shop)["net_sales"].to_dict() == {"1": 30.0, "3": 40.0, "4": 80.0}
    assert register(shop).loc["1", ["other_ids", "other_names"]].tolist() == ["2", "Romashka LLC"]
    one = shop.engine.frame("customers", CUSTOMERS).set_index("customer_id").loc["1"]
    assert (one["name"], one["city"], one["consent"]) == ("ООО «Ромашка»", "Moscow", "yes")  # the gap filled from 2
    found = customer_merges(settled)
    assert found.numbers == {"merged_records": 1, "merged_net_sales": 20.0}


def test_a_similar_name_is_only_a_candidate(shop) -> None:
    found = customer_candidates(shop.clean().settled)
    assert found.table[["customer_id", "other_id", "reason", "net_sales"]].values.tolist() == [
        ["1", "3", "same_words", 50]
    ]
    assert found.table["score"].tolist() == [1.0] and found.caveats
    assert "3" in facts(shop).index


def test_a_filler_is_no_tax_id(source) -> None:
    rows = "customer_id,name,tax_id\n1,Alpha,0000000000\n2,Omega,0000000000\n3,Zeta,123456789\n4,Iota,123456789\n"
    source.write("a.csv", ORDERS).write("people.csv", rows).orders(files="a.csv")
    source.table("customers", files="people.csv")
    assert source.clean().settled.merges.empty


def test_decisions_survive_and_win_over_the_tax_id(shop) -> None:
    write_resolution(shop.folder, Resolution("1", "2", Decision.DIFFERENT), "1234")
    write_resolution(shop.folder, Resolution("1", "3", Decision.SAME, "one firm"), "1234")
    for _ in range(2):
        settled = shop.clean().settled
        assert settled.merges[["customer_id", "other_id", "reason"]].values.tolist() == [["1", "3", "decision"]]
        assert facts(shop)["net_sales"].to_dict() == {"1": 50.0, "2": 20.0, "4": 80.0}
        assert settled.candidates.empty
    path, before = write_resolution(shop.folder, Resolution("3", "1", Decision.DIFFERENT), "1234")
    assert before == Resolution("1", "3", Decision.SAME, "one firm")
    assert path.read_text(encoding="utf-8").splitlines() == [
        "customer_id,other_id,decision,note", "1,2,different,", "3,1,different,",
    ]  # fmt: skip


def test_a_group_by_decision_rolls_up(shop) -> None:
    write_resolution(shop.folder, Resolution("3", "4", Decision.GROUP), "1234")
    shop.clean()
    parents = facts(shop)["parent_id"]
    assert parents["3"] == parents["4"] == "3" and parents["1"] == "1"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("1,9,same,", "row 2: no such customer"),
        ("1,1,same,", "a customer beside itself"),
        ("1,2,maybe,", "unknown decision 'maybe'"),
        ("1,2,same,\n2,1,different,", "row 3: contradicts an earlier row"),
        ("1,3,same,\n3,4,same,\n1,4,different,", "the same by way of other decisions"),
    ],
)
def test_wrong_decisions_are_told_with_their_row(shop, rows: str, problem: str) -> None:
    shop.write("resolutions.csv", f"customer_id,other_id,decision,note\n{rows}\n")
    with pytest.raises(UserError, match=problem):
        shop.clean()


def test_a_row_without_a_decision_decides_nothing(tmp_path) -> None:
    (tmp_path / "resolutions.csv").write_text("customer_id,other_id,decision\n1,2,\n", encoding="utf-8-sig")
    assert read_resolutions(tmp_path, "12") == []


def test_lines_and_money_are_the_same_after_merging(shop) -> None:
    shop.clean()
    assert shop.engine.rows("SELECT count(*), sum(net_sales)::DOUBLE FROM order_lines") == [(4, 150.0)]
    assert shop.engine.rows("SELECT list(line_no) FROM order_lines") == [([1, 2, 3, 4],)]


def test_records_are_scored_per_field_and_owner(shop) -> None:
    found = customer_records(shop.clean().settled)
    by_field = found.table.set_index("field")
    assert by_field.loc["city", "filled_share"] == 0.75 and by_field.loc["consent", "filled"] == 1
    assert by_field.loc["tax_id", "valid_share"] == pytest.approx(2 / 3)  # 0000000000 is a filler
    assert by_field.loc["consent", ["worst_owner", "worst_gaps"]].tolist() == ["Bob", 2]  # 3 and 4; of Ana only 1


def test_owners_by_their_records_and_contacts(shop) -> None:
    settled = shop.clean().settled
    records = settled.records.assign(
        updated_on=pd.to_datetime(["2023-12-31", "2024-12-01", None, "2026-01-01"]),  # old, new, no date, in the future
    )
    seen = INTERACTIONS.conform(
        pd.DataFrame(
            {
                "customer_id": ["1", "2", "3", "4"],
                "date": pd.to_datetime(["2024-10-03", "2024-10-02", "2024-12-01", "2024-12-01"]),
                "type": ["Visit", "visit", "call", " Complaint"],
            }
        ).reindex(columns=INTERACTIONS.names)
    )
    found = record_owners(replace(settled, records=records, merges=settled.merges.head(0)), seen, AS_OF, Cleaning())
    RECORD_OWNERS.check(found.table)
    by_owner = found.table.set_index("owner")
    assert by_owner.records.to_dict() == {"Ana": 2, "Bob": 2}
    assert by_owner.contacted_share.to_dict() == {
        "Ana": 0.5,
        "Bob": 0.5,
    }
    assert by_owner.loc["Ana", ["dated", "old_share"]].tolist() == [2, 0.5]
    assert by_owner.loc["Bob", "dated"] == 0 and pd.isna(by_owner.loc["Bob", "old_share"])
    assert found.numbers == {"records_old_share": 0.5, "records_contacted_share": 0.5}
    silent = record_owners(settled, INTERACTIONS.empty(), AS_OF, Cleaning())
    assert silent.numbers["records_contacted_share"] is None and "contacted_share" not in silent.show


def test_a_contact_counts_for_the_record_that_was_merged(shop) -> None:
    settled = shop.clean().settled
    [(other, kept)] = settled.merges[["other_id", "customer_id"]].to_numpy().tolist()
    seen = INTERACTIONS.conform(
        pd.DataFrame({"customer_id": [kept], "date": pd.to_datetime(["2024-12-01"]), "type": ["call"]}).reindex(
            columns=INTERACTIONS.names
        )
    )
    found = record_owners(settled, seen, AS_OF, Cleaning())
    assert (found.table.contacted_share * found.table.records).sum() == 2 and other != kept


def test_without_a_customers_table_records_are_not_measurable(source) -> None:
    found = customer_records(source.write("a.csv", ORDERS).clean().settled)
    assert found.absent is not None and found.numbers["records_filled_share"] is None


def test_nobody_in_doubt_is_said(source) -> None:
    settled = source.write("a.csv", ORDERS).clean().settled
    for made in (customer_merges, customer_candidates, customer_groups):
        assert made(settled).table.empty


def test_find_by_any_part_of_any_spelling(shop) -> None:
    shop.clean()
    known = shop.engine.frame("customer_register", CUSTOMER_REGISTER)
    assert find(known, "romash").customer_id.tolist() == ["1", "3"]
    assert find(known, "ромашка варшава").empty and find(known, "ромашка moscow").customer_id.tolist() == ["1", "3"]
    assert find(known, "770123").customer_id.tolist() == ["1"] and find(known, "2").customer_id.tolist() == ["1"]
    assert "2 customers fit" in told(find(known, "ромашка")) and "nobody fits" in told(find(known, "zzz"))
    short = known.head(1).assign(customer_name="Z Trade")
    assert find(short, "zzzz").empty and len(find(short, "z")) == 1
    assert told(find(known, "vega")) == "4: Vega Ltd · Sofia · Bob"


def test_an_upsert_tells_new_same_and_conflicting(shop) -> None:
    shop.clean()
    before = shop.engine.frame("customers", CUSTOMERS)
    rows = before[before.customer_id.isin(["1", "3"])].assign(city=["Tver", "Moscow"])
    newcomer = rows.head(1).assign(customer_id="77", name="Neue GmbH", tax_id="DE123406789", city="Wien")
    newer = pd.concat([rows, newcomer], ignore_index=True)
    plan = upsert_plan(before, newer, shop.engine.frame("customer_register", CUSTOMER_REGISTER))
    assert plan.where(plan.notna(), None).values.tolist() == [
        ["conflicting", "1", "1", "city", "Moscow", "Tver"],
        ["same", "3", "3", None, None, None],
        ["new", "77", "77", None, None, None],
    ]
    assert plan_text(plan).splitlines() == [
        "records: 1 new, 1 same, 1 conflicting",
        "1, city: Moscow -> Tver",
        NOTHING_CHANGED,
    ]


def test_sensitive_columns_are_hashed_with_the_salt_or_not_read(shop, tmp_path) -> None:
    shop.table("customers", files="people.csv", sensitive=["tax_id"])

    def tax_ids(**environment: str) -> list[str | None]:
        read_optional(shop.engine, shop.profile, shop.folder, tmp_path, environment)
        return [row[0] for row in shop.engine.rows("SELECT tax_id FROM customers ORDER BY customer_id")]

    assert tax_ids() == [None] * 4
    assert shop.clean().unread == ("customers.tax_id",)
    one, other = tax_ids(KAM_SALT="pepper"), tax_ids(KAM_SALT="sea")
    assert one[0] == one[1] != other[0]  # 7701234567 and 7701 234567
    assert one[0].startswith("#") and len(one[0]) == 17 and "7701" not in one[0]
    assert one[2:] == [None, None]  # nothing, and a filler


def test_only_text_of_optional_tables_can_be_sensitive(shop) -> None:
    shop.table("customers", files="people.csv", sensitive=["created"])
    with pytest.raises(ValueError, match=r"customers\.sensitive: created is no column of text"):
        shop.profile  # noqa: B018


@pytest.fixture(scope="module")
def demo():
    profile = load_profile(ROOT / "sources" / "demo.yaml")
    truth = json.loads((ROOT / "data" / "truth" / "demo.json").read_text(encoding="utf-8"))
    with Engine() as engine:
        yield clean_source(engine, profile, ROOT / "data" / "raw" / "demo", parse({})).settled, truth


def test_the_planted_duplicates_are_merged_and_nobody_else(demo) -> None:
    settled, truth = demo
    planted = {(pair["customer_id"], pair["second_id"]) for pair in truth["duplicate_customers"]}
    assert set(settled.merges[["customer_id", "other_id"]].itertuples(index=False, name=None)) == planted


def test_the_planted_duplicates_would_be_candidates_without_tax_ids(demo) -> None:
    _, truth = demo
    for pair in truth["duplicate_customers"]:
        assert similarity(taken_apart(pair["name"]), taken_apart(pair["second_name"])).may_be_same, pair


def test_the_planted_groups_without_a_link_are_suggested_whole(demo) -> None:
    settled, truth = demo
    suggested = settled.groups.groupby("group_no")["customer_id"].agg(set).tolist()
    for group in truth["groups"]:
        if not group["linked"]:
            assert any(set(group["members"]) <= members for members in suggested), group


def test_planted_namesakes_are_reported_and_never_merged(demo) -> None:
    settled, truth = demo
    suggested = settled.groups.groupby("group_no")["customer_id"].agg(set).tolist()
    for namesakes in truth["namesakes"]:
        ids = set(namesakes["customer_ids"])
        assert any(ids <= members for members in suggested)
        assert not ids & set(settled.merges["other_id"])


def test_a_file_of_decisions_is_no_export(source) -> None:
    write_resolution(source.write("a.csv", ORDERS).folder, Resolution("1", "2", Decision.SAME), "1234")
    assert source.clean().settled.merges["other_id"].tolist() == ["2"]  # orders.files is *.csv


def test_different_holds_by_way_of_a_third_record(source) -> None:
    rows = "customer_id,name,tax_id,created\n" + "".join(f"{n},N{n},40940063016,202{n}-01-01\n" for n in (1, 2, 3))
    source.write("a.csv", ORDERS).write("people.csv", rows).orders(files="a.csv").table("customers", files="people.csv")
    for two, pairs in (("2,3", [["1", "2"]]), ("1,2", [["1", "3"]]), ("1,3", [["1", "2"]])):
        source.write("resolutions.csv", f"customer_id,other_id,decision\n{two},different\n")
        assert source.clean().settled.merges[["customer_id", "other_id"]].values.tolist() == pairs


def test_a_group_by_decision_takes_the_parent_that_one_of_them_has(source) -> None:
    rows = "customer_id,name,parent_id\n1,A,\n2,B,H1\n3,C,\n4,D,\n"
    source.write("a.csv", ORDERS).write("people.csv", rows).orders(files="a.csv").table("customers", files="people.csv")
    write_resolution(source.folder, Resolution("1", "2", Decision.GROUP), "1234")
    source.clean()
    assert facts(source)["parent_id"].to_dict() == {"1": "H1", "2": "H1", "3": "3", "4": "4"}


def test_hashed_tax_ids_still_merge_and_fillers_do_not(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAM_SALT", "pepper")
    shop.table("customers", files="people.csv", sensitive=["tax_id"])
    cleaned = shop.clean()
    assert cleaned.settled.merges[["customer_id", "other_id"]].values.tolist() == [["1", "2"]]
    assert cleaned.unread == ()


@pytest.mark.parametrize("head", ["customer_id;other_id;decision", "customer_id\tother_id\tdecision"])
def test_decisions_saved_by_a_spreadsheet_are_read(shop, head: str) -> None:
    mark = head[len("customer_id")]
    shop.write("resolutions.csv", f"{head}\n1{mark}3{mark}same\n", "utf-8-sig")
    assert shop.clean().settled.merges["other_id"].tolist() == ["3", "2"]  # by money


def test_decisions_without_their_head_are_told(shop) -> None:
    shop.write("resolutions.csv", "1,3,same\n")
    with pytest.raises(UserError, match="row 1: has not all columns it needs"):
        shop.clean()


def test_nobody_is_found_by_what_is_missing(shop) -> None:
    shop.clean()
    known = shop.engine.frame("customer_register", CUSTOMER_REGISTER)
    assert find(known, "nan").empty and find(known, "none").empty


@pytest.mark.parametrize(
    ("parents", "tops", "circles"),
    [
        ("1,G\n2,1\n", {"1": "G", "2": "G", "3": "3"}, ()),  # a chain leads to the top
        ("1,1\n2,1\n", {"1": "1", "2": "1", "3": "3"}, ()),  # its own parent
        ("1,2\n2,1\n3,2\n", {"1": "1", "2": "1", "3": "1"}, (("1", "2"),)),  # a circle is one group
    ],
)
def test_parents_of_parents(source, parents, tops, circles):
    source.write("a.csv", ORDERS).write("people.csv", "customer_id,parent_id\n" + parents).orders(files="a.csv")
    cleaned = source.table("customers", files="people.csv").clean()
    found = facts(source).parent_id
    assert {name: found[name] for name in tops} == tops
    assert cleaned.settled.circles == circles
    assert len(customer_groups(cleaned.settled).caveats) == len(circles)


def test_the_parent_of_a_merged_record_is_the_customer_that_it_became(source):
    people = "customer_id,tax_id,created,parent_id\n1,7701234567,2020-01-01,\n2,7701234567,2021-01-01,\n3,,,2\n"
    source.write("a.csv", ORDERS).write("people.csv", people).orders(files="a.csv")
    source.table("customers", files="people.csv").clean()
    assert facts(source).parent_id.to_dict() == {"1": "1", "3": "1", "4": "4"}
