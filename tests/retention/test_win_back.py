"""Returns by length of silence, the win-back list, and what win-back contacts brought."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Retention
from kam_analysis.retention import inter_purchase_gaps, order_days, return_by_silence, win_back_list, win_back_results
from kam_analysis.retention.win_back import is_unusual
from kam_analysis.tables import CUSTOMERS, INTERACTIONS

CALENDAR = Calendar(dt.date(2024, 1, 1), dt.date(2025, 1, 1))
RULES = Retention(min_cell=2, silence_days=(30, 60), return_days=30)
NOBODY_ASKED = INTERACTIONS.empty()


def asked(*contacts: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(contacts, columns=["customer_id", "date"]).assign(type="win-back")
    return INTERACTIONS.conform(frame.reindex(columns=INTERACTIONS.names))


def spans_of(make_frames, sales: list[tuple[str, str]], interactions: pd.DataFrame = NOBODY_ASKED) -> pd.DataFrame:
    orders, _ = make_frames([(who, day, 1.0) for who, day in sales])
    return inter_purchase_gaps(order_days(orders, CALENDAR), interactions, CALENDAR)


SALES = [
    ("a", "2024-01-01"), ("a", "2024-02-05"), ("a", "2024-06-01"),  # silent for 35 days, then for 117
    ("b", "2024-01-01"), ("b", "2024-03-01"),  # silent for 60 days
    ("c", "2024-01-01"),  # never again
    ("d", "2024-12-01"),  # followed for 31 days only
]  # fmt: skip


def test_returns_by_hand(make_frames) -> None:
    rows = return_by_silence(spans_of(make_frames, SALES), 0.10, RULES).table
    every = rows[rows["silence_kind"] == "any"].set_index("silence_days")
    # 30 days: a (35) and b (60) come within 60, c does not, d was not followed for 60
    assert every.loc[30, ["customers", "returned"]].tolist() == [3, 2]
    # 60 days: a's second silence (117, not within 90), b's second (open; day 60 of its first ended it) and c
    assert every.loc[60, ["customers", "returned"]].tolist() == [3, 0]


def test_one_silence_per_customer_the_first_that_grew_so_long(make_frames) -> None:
    sales = [("a", f"2024-{month:02}-01") for month in (1, 3, 5, 7)] + [("b", "2024-01-01")]
    rows = return_by_silence(spans_of(make_frames, sales), 0.10, RULES).table.set_index(
        ["silence_kind", "silence_days"]
    )
    assert rows.loc[("any", 30), ["customers", "returned"]].tolist() == [2, 1]


def test_silences_with_a_win_back_contact_are_no_unaided_return(make_frames) -> None:
    helped = spans_of(make_frames, SALES, asked(("b", "2024-02-20"), ("c", "2024-11-01"), ("b", "2024-03-01")))
    rows = return_by_silence(helped, 0.10, RULES).table.set_index(["silence_kind", "silence_days"])
    # b was asked on day 50 of 60: out; c only on day 305, after the 60 days that count: in
    assert rows.loc[("any", 30), ["customers", "returned"]].tolist() == [2, 1]
    assert helped.set_index(["customer_id", "place"])["asked_after_days"].loc[[("b", 1), ("c", 1)]].tolist() == [
        50,
        305,
    ]


def test_unusual_by_the_pooled_rate_where_all_are_alike() -> None:
    # two customers with 9 gaps of 10 days each: one rate of 0.1 a day; exp(−0.1·L) < 0.10 from L = 24 days
    spans = pd.DataFrame({"place": [10, 10, 1], "since_first_days": [90, 90, 0], "is_closed": [False, False, True]})
    assert is_unusual(spans, 23, 0.10).tolist() == [False, False, False]
    assert is_unusual(spans, 24, 0.10).tolist() == [True, True, False]  # one order day is no rhythm
    nobody = pd.DataFrame({"place": [1], "since_first_days": [0], "is_closed": [False]})
    assert not is_unusual(nobody, 400, 0.10).any()


def test_too_few_are_hidden_and_absent(make_frames) -> None:
    found = return_by_silence(spans_of(make_frames, SALES), 0.10, Retention(min_cell=10))
    assert found.absent is not None and found.table["return_share"].isna().all()
    assert found.numbers["return.30d"] is None and found.numbers["return.30d_absent"] == "fewer than 10 customers"


def stopped(**given: object) -> dict[str, object]:
    plain = {"order_days": 9, "recency_days": 70, "median_gap_days": 20, "manager": "Ana"}
    return plain | given


RETURNS = pd.DataFrame(
    {
        "silence_kind": ["unusual", "unusual", "any"], "silence_days": [30, 60, 30], "customers": [40, 20, 90],
        "returned": [20, 5, 80], "return_share": [0.5, 0.25, 0.9], "low": [0.4, 0.1, 0.8], "high": [0.6, 0.4, 0.95],
    }
)  # fmt: skip


def sales_of(**money: tuple[float, float | None]) -> pd.DataFrame:
    rows = [(who, pd.Timestamp("2024-10-01"), sales, margin) for who, (sales, margin) in money.items()]
    return pd.DataFrame(rows, columns=["customer_id", "last_on", "net_sales_year", "margin_year"])


def test_the_list_by_hand(make_facts) -> None:
    facts = make_facts(
        {
            "long": stopped(), "short": stopped(recency_days=60), "early": stopped(recency_days=30),
            "usual": stopped(), "once": stopped(order_days=1), "no": stopped(),
        }
    )  # fmt: skip
    sales = sales_of(long=(900.0, 300.0), short=(800.0, 100.0), early=(1.0, 1.0), usual=(1.0, 1.0), no=(1.0, 1.0))
    records = CUSTOMERS.conform(
        pd.DataFrame(
            {"customer_id": ["no", "long"], "recoverable": ["No", None], "lost_reason": ["closed", "price"]}
        ).reindex(columns=CUSTOMERS.names)
    )
    gone = pd.Series(["long", "short", "early", "once", "no"])
    found = win_back_list(facts, gone, sales, RETURNS, records, RULES)
    rows = found.table.set_index("customer_id")
    # 70 days are longer than 60: 5½/21 · 300 = 78.57; exactly 60 days have passed only 30: 20½/41 · 100 = 50
    assert rows["expected"].to_dict() == {"long": pytest.approx(1650 / 21), "short": 50}
    assert rows.loc["long", ["days_since_stop", "customers", "lost_reason"]].tolist() == [50, 20, "price"]
    assert found.numbers == {
        "win_back.customers": 2,
        "win_back.net_sales": 1700.0,
        "win_back.expected": pytest.approx(50 + 1650 / 21),
    }


def test_without_a_cost_the_list_counts_net_sales_and_a_hidden_chance_stays_missing(make_facts) -> None:
    hidden = RETURNS.assign(returned=[20, None, 80], return_share=[0.5, None, 0.9])
    facts = make_facts({"b": stopped(recency_days=40), "a": stopped(), "c": stopped()})
    sales = sales_of(a=(10.0, None), b=(4.0, None), c=(10.0, None))
    found = win_back_list(facts, facts["customer_id"], sales, hidden, CUSTOMERS.empty(), RULES)
    assert (found.numbers["win_back.expected"], found.base.values["unknown"]) == (2, 2)
    rows = found.table
    assert rows["customer_id"].tolist() == ["b", "a", "c"]  # known before missing, then money, then id
    assert rows["expected"].iloc[0] == 2 and rows["expected"].iloc[1:].isna().all()


def test_without_any_chance_the_expectation_is_missing_and_not_0(make_facts) -> None:
    hidden = RETURNS.assign(returned=None, return_share=None)
    gone = pd.Series(["a"])
    facts = make_facts({"a": stopped()})
    found = win_back_list(facts, gone, sales_of(a=(10.0, 2.0)), hidden, CUSTOMERS.empty(), RULES)
    assert found.numbers["win_back.expected"] is None and found.numbers["win_back.expected_absent"]
    assert "expected" not in found.sentence.values


def test_nobody_with_a_rhythm_and_nobody_who_stopped(make_facts) -> None:
    gone = pd.Series(["a"])
    once = make_facts({"a": stopped(order_days=1)})
    none = win_back_list(once, gone, sales_of(), RETURNS, CUSTOMERS.empty(), RULES)
    assert none.absent is not None
    well = make_facts({"a": stopped()})
    found = win_back_list(well, gone[:0], sales_of(a=(1.0, None)), RETURNS, CUSTOMERS.empty(), RULES)
    assert found.absent is None and found.table.empty and found.numbers["win_back.expected"] == 0


def test_results_by_delay_by_hand(make_frames) -> None:
    contacts = asked(
        ("a", "2024-01-31"),  # day 30: still the first band; ordered on day 35
        ("a", "2024-02-02"),  # the second contact of the same silence does not count
        ("b", "2024-02-20"),  # day 50, ordered on day 60
        ("c", "2024-03-31"),  # day 90, never ordered
        ("d", "2024-12-20"),  # followed for 12 days only
        ("e", "2024-12-20"),  # no customer of ours
    )
    table = win_back_results(spans_of(make_frames, SALES, contacts), contacts, Retention(
        min_cell=1, silence_days=(30, 60), return_days=30)).table  # fmt: skip
    assert table["contacts"].tolist() == [1, 1, 1]
    assert table["returned"].tolist() == [1, 1, 0]
    assert table[["above_days", "until_days"]].iloc[1].tolist() == [30, 60]


def test_results_say_what_is_missing(make_frames) -> None:
    no_table = win_back_results(spans_of(make_frames, SALES), NOBODY_ASKED, RULES)
    assert no_table.absent.values["table"] == "interactions"
    visits = asked(("a", "2024-01-20")).assign(type="visit")
    assert "win-back" in win_back_results(spans_of(make_frames, SALES, visits), visits, RULES).absent.template
    late = asked(("c", "2024-12-20"))
    assert win_back_results(spans_of(make_frames, SALES, late), late, RULES).numbers["win_back.contacts"] is None


@pytest.mark.parametrize("turn", [1, -1])
def test_row_order_does_not_matter(make_frames, turn: int) -> None:
    orders, _ = make_frames([(who, day, 1.0) for who, day in SALES])
    spans = inter_purchase_gaps(order_days(orders[::turn], CALENDAR), NOBODY_ASKED, CALENDAR)
    expected = return_by_silence(spans_of(make_frames, SALES), 0.10, RULES).table
    pd.testing.assert_frame_equal(return_by_silence(spans, 0.10, RULES).table, expected)


def test_a_contact_on_the_day_of_the_return_did_not_bring_it(make_frames) -> None:
    contacts = asked(("b", "2024-03-01"))  # b ordered on that day, after 60 days of silence
    helped = spans_of(make_frames, SALES, contacts)
    assert helped["asked_after_days"].isna().all()
    rows = return_by_silence(helped, 0.10, RULES).table.set_index(["silence_kind", "silence_days"])
    assert rows.loc[("any", 30), ["customers", "returned"]].tolist() == [3, 2]


def test_an_order_after_exactly_the_days_of_a_return_is_one(make_frames) -> None:
    rules = Retention(min_cell=1, silence_days=(30, 60), return_days=30)
    for day, returned in (("2024-03-01", 1), ("2024-03-02", 0)):  # 60 and 61 days after the last order
        contacts = asked(("a", "2024-01-31"))  # day 30
        spans = spans_of(make_frames, [("a", "2024-01-01"), ("a", day)], contacts)
        assert win_back_results(spans, contacts, rules).numbers["win_back.returned"] == returned
        alone = spans_of(make_frames, [("a", "2024-01-01"), ("a", day)])
        row = return_by_silence(alone, 0.10, rules).table.set_index(["silence_kind", "silence_days"]).loc[("any", 30)]
        assert row["returned"] == returned


def test_a_contact_followed_for_exactly_the_days_of_a_return_counts(make_frames) -> None:
    rules = Retention(min_cell=1, silence_days=(30, 60), return_days=30)
    for day, counted in (("2024-12-02", 1), ("2024-12-03", None)):  # 30 and 29 days before the reference date
        contacts = asked(("c", day))
        found = win_back_results(spans_of(make_frames, [("c", "2024-11-01")], contacts), contacts, rules)
        assert found.numbers["win_back.contacts"] == counted
