"""Lost chance, expected loss and unusual silence of every customer at the reference date, and how they did before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import add_months
from kam_analysis.facts.chance_models import Origin
from kam_analysis.facts.expected_loss import DailySales, expected_loss, loss_share, years_value
from kam_analysis.facts.lost_chance import LostChance, origins_before
from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.facts.silence import Silence, likely_silent, unusual_silence
from kam_analysis.params import Facts
from kam_analysis.tables import (
    CHANCE_BACKTEST,
    CHANCE_RELIABILITY,
    CHANCE_SUMMARY,
    CUSTOMER_CHANCES,
    CUSTOMER_ORDERS,
    ORIGIN_CHANCES,
)
from kam_analysis.vocabulary import ChanceModel

TENTHS = 10
ORIGIN_ROWS = 500


@dataclass(frozen=True)
class Chances:
    """The tables of the lost chance.

    Parameters
    ----------
    customers : DataFrame
        ``customer_chances``; without a row where no earlier day tells how many stay away.
    summary : DataFrame
        ``chance_summary``, one row.
    backtest, reliability, origins : DataFrame
        ``chance_backtest``, ``chance_reliability``, ``origin_chances``.
    """

    customers: pd.DataFrame
    summary: pd.DataFrame
    backtest: pd.DataFrame
    reliability: pd.DataFrame
    origins: pd.DataFrame


def make_chance_tables(engine: Engine, as_of: dt.date, rules: Facts) -> None:
    """Make the tables of `Chances` from ``customer_orders`` and ``order_days``.

    Parameters
    ----------
    engine : Engine
        Holds both.
    as_of : date
        First day not analysed.
    rules : Facts
    """
    engine.materialise("customer_days", statement(__file__, "customer_days"), as_of=as_of)
    orders, days = engine.frame("customer_orders", CUSTOMER_ORDERS), engine.frame("customer_days")
    engine.forget("customer_days")
    found = customer_chances(orders, days, as_of, rules)
    tables = (
        (CUSTOMER_CHANCES, found.customers),
        (CHANCE_SUMMARY, found.summary),
        (CHANCE_BACKTEST, found.backtest),
        (CHANCE_RELIABILITY, found.reliability),
        (ORIGIN_CHANCES, found.origins),
    )
    for table, frame in tables:
        engine.put(table.name, table.check(frame), table)


def customer_chances(orders: pd.DataFrame, days: pd.DataFrame, as_of: dt.date, rules: Facts) -> Chances:
    """Give every customer who is not lost the chance to be so, what it would cost, and whether its silence is unusual.

    Lost chance = chance of no order day in [as_of, as_of + `horizon_days`), by the candidate that a back-test on
    earlier days chose, calibrated on them. A customer with one order day has the share of such customers, as long
    silent, who stayed away on earlier days. Where the candidate ranks no better than chance on the last earlier day,
    everybody has the pooled share. Never below ``low`` or above ``high``.

    Expected loss = lost chance × a year's value × loss share (`years_value`, `loss_share`; 1 where that cannot be
    measured).

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``: customer_id, ordered_on.
    days : DataFrame
        Sums of all lines per customer and day: customer_id, ordered_on, net_sales, margin, margin_base.
    as_of : date
        First day not analysed.
    rules : Facts
        Horizon, limits, and how the chance is learned.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a"], "ordered_on": pd.to_datetime(["2024-01-01"])})
    >>> days = orders.assign(net_sales=1.0, margin=np.nan, margin_base=0.0)
    >>> len(customer_chances(orders, days, dt.date(2024, 2, 1), Facts()).customers)  # no earlier day to learn from
    0
    """
    history = OrderHistory(orders)
    sales = DailySales(days, history.customers)
    now, origins = Origin(history, as_of, rules), origins_before(history, as_of, rules)
    learned = LostChance.learned(origins, rules)
    share = loss_share(sales, origins, as_of)
    silence = unusual_silence(now, rules)
    silences = [unusual_silence(origin, rules) for origin in learned.backtest.origins]
    rows = _rows(learned, sales, now, silence, 1.0 if share is None else share)
    before = [
        _rows(learned, sales, origin, silences[number], 1.0 if share is None else share, number)
        for number, origin in enumerate(learned.backtest.origins)
    ]
    return Chances(
        CUSTOMER_CHANCES.conform(rows.assign(is_stopped=_is_stopped(rows, rules))),
        CHANCE_SUMMARY.conform(pd.DataFrame([_summary(learned, now, silence, silences, before, share)])),
        CHANCE_BACKTEST.conform(_backtest(learned)),
        CHANCE_RELIABILITY.conform(_reliability(before)),
        ORIGIN_CHANCES.conform(_largest(before)),
    )


def _is_stopped(rows: pd.DataFrame, rules: Facts) -> pd.Series:
    return (rows["lost_chance"] >= rules.stopped_from) & (rows["order_days"] > 1)


def chances_on(orders: pd.DataFrame, day: dt.date, rules: Facts) -> pd.DataFrame:
    """Lost chance of the customers who were not lost on an earlier day, as it would have been told on that day.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``; nothing on or after `day` is used.
    day : date
    rules : Facts
        Horizon, limits, and how the chance is learned.

    Returns
    -------
    DataFrame
        customer_id, lost_chance, is_stopped; no row where no day before tells how many stay away.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a"], "ordered_on": pd.to_datetime(["2024-01-01"])})
    >>> len(chances_on(orders, dt.date(2024, 2, 1), Facts()))
    0
    """
    history = OrderHistory(orders[orders["ordered_on"] < pd.Timestamp(day)])
    at = Origin(history, day, rules)
    chance, _ = LostChance.learned(origins_before(history, day, rules), rules).chances(at) or (None, None)
    if chance is None:
        return pd.DataFrame({"customer_id": [], "lost_chance": [], "is_stopped": []})
    rows = {"customer_id": at.customer_ids, "lost_chance": chance, "order_days": at.known.order_days}
    told = pd.DataFrame(rows)
    return told.assign(is_stopped=_is_stopped(told, rules)).drop(columns="order_days")


def gone_customers(facts: pd.DataFrame, chances: pd.DataFrame, as_of: dt.date, lost_after_months: int) -> pd.Series:
    """Ids of the buyers who are *lost* (life cycle) or have *stopped*: they are for win-back.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    chances : DataFrame
        ``customer_chances``.
    as_of : date
        First day not analysed.
    lost_after_months : int
        Lost: no order in so many calendar months.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["a", "b", "c"],
    ...                       "last_order_on": pd.to_datetime(["2023-12-31", "2024-01-01", "2024-06-01"])})
    >>> chances = pd.DataFrame({"customer_id": ["b", "c"], "is_stopped": [True, False]})
    >>> gone_customers(facts, chances, dt.date(2025, 1, 1), 12).tolist()
    ['a', 'b']
    """
    is_lost = facts["last_order_on"] < pd.Timestamp(add_months(as_of, -lost_after_months))
    return facts["customer_id"][is_lost | facts["customer_id"].isin(chances["customer_id"][chances["is_stopped"]])]


def _rows(
    learned: LostChance, sales: DailySales, at: Origin, silence: Silence, share: float, number: int = -1
) -> pd.DataFrame:
    """One row per customer who had not stopped by then; none where no earlier day tells how many stay away."""
    found = learned.chances(at, number)
    if found is None:
        return pd.DataFrame({name: [] for name in {*CUSTOMER_CHANCES.names, *ORIGIN_CHANCES.names}})
    chance, basis = found
    value = years_value(sales, at)
    is_repeat = at.known.is_repeat
    p_value = np.full(len(chance), np.nan)
    is_unusual, is_likely = np.zeros((2, len(chance)), dtype=bool)
    p_value[is_repeat], is_unusual[is_repeat] = silence.p_value, silence.is_unusual
    is_likely[is_repeat] = likely_silent(
        chance[is_repeat], at.repeaters.recency, at.median_gap, learned.can_rank, learned.rules
    )
    return pd.DataFrame(
        {
            "origin_on": pd.Timestamp(at.on),
            "customer_id": at.customer_ids,
            "order_days": at.known.order_days,
            "lost_chance": chance,
            "basis": basis,
            "years_value": value,
            "expected_loss": expected_loss(chance, value, share),
            "silence_p_value": p_value,
            "is_unusual_silence": is_unusual,
            "is_likely_silent": is_likely,
            "has_stayed_away": at.stayed_away,
        }
    )


def _summary(
    learned: LostChance,
    now: Origin,
    silence: Silence,
    silences: Sequence[Silence],
    before: Sequence[pd.DataFrame],
    share: float | None,
) -> dict[str, Any]:
    backtest, model = learned.backtest, learned.model
    marked = sum(int(each.is_unusual.sum()) for each in silences)
    back = sum(
        int((each.is_unusual & ~origin.repeaters_away).sum())
        for each, origin in zip(silences, backtest.origins, strict=True)
    )
    last = before[0][before[0]["order_days"] > 1] if before else pd.DataFrame({"lost_chance": [], "stayed_away": []})
    low, high = learned.interval or (None, None)
    return {
        "candidate": model,
        "origins": len(backtest.origins),
        "auc": backtest.area(model, 0) if model else None,
        "auc_low": low,
        "auc_high": high,
        "auc_recency": backtest.area(ChanceModel.RECENCY, 0) if model else None,
        "predicted": float(last["lost_chance"].mean()) if len(last) else None,
        "observed": float(backtest.origins[0].repeaters_away.mean()) if model else None,
        "is_calibrated": learned.is_calibrated,
        "is_ranking": learned.can_rank,
        "loss_share": share,
        "silence_shape": now.renewal.shape if now.renewal else None,
        "silence_tested": len(silence.p_value),
        "silence_marked": int(silence.is_unusual.sum()),
        "marked_before": marked,
        "came_back": back / marked if marked else None,
    }


def _backtest(learned: LostChance) -> pd.DataFrame:
    backtest = learned.backtest
    rows = [
        {
            "origin_on": origin.on,
            "candidate": model,
            "customers": len(origin.repeaters_away),
            "stayed_away": float(origin.repeaters_away.mean()),
            "auc": area,
            "is_chosen": model is learned.model,
        }
        for number, origin in enumerate(backtest.origins)
        for model in ChanceModel
        if (area := backtest.area(model, number)) is not None
    ]
    return pd.DataFrame(rows, columns=CHANCE_BACKTEST.names)


def _reliability(before: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Predicted against observed in tenths of the chance, over all origins; customers with two order days."""
    told = [rows[rows["order_days"] > 1] for rows in before if len(rows)]
    if not told:
        return CHANCE_RELIABILITY.empty()
    rows = pd.concat(told).sort_values(["lost_chance", "origin_on", "customer_id"], ignore_index=True)
    tenth = np.arange(len(rows)) * TENTHS // len(rows) + 1
    means = rows.astype({"has_stayed_away": "float64"}).groupby(tenth)
    return pd.DataFrame(
        {
            "tenth": means.size().index,
            "customers": means.size().to_numpy(),
            "predicted": means["lost_chance"].mean().to_numpy(),
            "observed": means["has_stayed_away"].mean().to_numpy(),
        }
    )


def _largest(before: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The largest expected losses of each origin: enough to make the first calls of any list again."""
    rows = [
        each.sort_values(["expected_loss", "customer_id"], ascending=[False, True]).head(ORIGIN_ROWS)
        for each in before
        if len(each)
    ]
    return pd.concat(rows, ignore_index=True) if rows else ORIGIN_CHANCES.empty()
