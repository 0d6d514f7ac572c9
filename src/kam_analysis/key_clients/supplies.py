"""What is bought from suppliers under volume tiers, and the discount that more or fewer purchases earn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import add_months
from kam_analysis.params import KeyClients

ALL_PURCHASES = ""


def discount_at(volume: float, tiers: pd.DataFrame) -> float:
    """Supplier discount that a yearly purchase volume earns: the highest tier that it reaches, 0 below the first.

    Parameters
    ----------
    volume : float
        Purchases of a year, in what the tiers count.
    tiers : DataFrame
        tier_from (inclusive) and discount (0–1).

    Examples
    --------
    >>> tiers = pd.DataFrame({"tier_from": [1_000.0, 5_000.0], "discount": [0.05, 0.10]})
    >>> discount_at(5_000, tiers), discount_at(4_999, tiers), discount_at(10, tiers)
    (0.1, 0.05, 0.0)
    """
    froms = tiers.tier_from.to_numpy()
    reached = np.flatnonzero(froms <= volume)
    highest = reached[np.argsort(froms[reached])[-1:]]
    return float(tiers.discount.iloc[highest[0]]) if len(highest) else 0.0


def discount_change(volume_before: float, volume_after: float, money: float, tiers: pd.DataFrame) -> float:
    """Discount won (or lost, below 0) on purchases of `money` when the yearly volume changes.

    (discount after − discount before) · money. Article C: 5,000 units a month earn a large discount on all of them;
    when the client who buys them leaves, it is lost on what remains.

    Parameters
    ----------
    volume_before, volume_after : float
        Purchases of a year, in what the tiers count.
    money : float
        Purchases that are made in both cases, in money before discount.
    tiers : DataFrame
        tier_from and discount of one supplier.

    Examples
    --------
    >>> tiers = pd.DataFrame({"tier_from": [60_000.0], "discount": [0.10]})
    >>> discount_change(72_000, 12_000, 12_000, tiers)
    -1200.0
    """
    return (discount_at(volume_after, tiers) - discount_at(volume_before, tiers)) * money


@dataclass(frozen=True)
class Supply:
    """One supplier's tiers and the yearly purchases that they apply to.

    Parameters
    ----------
    name : str
        Supplier, and what is bought where the tiers name it.
    tiers : DataFrame
        tier_from and discount.
    purchases : DataFrame
        By account ("" where the lines name nobody): volume and cost of the last 12 months, volume_before and
        cost_before of the 12 before. The cost is taken as the price before the discount.
    """

    name: str
    tiers: pd.DataFrame
    purchases: pd.DataFrame

    def change(self, then: pd.DataFrame) -> float:
        """Discount won or lost on what is bought in both cases when these accounts take other purchases.

        Parameters
        ----------
        then : DataFrame
            volume and cost of a year by account.

        Examples
        --------
        >>> tiers = pd.DataFrame({"tier_from": [60.0], "discount": [0.10]})
        >>> bought = pd.DataFrame({"volume": [50.0, 20.0], "cost": [500.0, 200.0]}, index=["a", "b"])
        >>> Supply("S", tiers, bought).change(no_purchases(["a"]))
        -20.0
        """
        volume, cost = (self.purchases[name] for name in ("volume", "cost"))
        own_volume, own_cost = (column.reindex(then.index, fill_value=0.0) for column in (volume, cost))
        before, spent = volume.sum(), cost.sum()
        after = before - own_volume.sum() + then.volume.sum()
        kept = spent - own_cost.sum() + np.minimum(own_cost, then.cost).sum()
        return discount_change(float(before), float(after), float(kept), self.tiers)


def no_purchases(accounts: Sequence[str]) -> pd.DataFrame:
    """Purchases of accounts that leave.

    Examples
    --------
    >>> no_purchases(["a"]).values.tolist()
    [[0.0, 0.0]]
    """
    return pd.DataFrame(0.0, index=list(accounts), columns=["volume", "cost"])


def supplies(
    engine: Engine, facts: pd.DataFrame, as_of: dt.date, purchase_terms: pd.DataFrame, rules: KeyClients
) -> list[Supply]:
    """Match the suppliers' tiers with what was bought in the last 12 months.

    Tiers of an item apply to the lines whose category, item or item code is that name; tiers without an item apply to
    all purchases when they are those of one supplier and no other terms stand beside them. Without ``purchase_terms``
    the tiers of the parameters apply to all purchases. Terms that match no purchase are left out.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    facts : DataFrame
        ``customer_facts``; `parent_id` is the account.
    as_of : date
        First day not analysed.
    purchase_terms : DataFrame
        Optional table; empty where the source has none.
    rules : KeyClients
        ``supplier_tiers`` and ``tier_measure``.

    Returns
    -------
    list of Supply
        Empty where no tier can be applied: the loss of discount is then not estimated.
    """
    terms = _terms(purchase_terms, rules)
    if not terms:
        return []
    engine.materialise(
        "supplier_purchases",
        statement(__file__, "supplier_purchases"),
        as_of=as_of,
        year_ago=add_months(as_of, -12),
        two_years_ago=add_months(as_of, -24),
        measure=rules.tier_measure,
        terms=sorted({item for _, item in terms}),
    )
    bought = engine.frame("supplier_purchases").astype({"cost": "float64", "cost_before": "float64"})
    bought = bought.dropna(subset=["volume", "volume_before"])
    account = bought.customer_id.map(facts.set_index("customer_id").parent_id).fillna(bought.customer_id)
    bought = bought.drop(columns="customer_id").groupby(["term", account.rename("account_id")]).sum().reset_index()
    found = []
    for (supplier, item), tiers in terms.items():
        purchases = bought[bought.term == item].set_index("account_id").drop(columns="term")
        if purchases.volume.sum() > 0:
            found.append(Supply(f"{supplier}: {item}" if supplier and item else supplier or item, tiers, purchases))
    return found


def _terms(purchase_terms: pd.DataFrame, rules: KeyClients) -> dict[tuple[str, str], pd.DataFrame]:
    if purchase_terms.empty:
        tiers = pd.DataFrame(rules.supplier_tiers, columns=["tier_from", "discount"], dtype=np.float64)
        return {} if tiers.empty else {("", ALL_PURCHASES): tiers}
    named = purchase_terms.assign(item=purchase_terms["item"].fillna(ALL_PURCHASES))
    terms = {
        (str(supplier), str(item)): part[["tier_from", "discount"]]
        for (supplier, item), part in named.groupby(["supplier", "item"], sort=True)
    }
    if any(item == ALL_PURCHASES for _, item in terms) and len(terms) > 1:
        return {key: tiers for key, tiers in terms.items() if key[1] != ALL_PURCHASES}
    return terms
