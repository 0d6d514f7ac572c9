"""Life cycle of a buyer: new, growing, stable, declining, at risk, lost, returned; and the moves between two dates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import NOTHING_BEFORE, Caveat, Finding, Grid, Message, Show, Weight, absent_numbers, say
from kam_analysis.money import exact
from kam_analysis.params import LifeCycleRules
from kam_analysis.segments.groups import CLASS_CUSTOMERS, CUSTOMER_SHARE, fraction, per_class
from kam_analysis.segments.moves import pairs_of_classes
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import LifeCycle

LIFE_CYCLE_STATES = Table(
    "life_cycle_states",
    "one state of the life cycle",
    (
        col.member("state", say("State"), "State at the reference date.", LifeCycle),
        CLASS_CUSTOMERS,
        CUSTOMER_SHARE,
        col.NET_SALES_12M("Net sales of the last 12 months."),
        col.share("net_sales_12m_share", say("Share of 12 months"), "Over positive customers.", nullable=True),
        col.CUSTOMERS_BEFORE("Buyers in the state at the comparison date; missing without one.", nullable=True),
        col.share("customer_share_before", say("Share before"), "Their share of the buyers then.", nullable=True),
    ),
    ("state",),
)

LIFE_CYCLE_MOVES = Table(
    "life_cycle_moves",
    "one pair of states, at the comparison date and now",
    (
        col.member("state_before", say("State before"), "State at the comparison date.", LifeCycle),
        col.member("state", say("State now"), "State at the reference date.", LifeCycle),
        col.CUSTOMERS("Buyers who made this move."),
        col.SHARE("Of the buyers in the state before; sums to 1."),
        col.NET_SALES_12M("Their net sales of the last 12 months."),
    ),
    ("state_before", "state"),
)


TWO_YEARS_MONTHS = 24
GROWTH = (LifeCycle.GROWING, LifeCycle.DECLINING, LifeCycle.STABLE)


def life_cycle_states(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    calendar: Calendar | None,
    rules: LifeCycleRules,
    lost_after_months: int,
) -> pd.DataFrame:
    """State of every buyer at the reference date; the first that matches, in this order.

    *lost*: no order in the last `lost_after_months`; *new*: first order in the last `rules.new_months`; *returned*: an
    order in the last `rules.new_months` after a silence of more than `lost_after_months`; *at risk*: chance of such a
    silence < `rules.at_risk_below`; *growing* and *declining*: net sales of the last 12 months more than
    `rules.change` above and below the 12 before (of a base below 0 its absolute value), in integers; else *stable*.
    Where the data do not hold two full years, the last three cannot be told apart: *active*.

    Parameters
    ----------
    facts, orders : DataFrame
        Contracts ``customer_facts`` (or ``customer_facts_before`` with the calendar of that date) and
        ``customer_orders``; orders on or after the reference date are ignored.
    calendar : Calendar, optional
        The reference date; months are calendar months. None (no comparison date) gives a frame without rows.
    rules : LifeCycleRules
        Edges.
    lost_after_months : int
        ``facts.lost_after_months``.

    Returns
    -------
    DataFrame
        customer_id, life_cycle, net_sales_12m; every buyer once, by customer_id.

    Notes
    -----
    Source: article A; definitions, Life cycle.
    """
    if calendar is None:
        return pd.DataFrame({"customer_id": [], "life_cycle": [], "net_sales_12m": []}).astype(
            {"customer_id": "str", "life_cycle": "str"}
        )
    buyers = facts[facts["orders"] > 0].sort_values("customer_id", ignore_index=True)
    silent_since = pd.Timestamp(add_months(calendar.as_of, -lost_after_months))
    new_since = pd.Timestamp(add_months(calendar.as_of, -rules.new_months))
    change = _change(buyers, rules)
    is_measured = _holds_two_years(calendar)
    states = np.select(
        [
            buyers["last_order_on"] < silent_since,
            buyers["first_order_on"] >= new_since,
            buyers["customer_id"].isin(returned_customers(orders, calendar, rules.new_months, lost_after_months)),
            buyers["gap_survival_probability"] < rules.at_risk_below,
            is_measured & (change > 0),
            is_measured & (change < 0),
        ],
        [state.value for state in LifeCycle if state not in (LifeCycle.STABLE, LifeCycle.ACTIVE)],
        (LifeCycle.STABLE if is_measured else LifeCycle.ACTIVE).value,
    )
    return pd.DataFrame(
        {
            "customer_id": buyers["customer_id"],
            "life_cycle": pd.Series(states, dtype="str"),
            "net_sales_12m": buyers["net_sales_12m"],
        }
    )


def comparable_states(states: pd.DataFrame, calendar_before: Calendar | None) -> pd.DataFrame:
    """Give the states of now as they can be set against those of the comparison date.

    Where the data did not hold two full years then, growing, declining and stable are *active* now too.

    Examples
    --------
    >>> import datetime as dt
    >>> short = Calendar(dt.date(2023, 7, 1), dt.date(2025, 1, 1))
    >>> states = pd.DataFrame({"life_cycle": ["growing", "lost"]})
    >>> comparable_states(states, short)["life_cycle"].tolist()
    ['active', 'lost']
    """
    if calendar_before is None or _holds_two_years(calendar_before):
        return states
    return states.assign(life_cycle=states["life_cycle"].where(~states["life_cycle"].isin(GROWTH), LifeCycle.ACTIVE))


def _holds_two_years(calendar: Calendar) -> bool:
    return calendar.first_order_on <= add_months(calendar.as_of, -TWO_YEARS_MONTHS)


def _unmeasured(calendar: Calendar) -> tuple[LifeCycle, ...]:
    return (LifeCycle.ACTIVE,) if _holds_two_years(calendar) else GROWTH


def returned_customers(orders: pd.DataFrame, calendar: Calendar, new_months: int, lost_after_months: int) -> pd.Series:
    """Give customers with an order in the last `new_months` that followed a silence of more than `lost_after_months`.

    Examples
    --------
    A silence of exactly 12 months is not more than 12 months.

    >>> import datetime as dt
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "b", "b"],
    ...     "ordered_on": pd.to_datetime(["2023-02-01", "2024-02-01", "2023-02-01", "2024-02-02"])})
    >>> returned_customers(orders, Calendar(dt.date(2023, 1, 1), dt.date(2024, 3, 1)), 6, 12).tolist()
    ['b']
    """
    start, end = pd.Timestamp(add_months(calendar.as_of, -new_months)), pd.Timestamp(calendar.as_of)
    known = orders[orders["ordered_on"] < end]
    customer, ids = pd.factorize(known["customer_id"])
    order = np.lexsort((known["ordered_on"], customer))
    customer, days = customer[order], pd.DatetimeIndex(known["ordered_on"])[order]
    is_next = (customer[1:] == customer[:-1]) & (days[1:] >= start)
    after_silence = days[1:][is_next] > days[:-1][is_next] + pd.DateOffset(months=lost_after_months)
    return pd.Series(ids[np.unique(customer[1:][is_next][after_silence])], dtype="str")


def _change(buyers: pd.DataFrame, rules: LifeCycleRules) -> npt.NDArray[np.int64]:
    now, before = (exact(buyers[name]).astype(object) for name in ("net_sales_12m", "net_sales_before"))
    edge = fraction(rules.change)
    moved, allowed = (now - before) * edge.denominator, abs(before) * edge.numerator
    return np.where(moved > allowed, 1, np.where(moved < -allowed, -1, 0))


@finds(LIFE_CYCLE_STATES)
def life_cycle(
    states: pd.DataFrame, states_before: pd.DataFrame, calendar: Calendar, calendar_before: Calendar | None
) -> Finding:
    """How many buyers are in each state of the life cycle, now and at the comparison date.

    Parameters
    ----------
    states, states_before : DataFrame
        From `life_cycle_states`; the second without rows where the data do not reach back.
    calendar : Calendar
        The reference date and the first order.
    calendar_before : Calendar, optional
        The comparison date.

    Returns
    -------
    Finding
        Table ``life_cycle_states``, one row per state that is measurable, empty ones included, missing before where it
        was not measurable then; absent when nobody has ordered.

    Notes
    -----
    Source: article A; definitions, Life cycle.
    """
    table = _state_table(states, states_before, calendar_before)
    is_shown = ~table["state"].isin(_unmeasured(calendar))
    table, hidden = table[is_shown].reset_index(drop=True), table.loc[~is_shown, "state"]
    return Finding(
        LIFE_CYCLE_STATES.name,
        question=say("Where in their life cycle are the buyers?"),
        sentence=_state_sentence(table),
        table=table,
        numbers={f"life_cycle.{state}": int(n) for state, n in zip(table["state"], table["customers"], strict=True)}
        | absent_numbers([f"life_cycle.{state}" for state in hidden if state in GROWTH], "less than two full years"),
        sub=_state_sub(calendar_before, states_before),
        base=say("Buyers on {day:date}: {n:count}", n=len(states), day=calendar.last_day),
        show=_state_columns(states_before),
        drawing="segments.life_cycle_states",
        caveats=_short_history(calendar, calendar_before if len(states_before) else None),
        absent=say("Nobody has ordered.") if states.empty else None,
    )


def _state_table(states: pd.DataFrame, before: pd.DataFrame, calendar_before: Calendar | None) -> pd.DataFrame:
    sizes = _per_state(states)
    then = _per_state(before)
    unknown = list(LifeCycle) if before.empty or calendar_before is None else _unmeasured(calendar_before)
    then.loc[then["life_cycle"].isin(unknown), ["customers", "customer_share"]] = np.nan
    return LIFE_CYCLE_STATES.conform(
        sizes.assign(customers_before=then["customers"], customer_share_before=then["customer_share"]).rename(
            columns={
                "life_cycle": "state",
                "net_sales": "net_sales_12m",
                "net_sales_share": "net_sales_12m_share",
            }
        )
    )


def _per_state(states: pd.DataFrame) -> pd.DataFrame:
    return per_class(states.rename(columns={"net_sales_12m": "net_sales"}), "life_cycle", LifeCycle)


def _state_sentence(table: pd.DataFrame) -> Message:
    customers = dict(zip(table["state"], table["customers"], strict=True))
    money = dict(zip(table["state"], table["net_sales_12m"], strict=True))
    return say(
        "Buyers at risk: {risk:count}, with {money:money} of net sales in the last 12 months; lost: {lost:count}.",
        risk=int(customers[LifeCycle.AT_RISK]),
        money=float(money[LifeCycle.AT_RISK]),
        lost=int(customers[LifeCycle.LOST]),
    )


def _state_sub(calendar_before: Calendar | None, before: pd.DataFrame) -> Message:
    if calendar_before is None or before.empty:
        return say("Buyers per state; the data do not reach back far enough to compare")
    return say("Buyers per state; line: on {day:date}", day=calendar_before.last_day)


def _state_columns(before: pd.DataFrame) -> tuple[str | Show, ...]:
    now = ("state", Show("customers", bar=True), "customer_share", "net_sales_12m", "net_sales_12m_share")
    return now if before.empty else (*now, "customers_before", "customer_share_before")


def _short_history(calendar: Calendar, calendar_before: Calendar | None) -> tuple[Caveat, ...]:
    if not _holds_two_years(calendar):
        text = say(
            "The data begin on {first:date}, less than two years earlier: growing, declining and stable "
            "cannot be measured; such buyers count as active.",
            first=calendar.first_order_on,
        )
    elif calendar_before and not _holds_two_years(calendar_before):
        text = say(
            "On {day:date} the data covered less than two years: growing, declining and stable cannot be "
            "measured; such buyers count as active.",
            day=calendar_before.last_day,
        )
    else:
        return ()
    return (Caveat(say("Growth needs two full years"), text, Weight.GREEN),)


@finds(LIFE_CYCLE_MOVES)
def life_cycle_moves(
    states: pd.DataFrame, states_before: pd.DataFrame, calendar: Calendar, calendar_before: Calendar | None
) -> Finding:
    """Where the buyers of the comparison date have moved since.

    Parameters
    ----------
    states, states_before : DataFrame
        From `life_cycle_states`; the second without rows where the data do not reach back.
    calendar : Calendar
        The reference date.
    calendar_before : Calendar, optional
        The comparison date.

    Returns
    -------
    Finding
        Table ``life_cycle_moves``, one row per pair of measurable states; the shares of a state before sum to 1, or are
        missing when nobody was in it. Absent without a comparison date or without a buyer then.

    Notes
    -----
    Buyers since then are in no row. Source: definitions, Life cycle.
    """
    pairs = pairs_of_classes(states_before, states, "life_cycle", LifeCycle, "net_sales_12m")
    hidden_before = _unmeasured(calendar_before or calendar)
    is_shown = ~pairs["life_cycle"].isin(_unmeasured(calendar)) & ~pairs["life_cycle_before"].isin(hidden_before)
    pairs = pairs[is_shown].reset_index(drop=True)
    table = LIFE_CYCLE_MOVES.conform(pairs.rename(columns={"life_cycle_before": "state_before", "life_cycle": "state"}))
    is_absent = calendar_before is None or states_before.empty
    return Finding(
        LIFE_CYCLE_MOVES.name,
        question=say("Where have the buyers moved?"),
        sentence=NOTHING_BEFORE if is_absent else _moves_sentence(table),
        table=table,
        sub=say(
            "Share of the buyers in a state before (rows) that are in a state now (columns); rows sum to {one:share0}",
            one=1.0,
        ),
        base=None if is_absent else _moves_base(len(states_before), calendar, calendar_before),
        grid=Grid("state_before", "state", "share", ("customers",)),
        absent=NOTHING_BEFORE if is_absent else None,
    )


def _moves_sentence(table: pd.DataFrame) -> Message:
    was_active = table["state_before"] != LifeCycle.LOST.value
    active = int(table.loc[was_active, "customers"].sum())
    lost = int(table.loc[was_active & (table["state"] == LifeCycle.LOST.value), "customers"].sum())
    return say(
        "Buyers that were not lost then: {n:count}; lost now: {lost:count}.",
        n=active,
        lost=lost,
    )


def _moves_base(n: int, calendar: Calendar, calendar_before: Calendar | None) -> Message:
    if calendar_before is None:
        return say("Buyers: {n:count}", n=n)
    return say(
        "Buyers on {then:date}, compared on {day:date}: {n:count}",
        n=n,
        then=calendar_before.last_day,
        day=calendar.last_day,
    )
