"""What the company loses when a client leaves; every term on its own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.findings import Caveat, Finding, Message, say
from kam_analysis.key_clients.shares import concentration_of
from kam_analysis.key_clients.tables import CLIENT_LOSS, Leaver
from kam_analysis.params import KeyClients

LARGEST_SHOWN = 10


def discount_at(volume: float, tiers: pd.DataFrame) -> float:
    """Supplier discount that a yearly purchase volume earns: the highest tier that it reaches, 0 below the first.

    Examples
    --------
    >>> tiers = pd.DataFrame({"tier_from": [1_000.0, 5_000.0], "discount": [0.05, 0.10]})
    >>> discount_at(5_000, tiers), discount_at(4_999, tiers), discount_at(10, tiers)
    (0.1, 0.05, 0.0)
    """
    reached = tiers[tiers.tier_from <= volume]
    return float(reached.loc[reached.tier_from.idxmax(), "discount"]) if len(reached) else 0.0


def discount_lost(purchases_before: float, purchases_after: float, tiers: pd.DataFrame) -> float:
    """Supplier discount lost on the volume that remains (article C: 5,000 units a month earn the wholesale discount).

    (discount before − discount after) · purchases after.

    Examples
    --------
    >>> tiers = pd.DataFrame({"tier_from": [5_000.0], "discount": [0.10]})
    >>> discount_lost(6_000, 4_000, tiers)
    400.0
    """
    return max(0.0, discount_at(purchases_before, tiers) - discount_at(purchases_after, tiers)) * purchases_after


def loss_of(leavers: Iterable[str], facts: pd.DataFrame, tiers: pd.DataFrame, rules: KeyClients) -> dict[str, float]:
    """Every term of the loss when these customers leave, on the last 12 months.

    Parameters
    ----------
    leavers : iterable of str
        Customer ids.
    facts : DataFrame
        ``customer_facts``.
    tiers : DataFrame
        ``purchase_terms`` of one supplier for everything (no item); empty where the source has none.
    rules : KeyClients
        Elasticity.

    Returns
    -------
    dict
        net_sales_lost, share_lost, margin_lost, discount_lost, second_order_lost, doubling_share, largest_share_after,
        hhi_after; NaN for what is not measurable.
    """
    is_leaving = facts.customer_id.isin(list(leavers))
    sales = money.exact(facts.net_sales_12m)
    is_positive = sales > 0
    base = int(sales[is_positive].sum(dtype=object))
    lost = int(sales[is_positive & is_leaving].sum(dtype=object))
    rest = base - lost
    after = concentration_of(facts.net_sales_12m[~is_leaving])
    has_margin = facts.margin_12m.notna()
    margin = money.total(facts.margin_12m[is_leaving & has_margin]) if (is_leaving & has_margin).any() else np.nan
    purchases = facts.margin_base_12m - facts.margin_12m
    return {
        "net_sales_lost": money.units(lost),
        "share_lost": lost / base if base else np.nan,
        "margin_lost": margin,
        "discount_lost": discount_lost(purchases[has_margin].sum(), purchases[has_margin & ~is_leaving].sum(), tiers)
        if len(tiers) and has_margin.any()
        else np.nan,
        "second_order_lost": np.nan
        if rules.loss_elasticity is None or not base
        else min(1.0, rules.loss_elasticity * lost / base) * money.units(rest),
        "doubling_share": min(1.0, lost / rest) if rest > 0 and lost <= rest else np.nan,
        "largest_share_after": np.nan if after.cr1 is None else after.cr1,
        "hhi_after": np.nan if after.hhi is None else after.hhi,
    }


def client_loss(
    facts: pd.DataFrame, keys: pd.DataFrame, purchase_terms: pd.DataFrame, rules: KeyClients
) -> Finding:
    """Say what it costs when the largest clients, a parent group or all key clients leave.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    keys : DataFrame
        ``key_list``.
    purchase_terms : DataFrame
        Supplier tiers; empty where the source has none.
    rules : KeyClients
        Elasticity and fixed costs.
    """
    tiers = purchase_terms[purchase_terms.item.isna()]
    if tiers.supplier.nunique() > 1:
        tiers = tiers.iloc[:0]
    scenarios = _scenarios(facts, keys)
    rows = [
        {"name": name, "leaver": leaver.value} | loss_of(ids, facts, tiers, rules) for name, leaver, ids in scenarios
    ]
    table = CLIENT_LOSS.conform(pd.DataFrame(rows, columns=CLIENT_LOSS.names))
    question = say("What if a client leaves?")
    if table.empty:
        return Finding("client_loss", question, say("Nobody can leave: no client has net sales above 0."), table,
                       absent=say("Nobody has net sales above 0 in the last 12 months."))
    worst = table.iloc[0]
    return Finding(
        "client_loss",
        question,
        say(
            "Losing {name} takes {share:share} of net sales; losing the five largest takes {five:share}.",
            name=worst["name"],
            share=worst.share_lost,
            five=_share_of_five(table),
        ),
        table,
        {"largest_loss_share": float(worst.share_lost), "largest_loss_net_sales": float(worst.net_sales_lost)},
        sub=say("Net sales of the last 12 months; nothing is netted silently."),
        base=say("Base of shares: net sales of customers above 0 in the last 12 months."),
        show=(
            "name",
            "leaver",
            "net_sales_lost",
            "share_lost",
            "margin_lost",
            "discount_lost",
            "second_order_lost",
            "doubling_share",
            "largest_share_after",
        ),
        drawing="loss_waterfall",
        caveats=_loss_caveats(facts, table, tiers, rules),
    )


def _scenarios(facts: pd.DataFrame, keys: pd.DataFrame) -> list[tuple[str, Leaver, list[str]]]:
    positive = facts[money.exact(facts.net_sales_12m) > 0]
    largest = positive.sort_values(["net_sales_12m", "customer_id"], ascending=[False, True]).head(LARGEST_SHOWN)
    scenarios = [(row.customer_name, Leaver.CLIENT, [row.customer_id]) for row in largest.itertuples()]
    for parent in dict.fromkeys(largest.parent_id):
        members = positive[positive.parent_id == parent]
        if len(members) > 1:
            names = facts.set_index("customer_id").customer_name
            scenarios.append((names.get(parent, parent), Leaver.PARENT, list(members.customer_id)))
    listed = keys[keys.net_sales_12m > 0]
    if len(listed) > 1:
        scenarios.append(("", Leaver.KEY_CLIENTS, list(listed.customer_id)))
    seen: dict[str, int] = {}
    unique = []
    for name, leaver, ids in scenarios:
        seen[f"{name} {leaver}"] = seen.get(f"{name} {leaver}", 0) + 1
        unique.append((name if seen[f"{name} {leaver}"] == 1 else f"{name} ({ids[0]})", leaver, ids))
    return unique


def _share_of_five(table: pd.DataFrame) -> float:
    return float(table[table.leaver == Leaver.CLIENT].head(5).share_lost.sum())


def _loss_caveats(facts: pd.DataFrame, table: pd.DataFrame, tiers: pd.DataFrame, rules: KeyClients) -> list[Caveat]:
    unknown: list[Message] = []
    if table.margin_lost.isna().all():
        unknown.append(say("margin (the source holds no cost)"))
    if tiers.empty:
        unknown.append(say("supplier discount (no volume tiers for all purchases of one supplier)"))
    if rules.loss_elasticity is None:
        unknown.append(say("second-order loss (no elasticity in the parameters)"))
    caveats = []
    if unknown:
        caveats.append(Caveat(say("Not estimated"), say("Left out of the loss: {terms:names}.", terms=unknown)))
    margin = facts.margin_12m.dropna()
    if len(margin):
        caveats.append(_fixed_cost_caveat(money.total(margin), float(table.iloc[0].margin_lost), rules))
    return caveats


def _fixed_cost_caveat(margin: float, lost: float, rules: KeyClients) -> Caveat:
    left = margin - (0.0 if np.isnan(lost) else lost)
    head = say("What is left to cover fixed costs")
    if rules.fixed_costs_per_month is None:
        return Caveat(
            head,
            say(
                "Without the largest client the margin of 12 months is {left:money}: the company breaks even at fixed costs of "
                "{monthly:money} a month.",
                left=left,
                monthly=left / 12,
            ),
        )
    return Caveat(
        head,
        say(
            "Without the largest client {left:money} a year is left after fixed costs of {monthly:money} a month.",
            left=left - 12 * rules.fixed_costs_per_month,
            monthly=rules.fixed_costs_per_month,
        ),
    )
