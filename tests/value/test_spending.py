"""Money spent by hand: cost of a new customer, payback, events, newcomers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.findings import Finding, say
from kam_analysis.params import Facts
from kam_analysis.report.language import Language
from kam_analysis.tables import CUSTOMER_FACTS, CUSTOMER_MONTHS, CUSTOMER_ORDERS, SPEND
from kam_analysis.value import (
    do_newcomers_become_regular,
    what_a_new_customer_costs,
    what_to_spend,
    when_is_it_paid_back,
    which_events_were_paid,
)

CALENDAR = Calendar(dt.date(2023, 1, 1), dt.date(2024, 7, 1))  # 18 complete months
Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def company(days: dict[str, list[str]], margin: float | None = 4.0) -> Frames:
    """Facts, orders and months of customers whose every order sells 10 at this margin."""
    placed = [
        (name, pd.Timestamp(day), number) for name, listed in days.items() for number, day in enumerate(listed, 1)
    ]
    orders = pd.DataFrame(placed, columns=["customer_id", "ordered_on", "order_no"])
    orders = CUSTOMER_ORDERS.conform(orders.assign(net_sales=10.0, order_id=orders.index.astype("str")))
    by_month = orders.groupby(["customer_id", orders["ordered_on"].dt.to_period("M").dt.start_time.rename("month")])
    months = by_month.size().rename("orders").reset_index()
    sums = months.assign(
        net_sales=months["orders"] * 10.0, margin=None if margin is None else months["orders"] * margin
    )
    known = orders.groupby("customer_id").agg(orders=("order_id", "size"), first_order_on=("ordered_on", "min"))
    zero = {column.name: 0 for column in CUSTOMER_FACTS.columns if column.kind.value in ("count", "money")}
    rows = [zero | {"customer_id": name, "customer_name": name, "parent_id": name, **row} for name, row in
            known.to_dict("index").items()]  # fmt: skip
    facts = CUSTOMER_FACTS.conform(pd.DataFrame(rows).reindex(columns=CUSTOMER_FACTS.names))
    return facts, orders, CUSTOMER_MONTHS.conform(sums)


def worth(ltv: float | None) -> Finding:
    """The finding on lifetime value: what a new customer brings within two months."""
    numbers = {"expected.ltv": ltv, "expected.h": None if ltv is None else 2}
    return Finding("ltv_variants", say("?"), say("!"), pd.DataFrame(), numbers)


def spent(*rows: tuple[Any, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [(*row, None, None, None)[:5] for row in rows], columns=["date", "kind", "amount", "event", "hours"]
    )
    return SPEND.conform(frame.assign(date=pd.to_datetime(frame["date"])).reindex(columns=SPEND.names))


def test_the_cost_is_of_the_calendar_month_and_of_the_year_as_a_whole() -> None:
    facts, orders, _ = company({"a": ["2023-01-05", "2024-05-01"], "b": ["2024-02-01"], "c": ["2024-02-09"]})
    spend = spent(
        ("2024-02-03", "acquisition", 30.0), ("2024-03-03", " Acquisition", 20.0), ("2024-05-02", "retention", 7.0)
    )
    found = what_a_new_customer_costs(spend, facts, orders, CALENDAR, worth(100.0))
    rows = found.table.set_index("month")
    assert rows.loc["2024-02-01", ["acquisition_spend", "new_customers", "cac"]].tolist() == [30, 2, 15]
    assert rows.loc["2024-03-01", "acquisition_spend"] == 20 and np.isnan(rows.loc["2024-03-01", "cac"])  # nobody new
    assert rows.loc["2024-05-01", ["retention_spend", "buyers", "retention_per_buyer"]].tolist() == [7, 1, 7]
    assert rows["is_early"].sum() == 3 and rows.loc["2023-03-01", "is_early"] and not rows.loc["2023-04-01", "is_early"]
    assert found.numbers == {
        "spend.acquisition_12m": 50, "spend.retention_12m": 7, "spend.new_customers_12m": 2, "spend.cac_12m": 25,
        "spend.ltv_to_cac": 4, "spend.retention_per_retained": 7,
    }  # fmt: skip


def test_spending_outside_the_complete_months_or_of_another_kind_is_not_counted() -> None:
    facts, orders, _ = company({"a": ["2024-02-05"]})
    spend = spent(("2024-07-01", "acquisition", 9.0), ("2024-02-01", "acquisition", 5.0), ("2024-02-01", "party", 3.0))
    found = what_a_new_customer_costs(spend, facts, orders, CALENDAR, worth(None))
    assert found.numbers["spend.cac_12m"] == 5
    assert found.numbers["spend.ltv_to_cac"] is None
    assert found.caveats[-1].text.values["money"] == 3.0


def test_the_cost_is_held_against_what_a_new_customer_brings_in_stated_months() -> None:
    facts, orders, _ = company({"b": ["2024-02-01"]})
    found = what_a_new_customer_costs(spent(("2024-02-03", "acquisition", 30.0)), facts, orders, CALENDAR, worth(60.0))
    assert Language("en").text(found.sentence) == ("A new customer brings 2 times its cost within 2 months")


def test_without_a_new_customer_there_is_no_cost() -> None:
    facts, orders, _ = company({"a": ["2023-01-05"]})
    found = what_a_new_customer_costs(spent(("2024-02-01", "acquisition", 5.0)), facts, orders, CALENDAR, worth(1.0))
    assert found.numbers["spend.cac_12m"] is None and found.numbers["spend.retention_per_retained"] is None
    assert "No new customer" in found.sentence.template


def test_without_a_table_of_spending_nothing_is_measured() -> None:
    facts, orders, months = company({"a": ["2023-01-05"]})
    for found in (
        what_a_new_customer_costs(SPEND.empty(), facts, orders, CALENDAR, worth(1.0)),
        when_is_it_paid_back(SPEND.empty(), facts, months, CALENDAR),
        which_events_were_paid(SPEND.empty(), facts, orders, CALENDAR),
    ):
        assert found.absent is not None and found.table.empty
        assert all(value is None for name, value in found.numbers.items() if not name.endswith("_absent"))


def paid_back(amount: float, margin: float | None = 4.0) -> pd.Series:
    """Cohort of May 2023: one customer who brings a margin of 4 in May, June and August."""
    facts, _, months = company({"a": ["2023-05-05", "2023-06-05", "2023-08-05"], "z": ["2023-01-01"]}, margin)
    found = when_is_it_paid_back(spent(("2023-05-01", "acquisition", amount)), facts, months, CALENDAR)
    return found.table.set_index("month").loc["2023-05-01"]


@pytest.mark.parametrize(("amount", "months"), [(4.0, 0), (4.01, 1), (8.0, 1), (8.01, 3), (12.0, 3)])
def test_paid_back_is_the_first_month_whose_sum_covers_the_spending(amount: float, months: int) -> None:
    assert paid_back(amount)["payback_months"] == months


def test_not_yet_paid_back_says_how_far_it_came() -> None:
    row = paid_back(16.0)
    assert np.isnan(row["payback_months"])
    assert row[["margin_so_far", "paid_share", "observed_months"]].tolist() == [12, 0.75, 14]


def test_the_median_is_of_cohorts_that_had_twelve_months() -> None:
    facts, _, months = company(
        {"e": ["2023-01-09"], "a": ["2023-05-05"], "b": ["2023-06-05", "2023-08-05"], "n": ["2024-06-01"]}
    )
    days = ("2023-01-01", "2023-05-01", "2023-06-01", "2024-06-01")
    found = when_is_it_paid_back(spent(*((day, "acquisition", 4.01) for day in days)), facts, months, CALENDAR)
    # judged: May (never) and June (after 2 months); January is early, June 2024 is new
    assert found.numbers["payback.cohorts"] == 2 and found.numbers["payback.median_months"] is None
    found = when_is_it_paid_back(spent(("2023-06-01", "acquisition", 4.01)), facts, months, CALENDAR)
    assert found.numbers == {"payback.cohorts": 1, "payback.median_months": 2}


def test_a_cohort_of_exactly_twelve_months_is_judged() -> None:
    """Complete months to June 2024: the cohort of July 2023 has had twelve, that of August eleven."""
    facts, _, months = company({"old": ["2023-01-09"], "a": ["2023-07-05"], "b": ["2023-08-05"]})
    for month, cohorts in (("2023-07-01", 1), ("2023-08-01", 0)):
        found = when_is_it_paid_back(spent((month, "acquisition", 4.0)), facts, months, CALENDAR)
        assert found.numbers["payback.cohorts"] == cohorts


def test_the_year_of_spending_is_exactly_twelve_months() -> None:
    facts, orders, _ = company({"a": ["2023-06-30", "2024-01-01"], "b": ["2023-07-01"]})
    spend = spent(
        ("2023-06-30", "acquisition", 8.0), ("2023-07-01", "acquisition", 3.0), ("2024-06-30", "retention", 5.0)
    )
    numbers = what_a_new_customer_costs(spend, facts, orders, CALENDAR, worth(None)).numbers
    assert (numbers["spend.acquisition_12m"], numbers["spend.new_customers_12m"], numbers["spend.cac_12m"]) == (3, 1, 3)
    assert numbers["spend.retention_per_retained"] == 5  # a had bought before July 2023, b had not


@pytest.mark.parametrize(("months", "most"), [(18, 120.0), (12, 120.0), (5, 50.0)])
def test_the_most_to_spend_is_what_a_year_surely_brings(months: int, most: float) -> None:
    curve = pd.DataFrame({"month": range(1, months + 1), "low": [10.0 * month for month in range(1, months + 1)]})
    brings = Finding("lifetime_value_months", say("?"), say("!"), curve)
    known = Finding("ltv_variants", say("?"), say("!"), pd.DataFrame(), {"expected.P": 0.3})
    costs = Finding("spend_months", say("?"), say("!"), pd.DataFrame(), {"spend.cac_12m": 7.0})
    said = what_to_spend(known, brings, costs)
    assert said is not None and dict(said.values) == {"most": most, "n": min(months, 12), "cac": 7.0}
    without = Finding("ltv_variants", say("?"), say("!"), pd.DataFrame(), {"expected.P": None})
    assert what_to_spend(without, brings, costs) is None


def test_without_a_margin_payback_is_not_measurable() -> None:
    facts, _, months = company({"a": ["2023-05-05"]}, margin=None)
    found = when_is_it_paid_back(spent(("2023-05-01", "acquisition", 1.0)), facts, months, CALENDAR)
    assert found.absent is not None and "cost" in found.absent.template


def test_an_assumed_margin_pays_back_and_is_said() -> None:
    spend = spent(("2023-05-01", "acquisition", 4.0), ("2023-06-01", "acquisition", 4.01))
    days = {"a": ["2023-05-05"], "b": ["2023-06-05", "2023-08-05"], "z": ["2023-01-01"]}
    facts, _, months = company(days, margin=None)
    found = when_is_it_paid_back(spend, facts, months, CALENDAR, assumed_margin=0.4)  # 4 of every 10
    rows = found.table.set_index("month")["payback_months"]
    assert (rows["2023-05-01"], rows["2023-06-01"]) == (0, 2)
    assert found.caveats[0].text.values["share"] == 0.4
    facts, _, known = company(days)
    same = when_is_it_paid_back(spend, facts, known, CALENDAR, assumed_margin=0.9)  # a known margin wins
    pd.testing.assert_frame_equal(same.table, found.table)
    assert not same.caveats


def test_months_with_an_event_stand_beside_months_without() -> None:
    """Fifteen late months: fairs in three of them with two new customers each, one new customer in each other."""
    fairs = ("2023-06", "2023-09", "2024-03")
    months = [str(month) for month in pd.period_range("2023-04", "2024-06", freq="M")]
    days = {f"{month}-{n}": [f"{month}-15"] for month in months for n in range(2 if month in fairs else 1)}
    facts, orders, _ = company(days | {"old": ["2023-01-01"]})
    spend = spent(
        *((f"{month}-02", "acquisition", 10.0, "fair", 3.0) for month in fairs), ("2023-07-01", "retention", 10.0)
    )
    found = which_events_were_paid(spend, facts, orders, CALENDAR)
    fair, other = found.table.to_dict("records")
    assert (fair["event"], fair["times"], fair["amount"], fair["amount_share"], fair["hours"]) == (
        "fair",
        3,
        30,
        0.75,
        9,
    )
    assert (fair["months_with"], fair["new_with"], fair["months_without"], fair["new_without"]) == (3, 2, 12, 1)
    assert pd.isna(other["event"]) and np.isnan(other["new_with"])  # one month with it is no comparison
    assert found.numbers["events.acquisition_share_12m"] == 20 / 30  # of the last 12 months


def test_newcomers_by_quarter_and_only_when_all_had_their_days() -> None:
    days = {f"a{n}": ["2023-07-01", *(["2023-09-29"] if n < 4 else [])] for n in range(10)}  # 90 days: in time
    days |= {f"b{n}": ["2023-12-31"] for n in range(10)} | {f"c{n}": ["2024-05-01"] for n in range(9)}
    facts, orders, _ = company(days)
    found = do_newcomers_become_regular(facts, orders, CALENDAR, Facts(), 10)
    rows = found.table.set_index("quarter")
    assert rows.loc["2023-07-01", ["new_customers", "second_share"]].tolist() == [10, 0.4]
    assert tuple(rows.loc["2023-07-01", ["second_low", "second_high"]]) == wilson(4, 10)
    assert np.isnan(rows.loc["2023-07-01", "regular_share"])  # its last member has not had 365 days
    assert rows.loc["2023-10-01", "second_share"] == 0
    assert rows.loc["2024-04-01", ["second_share", "regular_share"]].isna().all()
    assert found.numbers["newcomers.12m"] == 29 and found.numbers["newcomers.12m_before"] is None
    assert Language().text(found.sentence) == (
        "New customers in the last 12 months: 29; of those of Oct–Dec 2023, the latest quarter that can be judged, "
        "0 % ordered again in 90 days"
    ).replace("0 %", "0\u00a0%")
    assert not rows["is_first"].any()  # the data begin on 1 January 2023: old customers look new until March
    begun = do_newcomers_become_regular(facts, orders, Calendar(dt.date(2023, 8, 1), CALENDAR.as_of), Facts(), 10)
    assert begun.table["is_first"].tolist() == [False, True, True]  # from 1 August to 31 October


def test_a_day_short_of_ninety_for_the_last_of_a_quarter_hides_it() -> None:
    facts, orders, _ = company({f"a{n}": ["2024-01-01"] for n in range(10)})
    for as_of, is_known in ((dt.date(2024, 6, 29), False), (dt.date(2024, 6, 30), True)):  # 31 March + 90 = 29 June
        when = Calendar(dt.date(2024, 1, 1), as_of)
        row = do_newcomers_become_regular(facts, orders, when, Facts(), 10).table.iloc[0]
        assert pd.notna(row["second_share"]) == is_known


def test_nobody_has_ordered() -> None:
    facts, orders, _ = company({})
    found = do_newcomers_become_regular(facts, orders, CALENDAR, Facts(), 10)
    assert found.absent is not None and found.numbers["newcomers.12m"] is None
