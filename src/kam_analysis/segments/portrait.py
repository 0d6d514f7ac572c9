"""How key clients differ from the other buyers: medians, and effects that do not depend on giants."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.columns import Kind, in_unit
from kam_analysis.facts.intervals import Z_95
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say
from kam_analysis.money import exact
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class PortraitFeature(Labelled):
    """In what key clients may differ from the other buyers."""

    ORDERS = "orders", say("orders in 12 months")
    ORDER_VALUE = "order_value", say("net sales per order")
    GAP = "gap", say("median days between order days")
    SILENCE = "silence", say("days since the last order")
    TENURE = "tenure", say("days since the first order")
    PRODUCTS = "products", say("different products")
    MARGIN = "margin", say("margin, % of net sales")
    RETURNS = "returns", say("returned, % of gross sales")
    GROWTH = "growth", say("growth of net sales against the year before, %")


class EffectSize(Labelled):
    """Size of a rank effect in words."""

    NEGLIGIBLE = "negligible", say("negligible")
    SMALL = "small", say("small effect")
    MEDIUM = "medium", say("medium effect")
    LARGE = "large", say("large effect")


PORTRAIT_KINDS = {PortraitFeature.ORDER_VALUE.value: Kind.MONEY}

_BY_PORTRAIT: dict[str, Any] = {"by": "feature", "kinds": PORTRAIT_KINDS}

KEY_PORTRAIT = Table(
    "key_portrait",
    "one feature of the buyers of 12 months",
    (
        col.member("feature", say("Feature"), "What is compared.", PortraitFeature),
        col.KEY_CLIENTS("Key clients of whom it is known."),
        col.count("rest", say("Other buyers"), "Other buyers of whom it is known."),
        col.number("median_key", say("Key clients, median"), "Over those known.", nullable=True, **_BY_PORTRAIT),
        col.number("median_rest", say("Others, median"), "Over those known.", nullable=True, **_BY_PORTRAIT),
        col.ratio("effect", say("Effect"), "Cliff's delta; hidden with few values.", nullable=True, low=-1, high=1),
        col.ratio("low", say("From"), "Lower bound of its 95 % interval.", nullable=True, low=-1, high=1),
        col.ratio("high", say("To"), "Upper bound of its 95 % interval.", nullable=True, low=-1, high=1),
        col.member("size", say("Size"), "The effect in words.", EffectSize, nullable=True),
    ),
    ("feature",),
)


EDGES = ((0.147, EffectSize.NEGLIGIBLE), (0.33, EffectSize.SMALL), (0.474, EffectSize.MEDIUM))


def rank_effect(ones: npt.ArrayLike, others: npt.ArrayLike) -> tuple[float, float, float]:
    """How often one of the first group exceeds one of the second, less how often it is below, with its 95 % interval.

    Formula: Cliff's delta d = P(one > other) − P(one < other), from −1 to 1, ties count 0. The interval is that of
    Hanley and McNeil for P = (d + 1)/2, kept within −1 and 1.

    Parameters
    ----------
    ones, others : array-like
        Values of the two groups, at least one in each, none missing.

    Returns
    -------
    tuple of float
        d, its lower and its upper bound.

    Notes
    -----
    Source: Cliff (1993); Hanley and McNeil (1982).

    Examples
    --------
    Of the four pairs 3 > 1, 3 > 2, 2 > 1 and one tie: (3 − 0)/4.

    >>> rank_effect([2, 3], [1, 2])[0]
    0.75
    """
    one, other = np.asarray(ones, dtype=np.float64), np.sort(np.asarray(others, dtype=np.float64))
    n, m = len(one), len(other)
    below, upto = np.searchsorted(other, one, side="left"), np.searchsorted(other, one, side="right")
    effect = float((below - (m - upto)).sum()) / (n * m)
    chance = (effect + 1) / 2
    first, second = chance / (2 - chance), 2 * chance**2 / (1 + chance)
    spread = chance * (1 - chance) + (n - 1) * (first - chance**2) + (m - 1) * (second - chance**2)
    half = 2 * Z_95 * np.sqrt(max(spread, 0.0) / (n * m))
    return effect, max(-1.0, effect - half), min(1.0, effect + half)


def effect_size(effect: float) -> EffectSize:
    """Size of an effect in words: below 0.147 negligible, below 0.33 small, below 0.474 medium, else large.

    Examples
    --------
    >>> effect_size(-0.147).value, effect_size(0.1).value, effect_size(-0.474).value
    ('small', 'negligible', 'large')
    """
    return next((size for edge, size in EDGES if abs(effect) < edge), EffectSize.LARGE)


@finds(KEY_PORTRAIT)
def key_portrait(facts: pd.DataFrame, keys: pd.Series, fewest: int) -> Finding:
    """In what key clients differ from the other buyers.

    Over buyers of the last 12 months: median of each feature in both groups and the rank effect of `rank_effect`, the
    largest first. Net sales are left out where they are what makes a key client. A feature known of fewer than `fewest`
    buyers in either group is hidden.

    Parameters
    ----------
    facts : DataFrame
        Contract ``customer_facts``.
    keys : Series
        Ids of the key clients.
    fewest : int
        ``segments.min_cell``.

    Returns
    -------
    Finding
        Table ``key_portrait``; numbers ``key_effect.<feature>``. Absent when either group is too small.

    Notes
    -----
    Source: article C, the portrait of good buyers; Romano and others (2006) for the words.
    """
    buyers = facts[facts["orders_12m"] > 0]
    is_key = buyers["customer_id"].isin(keys).to_numpy()
    names = [f"key_effect.{feature}" for feature in PortraitFeature]
    sizes = int(is_key.sum()), int((~is_key).sum())
    too_few = min(sizes) < fewest
    rows = [] if too_few else [_row(feature, values, is_key, fewest) for feature, values in _features(buyers).items()]
    table = KEY_PORTRAIT.empty() if too_few else _by_effect(pd.DataFrame(rows))
    measured: dict[str, object] = {}
    for feature, effect in zip(table["feature"], table["effect"], strict=True):
        name = f"key_effect.{feature}"
        measured |= absent_numbers([name], "too few values") if pd.isna(effect) else {name: float(effect)}
    return Finding(
        KEY_PORTRAIT.name,
        question=say("How do key clients differ from other buyers?"),
        sentence=_sentence(table),
        table=table,
        numbers=absent_numbers(names, "too few key clients or other buyers") if too_few else measured,
        sub=say(
            "Medians over 12 months; effect: how often a key client is above another buyer less how often below, −1 to "
            "1, with its 95 % interval"
        ),
        base=say("Customers of key accounts: {keys:count}; other buyers: {rest:count}", keys=sizes[0], rest=sizes[1]),
        show=("feature", "median_key", "median_rest", "effect", "low", "high", Show("size", chip=True)),
        caveats=[
            Caveat(
                say("A portrait, not a cause"),
                say("Key clients are chosen by sales, so anything linked to sales differs by definition."),
                Weight.GREEN,
            )
        ],
        absent=say(
            "Not measurable: at least {few:count} key clients and as many other buyers are needed; there are "
            "{keys:count} and {rest:count}.",
            few=fewest,
            keys=sizes[0],
            rest=sizes[1],
        )
        if too_few
        else None,
    )


def _features(buyers: pd.DataFrame) -> dict[PortraitFeature, pd.Series]:
    orders = buyers["orders_12m"]
    growth = exact(buyers["net_sales_12m"]) - exact(buyers["net_sales_before"])
    base = exact(buyers["net_sales_before"])
    gross = buyers["gross_sales_12m"]
    returned = (gross - buyers["net_sales_12m"]) / gross.where(gross > 0) * 100
    costed = buyers["margin_base_12m"].where(buyers["margin_base_12m"] > 0)
    return {
        PortraitFeature.ORDERS: orders.astype("float64"),
        PortraitFeature.ORDER_VALUE: buyers["net_sales_12m"] / orders,
        PortraitFeature.GAP: buyers["median_gap_days"].astype("float64"),
        PortraitFeature.SILENCE: buyers["recency_days"].astype("float64"),
        PortraitFeature.TENURE: buyers["tenure_days"].astype("float64"),
        PortraitFeature.PRODUCTS: buyers["products"].where(buyers["products"] > 0).astype("float64"),
        PortraitFeature.MARGIN: buyers["margin_12m"] / costed * 100,
        PortraitFeature.RETURNS: returned,
        PortraitFeature.GROWTH: pd.Series(growth / np.where(base > 0, base, 1) * 100, buyers.index).where(base > 0),
    }


def _row(feature: PortraitFeature, values: pd.Series, is_key: npt.NDArray[np.bool_], fewest: int) -> dict[str, object]:
    one, other = values[is_key].dropna(), values[~is_key].dropna()
    row: dict[str, object] = {"feature": feature.value, "key_clients": len(one), "rest": len(other)}
    if min(len(one), len(other)) < fewest:
        return row
    effect, low, high = rank_effect(one, other)
    medians = {"median_key": float(one.median()), "median_rest": float(other.median())}
    return row | medians | {"effect": effect, "low": low, "high": high, "size": effect_size(effect).value}


def _by_effect(rows: pd.DataFrame) -> pd.DataFrame:
    known = rows.reindex(columns=KEY_PORTRAIT.names)
    strength = known["effect"].astype("float64").abs()
    order = strength.sort_values(ascending=False, kind="stable", na_position="last").index
    return KEY_PORTRAIT.conform(known.loc[order].reset_index(drop=True))


def _sentence(table: pd.DataFrame) -> Message:
    clear = table[(table["low"] > 0) | (table["high"] < 0)]
    if clear.empty:
        return say("No significant difference between key clients and other buyers")
    first = clear.iloc[0]
    kind = PORTRAIT_KINDS.get(first["feature"], Kind.NUMBER)
    return say(
        "Key clients differ most in: {feature}; median {key} against {rest}",
        feature=PortraitFeature(first["feature"]),
        key=in_unit(float(first["median_key"]), kind),
        rest=in_unit(float(first["median_rest"]), kind),
    )
