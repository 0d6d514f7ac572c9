"""Who the key clients are, why, and how sure their places are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.pairwise import given_weights
from kam_analysis.facts.shares import customer_shares, is_key_in_company
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, say, say_n
from kam_analysis.key_clients.score import is_yes, membership, score_customers, sureness, weight_bases
from kam_analysis.key_clients.tables import BORDERLINE, CUSTOMER_SCORES, KEY_LIST
from kam_analysis.params import KeyClients
from kam_analysis.vocabulary import Criterion, KeyReason, Sureness

MOST_NAMED = 5
LEAST_SHOWN = 0.02
MOST_SCORED = 10
RULE_CHANGED = say("The rule of the list changed")
NOBODY = say("Nobody has net sales above 0 in the last 12 months.")


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
    measures : DataFrame
        Raw values per customer and criterion.
    reason : KeyReason
        Why the list is as it is: by share, or by score when nobody is key by share.
    bases : Series
        Share of the weight used that rests on measured, survey and analyst columns.
    """

    keys: pd.DataFrame
    scores: pd.DataFrame
    weights: pd.Series
    measures: pd.DataFrame
    reason: KeyReason
    bases: pd.Series


def key_list(
    facts: pd.DataFrame, assessment: pd.DataFrame, survey: pd.DataFrame, calendar: Calendar, rules: KeyClients
) -> KeyList:
    """List the key clients of the company: by share, else the top by score, and those an analyst's flag makes key.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts`` at the reference date.
    assessment, survey : DataFrame
        Optional tables; empty where the source has none. Answers from the reference date on are not known yet.
    calendar : Calendar
        Window of the data; a change against the 12 months before needs 24.
    rules : KeyClients
        Key rule, weights, draws.

    Returns
    -------
    KeyList
        Empty lists when nobody has net sales above 0 in the last 12 months and nobody is flagged.

    Examples
    --------
    >>> import datetime as dt
    >>> from kam_analysis.tables import ASSESSMENT, SURVEY
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "manager": None,
    ...     "department": None, "net_sales_12m": [95.0, 5.0], "net_sales_before": 0.0, "orders_12m": 1,
    ...     "margin_12m": np.nan, "formula_ltv": np.nan, "recency_days": 9.0, "median_gap_days": np.nan})
    >>> calendar = Calendar(dt.date(2025, 1, 1), dt.date(2026, 1, 1))
    >>> key_list(facts, ASSESSMENT.empty(), SURVEY.empty(), calendar, KeyClients()).keys.customer_name.tolist()
    ['Ada']
    """
    by_id = facts.set_index("customer_id").sort_index()
    known = survey[survey.date < pd.Timestamp(calendar.as_of)]
    scored, values, weights = score_customers(facts, assessment, known, rules)
    chosen, reason = chosen_keys(by_id.net_sales_12m, scored["rank"], rules)
    length = len(chosen)
    flagged = {one for one in flagged_keys(assessment, rules) if one in by_id.index} - chosen
    criteria = scored[[f"{name}_score" for name in weights.index]].set_axis(weights.index, axis=1)
    places = membership(criteria, weights, length, rules)
    scored = scored.assign(membership=places, sureness=sureness(places, rules))
    known_now = by_id.assign(share_12m=customer_shares(by_id.net_sales_12m))
    keys = _listed(known_now, scored, chosen, flagged, reason)
    if calendar.first_order_on > add_months(calendar.as_of, -24):
        keys = keys.assign(growth_12m=np.nan)
    scores = scored.join(known_now[["customer_name", "net_sales_12m", "share_12m"]])
    ranked = scores.assign(is_key=scores.index.isin(chosen | flagged)).sort_values("rank")
    table = CUSTOMER_SCORES.conform(ranked.reset_index(names="customer_id"))
    return KeyList(keys, table, weights, values, reason, weight_bases(weights, values, known))


def chosen_keys(net_sales_12m: pd.Series, ranks: pd.Series, rules: KeyClients) -> tuple[set[str], KeyReason]:
    """Who is key by share; when nobody is, the first ``top_k`` by score.

    Parameters
    ----------
    net_sales_12m : Series
        Money of 12 months by customer id.
    ranks : Series
        Rank of the score by customer id.
    rules : KeyClients
        ``min_share`` and ``top_k``.

    Examples
    --------
    >>> chosen_keys(pd.Series({"a": 90.0, "b": 10.0}), pd.Series({"a": 1, "b": 2}), KeyClients())
    ({'a'}, <KeyReason.SHARE: 'share'>)
    """
    by_share = is_key_in_company(net_sales_12m, rules.min_share)
    if by_share.any():
        return set(by_share.index[by_share]), KeyReason.SHARE
    return set(ranks.index[ranks <= rules.top_k]), KeyReason.SCORE


def flagged_keys(assessment: pd.DataFrame, rules: KeyClients) -> set[str]:
    """Customers whom an analyst's flag makes key: image-maker, demanding expert, or a high strategic rating."""
    is_strategic = assessment.strategic >= rules.strategic_from
    is_flagged = is_yes(assessment.well_known) | is_yes(assessment.demanding) | is_strategic
    return set(assessment.customer_id[is_flagged])


def _listed(
    facts: pd.DataFrame, scored: pd.DataFrame, chosen: set[str], flagged: set[str], reason: KeyReason
) -> pd.DataFrame:
    rows = facts.loc[sorted(chosen | flagged)]
    growth = money.exact(rows.net_sales_12m) - money.exact(rows.net_sales_before)
    is_flag = rows.index.isin(list(flagged))
    table = rows.join(scored[["score", "membership", "sureness"]]).assign(
        reason=np.where(is_flag, KeyReason.FLAG.value, reason.value),
        growth_12m=growth / money.SCALE,
        is_flag=is_flag,
        id=rows.index,
    )
    first = "share_12m" if reason is KeyReason.SHARE else "score"
    ordered = table.sort_values(["is_flag", first, "id"], ascending=[True, False, True])
    return KEY_LIST.conform(ordered.assign(order=np.arange(1, len(ordered) + 1)).reset_index(names="customer_id"))


def listed_by_rule(now: KeyList) -> pd.DataFrame:
    """Clients who are key by share or score, without those by a flag alone."""
    return now.keys[now.keys.reason != KeyReason.FLAG]


def _is_flag(now: KeyList) -> pd.Series:
    return now.keys.reason == KeyReason.FLAG


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
    return Finding(
        "key_list",
        say("Who are the key clients?"),
        _who_sentence(now, rules),
        keys,
        {
            "company_keys": int((keys.reason == KeyReason.SHARE).sum()),
            "key_clients": len(keys),
            "key_clients_flagged": int(_is_flag(now).sum()),
            "sure": int((now.scores.sureness == Sureness.SURE).sum()),
            "borderline": int((now.scores.sureness == Sureness.BORDERLINE).sum()),
        },
        sub=_who_sub(now, rules),
        base=say(
            "Base of shares: net sales of customers above 0 in the last 12 months (n {n:count}).", n=len(now.scores)
        ),
        show=(
            "customer_name",
            "manager",
            Show("net_sales_12m", bar=True),
            "share_12m",
            *_how_sure_columns(now),
            Show("reason", chip=True),
            "orders_12m",
            "growth_12m",
            "recency_days",
            "median_gap_days",
        ),
        sortable=len(keys) >= 24,
        none=NOBODY,
        caveats=_list_caveats(now, rules) if len(now.scores) else (),
    )


def _who_sub(now: KeyList, rules: KeyClients) -> Message:
    if now.reason is KeyReason.SHARE:
        return say("Last 12 months. Usual gap: median days between order days.")
    return say_n(
        "Last 12 months. Among the first: share of {draws:count} random weightings in which the score puts the "
        "client first. Usual gap: median days between order days.",
        "Last 12 months. Among the first: share of {draws:count} random weightings in which the score puts the "
        "client among the first {k:count}. Usual gap: median days between order days.",
        count="k",
        draws=rules.weight_draws,
        k=len(listed_by_rule(now)),
    )


def _how_sure_columns(now: KeyList) -> tuple[Show, ...]:
    """Weights decide nothing where the list is made by share."""
    if now.reason is KeyReason.SHARE:
        return ()
    return Show("membership", bar=True), Show("sureness", chip=True, strong=(Sureness.SURE,))


def _who_sentence(now: KeyList, rules: KeyClients) -> Message:
    keys = listed_by_rule(now)
    if len(keys):
        return _by_share_sentence(keys, rules) if now.reason is KeyReason.SHARE else _by_score_sentence(now, rules)
    if now.keys.empty:
        return say("There is no key client in the last 12 months.")
    return say_n(
        "Nobody has net sales above 0 in the last 12 months; an analyst's flag makes {n:count} customer key.",
        "Nobody has net sales above 0 in the last 12 months; an analyst's flag makes {n:count} customers key.",
        count="n",
        n=len(now.keys),
    )


def _by_share_sentence(keys: pd.DataFrame, rules: KeyClients) -> Message:
    together = min(1.0, float(keys.share_12m.sum()))
    if len(keys) > MOST_NAMED:
        return say(
            "{n:count} clients bring more than {limit:share0} of net sales each, together {share:share}; the largest "
            "is {name}.",
            n=len(keys),
            limit=rules.min_share,
            share=together,
            name=keys.customer_name.iloc[0],
        )
    return say_n(
        "{n:count} client brings more than {limit:share0} of net sales: {names:names}, {share:share}.",
        "{n:count} clients bring more than {limit:share0} of net sales each: {names:names}, together {share:share}.",
        count="n",
        n=len(keys),
        limit=rules.min_share,
        names=list(keys.customer_name),
        share=together,
    )


def _by_score_sentence(now: KeyList, rules: KeyClients) -> Message:
    keys = listed_by_rule(now)
    largest = now.scores.sort_values(["net_sales_12m", "customer_id"], ascending=[False, True]).iloc[0]
    return say_n(
        "Nobody passes {limit:share0} of net sales (largest: {name}, {share:share}), so the only key client comes "
        "from the weighted score.",
        "Nobody passes {limit:share0} of net sales (largest: {name}, {share:share}), so the {k:count} key clients "
        "come from "
        "the weighted score; {sure:count} of them keep their place in at least {level:share0} of the weightings.",
        count="k",
        limit=rules.min_share,
        name=largest.customer_name,
        share=largest.share_12m,
        k=len(keys),
        sure=int((keys.sureness == Sureness.SURE).sum()),
        level=rules.sure_from,
    )


def _list_caveats(now: KeyList, rules: KeyClients) -> list[Caveat]:
    return [
        *_absent_criteria(now, rules),
        *_filled_criteria(now),
        *_flag_caveat(now),
        Caveat(
            say("A place on the list is not a forecast"),
            say("The share of weightings says how much a place depends on the weights, not whether the client stays."),
            Weight.GREEN,
        ),
    ]


def _absent_criteria(now: KeyList, rules: KeyClients) -> list[Caveat]:
    wanted = [name for name, weight in given_weights(rules).items() if weight > 0]
    absent = [Criterion(name) for name in wanted if now.weights[name] == 0]
    if not absent:
        return []
    text = say(
        "No data for {absent:names}: their weight is spread over {used:names}.",
        absent=absent,
        used=[Criterion(name) for name in now.weights.index[now.weights > 0]],
    )
    return [Caveat(say("What the score does not know"), text)]


def _filled_criteria(now: KeyList) -> list[Caveat]:
    filled = int((now.scores.criteria_without_data > 0).sum())
    if not filled:
        return []
    text = say_n(
        "{n:count} of {m:count} customers lacks data for at least one criterion and gets its median score there.",
        "{n:count} of {m:count} customers lack data for at least one criterion and get its median score there.",
        count="n",
        n=filled,
        m=len(now.scores),
    )
    return [Caveat(say("Missing scores are replaced by the median"), text)]


def _flag_caveat(now: KeyList) -> list[Caveat]:
    flagged = int(_is_flag(now).sum())
    if not flagged:
        return []
    text = say_n(
        "{n:count} client more stands on the list by an analyst's flag, whatever its sales and score.",
        "{n:count} clients more stand on the list by an analyst's flag, whatever their sales and scores.",
        count="n",
        n=flagged,
    )
    return [Caveat(say("Key by an analyst's flag"), text, Weight.GREEN)]


def how_sure(now: KeyList, rules: KeyClients) -> Finding:
    """Say which places on the list depend on the weights; clients who are key by a flag alone are left out.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Sureness.
    """
    scores, length = now.scores, len(listed_by_rule(now))
    least = min(LEAST_SHOWN, rules.borderline_from)
    listed = scores.assign(is_key=scores.customer_id.isin(listed_by_rule(now).customer_id))
    shown = listed[(listed.membership >= least) | listed.is_key]
    return Finding(
        "borderline_customers",
        say("How sure is the list?"),
        _sure_sentence(now, length),
        BORDERLINE.conform(shown.sort_values(["membership", "rank"], ascending=[False, True])),
        sub=say_n(
            "Share of {draws:count} random weightings in which the score puts the customer first. Solid: sure. "
            "Hatched: not sure.",
            "Share of {draws:count} random weightings in which the score puts the customer among the first "
            "{k:count}. Solid: sure. Hatched: not sure.",
            count="k",
            draws=rules.weight_draws,
            k=length,
        ),
        base=say("Customers scored: {n:count}; shown from {least:share0} on.", n=len(scores), least=least),
        drawing="membership",
        limits={"sure_from": rules.sure_from},
        absent=None if length else say("There is no list: nobody has net sales above 0 in the last 12 months."),
    )


def _sure_sentence(now: KeyList, length: int) -> Message:
    sure = int((listed_by_rule(now).sureness == Sureness.SURE).sum())
    if now.reason is KeyReason.SHARE:
        return say(
            "The list goes by share, whatever the weights; by the score alone {sure:count} of {k:count} would be "
            "sure of a place.",
            sure=sure,
            k=length,
        )
    return say(
        "Sure places on the list: {sure:count} of {k:count}; borderline customers: {n:count}.",
        sure=sure,
        k=length,
        n=int((now.scores.sureness == Sureness.BORDERLINE).sum()),
    )


def score_breakdown(now: KeyList) -> Finding:
    """Break every customer's score down into its criteria, best first.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    """
    used = [f"{name}_points" for name in now.weights.index[now.weights > 0]]
    return Finding(
        "customer_scores",
        say("What makes each score?"),
        _leader_sentence(now.scores),
        now.scores,
        {f"weight_from.{base}": float(share) for base, share in now.bases.items()},
        sub=say("Points of a criterion: its weight times the mid-rank over n, 1 best; together they are the score."),
        base=say(
            "Customers with net sales above 0 in the last 12 months: {n:count}. Weight that rests on orders: "
            "{measured:share0}, on the survey: {survey:share0}, on the analyst's word: {analyst:share0}.",
            n=len(now.scores),
            **now.bases,
        ),
        show=("customer_name", *used, Show("score", bar=True), "rank", "criteria_without_data", "is_key"),
        most_rows=MOST_SCORED,
        none=NOBODY,
    )


def _leader_sentence(scores: pd.DataFrame) -> Message:
    if scores.empty:
        return say("No customer is scored.")
    names, points = scores.customer_name.head(2).tolist(), scores.score.head(2).tolist()
    if len(names) == 1:
        return say("{name} is the only customer with a score.", name=names[0])
    if points[0] == points[1]:
        return say("{first} and {second} share the highest score.", first=names[0], second=names[1])
    if round(points[0], 2) == round(points[1], 2):
        return say("{first} leads the score, {second} follows closely.", first=names[0], second=names[1])
    return say(
        "{first} leads the score with {high:share}, {second} follows with {next:share}.",
        first=names[0],
        high=points[0],
        second=names[1],
        next=points[1],
    )


def key_tile(now: KeyList, changes: Finding, rules: KeyClients) -> Tile:
    """Give the number of key clients with what moved since the comparison date.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    changes : Finding
        Result of `what_changed`.
    rules : KeyClients
        Key rule.
    """
    name = say("Key clients")
    definition = say(
        "Clients above {limit:share0} of net sales of the last 12 months; when there is none, the best by the "
        "weighted score, up to {k:count}; and those whom an analyst's flag makes key.",
        limit=rules.min_share,
        k=rules.top_k,
    )
    if now.keys.empty:
        return Tile(name, None, say("n {n:count}", n=0), definition, "key_clients", absent=NOBODY)
    change = None
    if any(caveat.head == RULE_CHANGED for caveat in changes.caveats):
        change = say("not compared: the list was made by another rule")
    elif changes.absent is None:
        change = say(
            "{entered:count} entered, {left:count} left",
            entered=changes.numbers["keys_entered"],
            left=changes.numbers["keys_left"],
        )
    return Tile(
        name, say("{n:count}", n=len(now.keys)), _tile_size(now), definition, "key_clients", change, table="key_list"
    )


def _tile_size(now: KeyList) -> Message:
    listed, flagged = len(listed_by_rule(now)), int(_is_flag(now).sum())
    if now.reason is KeyReason.SHARE:
        return say("{share:count} by share, {flag:count} by an analyst's flag", share=listed, flag=flagged)
    return say("{score:count} by score, {flag:count} by an analyst's flag", score=listed, flag=flagged)
