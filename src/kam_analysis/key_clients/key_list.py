"""Who the key clients are, why, and how sure their places are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, say, say_n
from kam_analysis.key_clients.score import is_yes, membership, score_customers, sureness
from kam_analysis.key_clients.shares import customer_shares, is_key_in_company
from kam_analysis.key_clients.tables import BORDERLINE, CRITERIA, CUSTOMER_SCORES, KEY_CHANGES, KEY_LIST, Move
from kam_analysis.params import KeyClients
from kam_analysis.vocabulary import KeyReason, Sureness

TOP_STRATEGIC = 5


@dataclass(frozen=True)
class KeyList:
    """The company's key list at one date and everything it was computed from.

    Parameters
    ----------
    keys : DataFrame
        ``key_list``.
    scores : DataFrame
        ``customer_scores``.
    weights : Series
        Weights used per criterion.
    values : DataFrame
        Raw values per customer and criterion.
    reason : KeyReason
        Why the list is as it is: by share, or by score when nobody is key by share.
    """

    keys: pd.DataFrame
    scores: pd.DataFrame
    weights: pd.Series
    values: pd.DataFrame
    reason: KeyReason


def key_list(
    facts: pd.DataFrame, assessment: pd.DataFrame, survey: pd.DataFrame, calendar: Calendar, rules: KeyClients
) -> KeyList:
    """List the key clients of the company: by share, else the top by score, and those an analyst's flag makes key.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts`` at the reference date.
    assessment, survey : DataFrame
        Optional tables; empty where the source has none.
    calendar : Calendar
        Window of the data; a change against the 12 months before needs 24.
    rules : KeyClients
        Key rule, weights, draws.

    Returns
    -------
    KeyList
        Empty lists when nobody has net sales above 0 in the last 12 months and nobody is flagged.
    """
    by_id = facts.set_index("customer_id").sort_index()
    shares = customer_shares(by_id.net_sales_12m)
    by_share = is_key_in_company(by_id.net_sales_12m, rules.min_share)
    scored, values, weights = score_customers(facts, assessment, survey, rules)
    reason = KeyReason.SHARE if by_share.any() else KeyReason.SCORE
    length = int(by_share.sum()) if by_share.any() else min(rules.top_k, len(scored))
    criteria = scored[[f"{name}_score" for name in weights.index]]
    scored["membership"] = membership(criteria.set_axis(weights.index, axis=1), weights, length, rules)
    scored["sureness"] = sureness(scored.membership, rules)
    chosen = set(by_share.index[by_share]) if by_share.any() else set(scored.index[scored["rank"] <= length])
    flagged = _flagged(assessment) & set(by_id.index) - chosen
    facts_now = by_id.assign(share_12m=shares)
    keys = _listed(facts_now, scored, chosen, flagged, reason)
    if calendar.first_order_on > add_months(calendar.as_of, -24):
        keys = keys.assign(growth_12m=np.nan)
    scores = CUSTOMER_SCORES.conform(
        scored.join(facts_now[["customer_name", "net_sales_12m", "share_12m"]])
        .assign(is_key=scored.index.isin(chosen | flagged))
        .sort_values("rank")
        .reset_index(names="customer_id")
    )
    return KeyList(keys, scores, weights, values, reason)


def _flagged(assessment: pd.DataFrame) -> set[str]:
    is_flagged = is_yes(assessment.well_known) | is_yes(assessment.demanding) | (assessment.strategic >= TOP_STRATEGIC)
    return set(assessment.customer_id[is_flagged])


def _listed(
    facts: pd.DataFrame, scored: pd.DataFrame, chosen: set[str], flagged: set[str], reason: KeyReason
) -> pd.DataFrame:
    rows = facts.loc[sorted(chosen | flagged)]
    table = rows.join(scored[["score", "rank", "membership", "sureness"]])
    growth = money.exact(rows.net_sales_12m) - money.exact(rows.net_sales_before)
    table = table.assign(
        reason=np.where(table.index.isin(list(chosen)), reason.value, KeyReason.FLAG.value), growth_12m=growth / money.SCALE
    )
    by_sales = table.assign(is_flag=table.reason == KeyReason.FLAG.value, id=table.index)
    first = "share_12m" if reason is KeyReason.SHARE else "score"
    ordered = by_sales.sort_values(["is_flag", first, "id"], ascending=[True, False, True])
    return KEY_LIST.conform(ordered.assign(order=np.arange(1, len(ordered) + 1)).reset_index(names="customer_id"))


def who_is_key(now: KeyList, rules: KeyClients) -> Finding:
    """Say who the key clients are, by which rule, and how many places are sure.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Key rule and sureness.
    """
    keys = now.keys
    scored = keys[keys.reason != KeyReason.FLAG]
    numbers = {
        "company_keys": int((keys.reason == KeyReason.SHARE).sum()),
        "key_clients": len(keys),
        "key_clients_flagged": int((keys.reason == KeyReason.FLAG).sum()),
        "sure": int((now.scores.sureness == Sureness.SURE).sum()),
        "borderline": int((now.scores.sureness == Sureness.BORDERLINE).sum()),
    }
    return Finding(
        "key_list",
        say("Who are the key clients?"),
        _who_sentence(now, rules),
        keys,
        numbers,
        sub=say(
            "Last 12 months. In the list: share of {draws:count} random weightings with a place on it. Usual gap: median "
            "days between order days.",
            draws=rules.weight_draws,
        ),
        base=say("Base of shares: net sales of customers above 0 in the last 12 months (n {n:count}).", n=len(now.scores)),
        show=(
            "customer_name",
            "manager",
            Show("net_sales_12m", bar=True),
            "share_12m",
            Show("membership", bar=True),
            Show("sureness", chip=True, strong=(Sureness.SURE,)),
            Show("reason", chip=True),
            "orders_12m",
            "growth_12m",
            "recency_days",
            "median_gap_days",
        ),
        sortable=len(keys) >= 24,
        none=say("Nobody has net sales above 0 in the last 12 months."),
        caveats=_list_caveats(now, rules) if len(scored) else (),
    )


def _who_sentence(now: KeyList, rules: KeyClients) -> Message:
    keys = now.keys[now.keys.reason != KeyReason.FLAG]
    if keys.empty:
        return say("There is no key client in the last 12 months.")
    if now.reason is KeyReason.SHARE:
        return say_n(
            "{n:count} client brings more than {limit:share0} of net sales: {names:names}, together {share:share}.",
            "{n:count} clients bring more than {limit:share0} of net sales each: {names:names}, together {share:share}.",
            count="n",
            n=len(keys),
            limit=rules.min_share,
            names=list(keys.customer_name),
            share=float(keys.share_12m.sum()),
        )
    largest = now.scores.loc[now.scores.net_sales_12m.idxmax()]
    return say(
        "Nobody passes {limit:share0} of net sales (largest: {name}, {share:share}), so the {k:count} key clients come from "
        "the weighted score; {sure:count} of them keep their place in {level:share0} of the weightings.",
        limit=rules.min_share,
        name=largest.customer_name,
        share=largest.share_12m,
        k=len(keys),
        sure=int((keys.sureness == Sureness.SURE).sum()),
        level=rules.sure_from,
    )


def _list_caveats(now: KeyList, rules: KeyClients) -> list[Caveat]:
    absent = [name for name, weight in rules.weights.model_dump().items() if weight > 0 and now.weights[name] == 0]
    caveats = [
        Caveat(
            say("A place on the list is not a forecast"),
            say("The share of weightings says how much a place depends on the weights, not whether the client stays."),
            Weight.GREEN,
        )
    ]
    if absent:
        caveats.insert(
            0,
            Caveat(
                say("What the score does not know"),
                say(
                    "No data for {absent:names}: their weight is spread over {used:names}.",
                    absent=[CRITERION_LABELS[name] for name in absent],
                    used=[CRITERION_LABELS[name] for name in now.weights.index[now.weights > 0]],
                ),
            ),
        )
    filled = int((now.scores.criteria_without_data > 0).sum())
    if filled:
        caveats.append(
            Caveat(
                say("Some criteria are filled in"),
                say(
                    "{n:count} of {m:count} customers lack data for at least one criterion and get its median score there.",
                    n=filled,
                    m=len(now.scores),
                ),
            )
        )
    return caveats


CRITERION_LABELS = {
    "volume": say("volume"),
    "frequency": say("frequency"),
    "margin": say("margin"),
    "growth": say("growth potential"),
    "lifetime": say("lifetime value"),
    "brand": say("brand influence"),
    "strategic": say("strategic importance"),
}


def how_sure(now: KeyList, rules: KeyClients) -> Finding:
    """Say which places on the list depend on the weights.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Sureness.
    """
    unsure = now.scores[(now.scores.sureness == Sureness.BORDERLINE) | (now.scores.is_key & (now.scores.sureness == Sureness.OUT))]
    shown = now.scores[(now.scores.membership >= 0.02) | now.scores.is_key]
    sure = int((now.scores.sureness == Sureness.SURE).sum())
    length = int((now.keys.reason != KeyReason.FLAG).sum())
    return Finding(
        "borderline_customers",
        say("How sure is the list?"),
        say_n(
            "{sure:count} of {k:count} places are sure; {n:count} customer is borderline.",
            "{sure:count} of {k:count} places are sure; {n:count} customers are borderline.",
            count="n",
            sure=sure,
            k=length,
            n=int((unsure.sureness == Sureness.BORDERLINE).sum()),
        ),
        BORDERLINE.conform(shown.sort_values(["membership", "rank"], ascending=[False, True])),
        sub=say(
            "Share of {draws:count} random weightings in which the customer is among the top {k:count}. Solid: sure. "
            "Hatched: not sure.",
            draws=rules.weight_draws,
            k=length,
        ),
        base=say("{n:count} customers scored; below {least:share0} not drawn.", n=len(now.scores), least=0.02),
        drawing="membership",
        limits={"sure_from": rules.sure_from},
        absent=None if length else say("There is no list: nobody has net sales above 0 in the last 12 months."),
    )


def score_breakdown(now: KeyList) -> Finding:
    """Break every customer's score down into its criteria, best first.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    """
    used = [f"{name}_score" for name in now.weights.index[now.weights > 0]]
    best = now.scores.head(2)
    sentence = say("No customer is scored.")
    if len(best) == 2:
        sentence = say(
            "{first} leads the score with {high:num2}, {second} follows with {next:num2}.",
            first=best.customer_name.iloc[0],
            high=best.score.iloc[0],
            second=best.customer_name.iloc[1],
            next=best.score.iloc[1],
        )
    return Finding(
        "customer_scores",
        say("What makes each score?"),
        sentence,
        now.scores,
        sub=say("Each criterion is the mid-rank over n, 1 best; the score is their weighted sum."),
        base=say("{n:count} customers with net sales above 0 in the last 12 months.", n=len(now.scores)),
        show=("customer_name", *used, Show("score", bar=True), "rank", "criteria_without_data", "is_key"),
        sortable=True,
        none=say("Nobody has net sales above 0 in the last 12 months."),
    )


def criteria(now: KeyList, rules: KeyClients) -> Finding:
    """Show the weights given and used, and for how many customers each criterion has data.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Weights.
    """
    given = rules.weights.model_dump()
    counts = now.values.notna().sum()
    table = pd.DataFrame(
        {
            "criterion": list(given),
            "weight": list(given.values()),
            "weight_used": [now.weights[name] for name in given],
            "customers": [int(counts[name]) for name in given],
            "coverage": [counts[name] / len(now.values) if len(now.values) else 0.0 for name in given],
        }
    )
    used = table[table.weight_used > 0]
    return Finding(
        "criteria",
        say("What makes the score?"),
        say("{n:count} of {m:count} criteria have data.", n=int((used.customers > 0).sum()), m=len(table)),
        CRITERIA.conform(table),
        {f"weight_used.{row.criterion}": row.weight_used for row in table.itertuples()},
        sub=say("A criterion without data is left out and its weight spread over the rest in proportion."),
        show=("criterion", "weight", "weight_used", "customers", "coverage"),
    )


def what_changed(now: KeyList, before: KeyList | None, facts: pd.DataFrame, facts_before: pd.DataFrame) -> Finding:
    """Say who entered and left the list since the comparison date.

    Parameters
    ----------
    now, before : KeyList
        At both dates; `before` is None where the data do not reach back.
    facts, facts_before : DataFrame
        ``customer_facts`` at both dates.
    """
    question = say("What changed?")
    if before is None:
        return Finding(
            "key_changes",
            question,
            say("There is nothing to compare with."),
            KEY_CHANGES.empty(),
            absent=say("The data do not reach back 3 months."),
        )
    ids = sorted(set(now.keys.customer_id) | set(before.keys.customer_id))
    is_now, was = pd.Index(ids).isin(now.keys.customer_id), pd.Index(ids).isin(before.keys.customer_id)
    latest, earlier = facts.set_index("customer_id"), facts_before.set_index("customer_id")
    table = pd.DataFrame(
        {
            "customer_id": ids,
            "customer_name": latest.customer_name.reindex(ids).to_numpy(),
            "move": np.select([is_now & was, is_now], [Move.STAYED.value, Move.ENTERED.value], Move.LEFT.value),
            "rank_before": before.scores.set_index("customer_id")["rank"].reindex(ids).to_numpy(),
            "rank_now": now.scores.set_index("customer_id")["rank"].reindex(ids).to_numpy(),
            "net_sales_before": earlier.net_sales_12m.reindex(ids).fillna(0).to_numpy(),
            "net_sales_now": latest.net_sales_12m.reindex(ids).fillna(0).to_numpy(),
        }
    )
    order = {Move.ENTERED.value: 0, Move.LEFT.value: 1, Move.STAYED.value: 2}
    table = table.assign(place=table.move.map(order)).sort_values(["place", "net_sales_now", "customer_id"], ascending=[True, False, True])
    counts = table.move.value_counts()
    return Finding(
        "key_changes",
        question,
        say(
            "{entered:count} entered the list, {left:count} left it, {stayed:count} stayed.",
            entered=int(counts.get(Move.ENTERED, 0)),
            left=int(counts.get(Move.LEFT, 0)),
            stayed=int(counts.get(Move.STAYED, 0)),
        ),
        KEY_CHANGES.conform(table),
        {"keys_entered": int(counts.get(Move.ENTERED, 0)), "keys_left": int(counts.get(Move.LEFT, 0))},
        sub=say("The same computation at the comparison date, on the same data and parameters."),
        show=("customer_name", Show("move", chip=True), "rank_before", "rank_now", "net_sales_before", "net_sales_now"),
        none=say("The list was empty at both dates."),
        caveats=[
            Caveat(
                say("Today's list looks loyal by construction"),
                say("Judge the retention of key clients only on the list frozen at the start of the period."),
            )
        ],
    )


def key_tile(now: KeyList, changes: Finding) -> Tile:
    """Give the number of key clients with what moved since the comparison date.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    changes : Finding
        Result of `what_changed`.
    """
    sure = int((now.keys.sureness == Sureness.SURE).sum())
    change = None
    if changes.absent is None:
        change = say(
            "{entered:count} entered, {left:count} left",
            entered=changes.numbers["keys_entered"],
            left=changes.numbers["keys_left"],
        )
    return Tile(
        say("Key clients"),
        say("{n:count}", n=len(now.keys)),
        say("{sure:count} sure whatever the weights", sure=sure),
        say("Clients above 10 % of net sales of the last 12 months; when there is none, the best by the weighted score."),
        "key_clients",
        change,
        table="key_list",
    )
