"""How far the list hangs on one weight or on the way of ranking: weight changes that swap places, min–max, TOPSIS."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.key_list import KeyList
from kam_analysis.facts.key_score import criterion_scores, rank_by_score, weighted_score
from kam_analysis.facts.pairwise import given_weights
from kam_analysis.facts.rounding import FINE_DIGITS, significant
from kam_analysis.findings import Finding, Message, absent_numbers, say, say_n
from kam_analysis.frames import rows
from kam_analysis.key_clients.key_accounts import NOBODY, NOT_BY_SCORE
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Criterion, KeyReason, Labelled


class Method(Labelled):
    """Another way to rank the same accounts by the same criteria and weights."""

    MID_RANK = "mid_rank", say("sum of mid-ranks")
    MIN_MAX = "min_max", say("sum of values between lowest and highest")
    TOPSIS = "topsis", say("nearness to the best, distance from the worst (TOPSIS)")
    PARAMETERS = "parameters", say("the same score with the weights of the parameters instead of the comparisons")


WEIGHT_SWAPS = Table(
    "weight_swaps",
    "one criterion with weight",
    (
        col.CRITERION("Whose weight changes alone."),
        col.WEIGHT_USED("Now."),
        col.share(
            "weight_then",
            say("Weight at which they swap"),
            "The others keep their proportions; missing where none between 0 and 1 swaps them.",
            nullable=True,
            absent=say("never"),
        ),
        col.CHANGE_POINTS("Then less now.", nullable=True),
        col.share("last_score", say("Last in"), "Mid-rank of the last on the list."),
        col.share("first_score", say("First out"), "Mid-rank of the first off the list."),
    ),
    ("criterion",),
)

METHOD_AGREEMENT = Table(
    "method_agreement",
    "one other way to rank",
    (
        col.member("method", say("Ranked by"), "Other way to rank.", Method),
        col.ratio(
            "rank_correlation",
            say("Rank correlation"),
            "Spearman's, with the weighted mid-ranks; missing where all are tied.",
            nullable=True,
            low=-1,
            high=1,
        ),
        col.count("places", say("Places"), "Length of the list.", low=1),
        col.count("same", say("Same clients"), "Among the first by both."),
        col.share("same_share", say("Of the list"), "Same clients over places."),
        col.ENTER("Names, at most five."),
        col.LEAVE("Names, at most five."),
    ),
    ("method",),
)


MOST_NAMED = 5
CHECKS = (Method.MID_RANK, Method.MIN_MAX, Method.TOPSIS)
ROUNDING = 9

Floats = npt.NDArray[np.float64]


def min_max_score(values: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Weighted sum of (value − lowest) / (highest − lowest); a criterion on which all are equal gives 0 to all.

    Parameters
    ----------
    values : DataFrame
        Raw values per account and criterion, none missing, more is better.
    weights : Series
        Weights by criterion.

    Examples
    --------
    >>> values = pd.DataFrame({"volume": [10.0, 20.0, 30.0], "margin": [2.0, 2.0, 2.0]})
    >>> min_max_score(values, pd.Series({"volume": 0.8, "margin": 0.2})).tolist()
    [0.0, 0.4, 0.8]
    """
    span = (values.max() - values.min()).where(lambda width: width > 0)
    return weighted_score((values - values.min()).div(span).fillna(0.0), weights)


def topsis_score(values: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Nearness to the ideal: d⁻ / (d⁺ + d⁻), distances to the worst and the best of every weighted, scaled criterion.

    A criterion is scaled by the root of the sum of its squares; where all accounts are equal, all have 0.

    Parameters
    ----------
    values : DataFrame
        Raw values per account and criterion, none missing, more is better.
    weights : Series
        Weights by criterion.

    Notes
    -----
    Hwang and Yoon, *Multiple Attribute Decision Making* (1981).

    Examples
    --------
    >>> values = pd.DataFrame({"volume": [3.0, 4.0], "margin": [1.0, 0.0]})
    >>> topsis_score(values, pd.Series({"volume": 0.5, "margin": 0.5})).round(4).tolist()
    [0.8333, 0.1667]
    """
    used = weights[weights > 0].index
    raw = values[used].to_numpy(dtype=np.float64)
    largest = np.abs(raw).max(axis=0, initial=0.0)
    scaled = raw / np.where(largest > 0, largest, 1.0)
    length = np.sqrt(np.square(scaled).sum(axis=0))
    weighted = scaled / np.where(length > 0, length, 1.0) * weights[used].to_numpy()
    best, worst = (
        (_distance(weighted, end(weighted, axis=0)) for end in (np.max, np.min)) if len(raw) else (length,) * 2
    )
    if not len(raw):
        return pd.Series(dtype="float64", index=values.index)
    both = best + worst
    return pd.Series(worst / np.where(both > 0, both, 1.0), index=values.index).round(ROUNDING)


def _distance(points: Floats, to: Floats) -> Floats:
    found: Floats = np.sqrt(np.square(points - to).sum(axis=1))
    return found


@finds(METHOD_AGREEMENT)
def method_agreement(now: KeyList, rules: KeyClients) -> Finding:
    """Compare the score with mid-ranks, and with min–max and TOPSIS on the raw values, by the same weights.

    Accounts without data for a criterion get its median value. The first k by each count, k the places by score; ties
    by account id. With pairwise comparisons the weights of the parameters are one way more.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Weights and comparisons.
    """
    question = say("Does another way of ranking change the list?")
    k, is_used = now.places, KeyReason.SCORE.value in rules.admit
    if not k or not is_used:
        numbers = [f"{method.value}.{name}" for method in CHECKS for name in ("same", "rank_correlation")]
        absent, reason = (NOBODY, "no_positive_sales") if not k else (NOT_BY_SCORE, "score_admits_nobody")
        unknown = absent_numbers(numbers, reason)
        return Finding("method_agreement", question, absent, METHOD_AGREEMENT.empty(), unknown, absent=absent)
    names = now.scores.set_index("account_id").account_name.sort_index()
    ours = now.scores.set_index("account_id")["rank"].sort_index()
    rows = [
        _agreement(method, rank_by_score(score), ours, names, k) for method, score in _other_scores(now, rules).items()
    ]
    table = METHOD_AGREEMENT.conform(pd.DataFrame(rows))
    return Finding(
        "method_agreement",
        question,
        _agreement_sentence(table, k),
        table,
        _agreement_numbers(table),
        sub=say("The first {k:count} by the score against the first {k:count} by another way.", k=k),
        base=say("Accounts ranked: {n:count}; who lacks data for a criterion gets its median value.", n=len(ours)),
        show=("method", "rank_correlation", "same", "same_share", "enter", "leave"),
    )


def _other_scores(now: KeyList, rules: KeyClients) -> dict[Method, pd.Series]:
    weights = now.score.weights
    raw = now.score.measures[weights.index[weights > 0]].sort_index()
    filled = raw.fillna(raw.median())
    ranks = raw.rank(method="average") / raw.count()
    found = {
        Method.MID_RANK: weighted_score(ranks.fillna(ranks.median()), weights),
        Method.MIN_MAX: min_max_score(filled, weights),
        Method.TOPSIS: topsis_score(filled, weights),
    }
    if rules.comparisons:
        measures = now.score.measures.sort_index()
        written = given_weights(rules.model_copy(update={"comparisons": ()})).where(measures.notna().any(), 0.0)
        if written.sum() > 0:
            found[Method.PARAMETERS] = weighted_score(criterion_scores(measures), written / written.sum())
    return found


def _agreement(method: Method, ranks: pd.Series, ours: pd.Series, names: pd.Series, k: int) -> dict[str, object]:
    first, theirs = ours <= k, ranks.reindex(ours.index) <= k
    same = int((first & theirs).sum())
    n = len(ours)
    spread = ours.std() * ranks.std()
    return {
        "method": method.value,
        "rank_correlation": _correlation(ours, ranks.reindex(ours.index)) if n > 1 and spread > 0 else None,
        "places": k,
        "same": same,
        "same_share": same / min(k, n),
        "enter": _named(names[theirs & ~first], ranks),
        "leave": _named(names[first & ~theirs], ours),
    }


def _correlation(one: pd.Series, other: pd.Series) -> float:
    return float(significant(np.corrcoef(one, other)[0, 1], FINE_DIGITS))


def _named(names: pd.Series, ranks: pd.Series) -> str | None:
    ordered = names.iloc[np.argsort(ranks.reindex(names.index).to_numpy(), kind="stable")].tolist()
    more = [f"+{len(ordered) - MOST_NAMED}"] if len(ordered) > MOST_NAMED else []
    return ", ".join([*ordered[:MOST_NAMED], *more]) or None


def _agreement_numbers(table: pd.DataFrame) -> dict[str, float | int | str | None]:
    numbers: dict[str, float | int | str | None] = {}
    for row in rows(table):
        numbers[f"{row.method}.same"] = row.same
        if np.isnan(row.rank_correlation):
            numbers |= absent_numbers([f"{row.method}.rank_correlation"], "one_customer")
        else:
            numbers[f"{row.method}.rank_correlation"] = row.rank_correlation
    return numbers


def _agreement_sentence(table: pd.DataFrame, k: int) -> Message:
    same = table.set_index("method").same
    if (same == k).all():
        return say("Every way of ranking fills the places ({k:count}) with the same accounts.", k=k)
    return say(
        "Places by score: {k:count}; the same accounts by mid-ranks: {midrank:count}, by min–max: {minmax:count}, by "
        "TOPSIS: {topsis:count}.",
        k=k,
        midrank=int(same[Method.MID_RANK]),
        minmax=int(same[Method.MIN_MAX]),
        topsis=int(same[Method.TOPSIS]),
    )


@finds(WEIGHT_SWAPS)
def weight_swaps(now: KeyList, rules: KeyClients) -> Finding:
    """Give, per criterion, the weight at which the last among the first k and the first after them swap places.

    The weight v of one criterion changes alone, the others keep their proportions: the difference of the two is
    v·Δs + (1 − v)·Δr, Δs that of their scores in the criterion, Δr that of their weighted scores in the others; it is 0
    at v = Δr / (Δr − Δs). No weight between 0 and 1: never.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Whether the score admits.
    """
    question = say("Which weight would swap the last place by score with the first after it?")
    if KeyReason.SCORE.value not in rules.admit:
        numbers = absent_numbers(["smallest_weight_change"], "score_admits_nobody")
        return Finding("weight_swaps", question, NOT_BY_SCORE, WEIGHT_SWAPS.empty(), numbers, absent=NOT_BY_SCORE)
    k = now.places
    ranked = now.scores[now.scores["rank"].isin([k, k + 1])].sort_values("rank")
    if not k or len(ranked) < 2:
        reason = say("Every account with net sales above 0 has a place by score.") if k else NOBODY
        return Finding(
            "weight_swaps",
            question,
            reason,
            WEIGHT_SWAPS.empty(),
            absent_numbers(["smallest_weight_change"], "nobody_is_off_the_list"),
            absent=reason,
        )
    used = now.score.weights.index[now.score.weights > 0]
    last, first = (ranked[[f"{name}_score" for name in used]].iloc[place].to_numpy(dtype="float64") for place in (0, 1))
    weights = now.score.weights[used].to_numpy()
    then = swap_weights(last, first, weights)
    table = WEIGHT_SWAPS.conform(
        pd.DataFrame(
            {
                "criterion": list(used),
                "weight_used": weights,
                "weight_then": then,
                "change": then - weights,
                "last_score": last,
                "first_score": first,
            }
        )
    )
    names = ranked.account_name.tolist()
    return Finding(
        "weight_swaps",
        question,
        _swap_sentence(table, names),
        table,
        _smallest_change(table),
        sub=say("Last in: {last}. First out: {first}.", last=names[0], first=names[1]),
        base=say("One weight changes, the others keep their proportions."),
        show=("criterion", "weight_used", "weight_then", "change", "last_score", "first_score"),
    )


def swap_weights(last: Floats, first: Floats, weights: Floats) -> Floats:
    """Weight of every criterion at which two accounts have the same score; NaN where none between 0 and 1 does it.

    At 0 and 1 themselves they would only be tied.

    Parameters
    ----------
    last, first : ndarray
        Scores of the two per criterion.
    weights : ndarray
        Weights now, each above 0, summing to 1.

    Examples
    --------
    >>> swap_weights(np.array([1.0, 0.5]), np.array([0.5, 0.75]), np.array([0.5, 0.5])).round(4).tolist()
    [0.3333, 0.6667]
    """
    own = last - first
    rest = 1 - weights
    others = (float((weights * own).sum()) - weights * own) / np.where(rest > 0, rest, np.nan)
    slope = others - own
    then = np.where(np.abs(slope) > 10.0**-ROUNDING, others / np.where(slope != 0, slope, np.nan), np.nan)
    found: Floats = np.where((then > 0) & (then < 1), then, np.nan)
    return found


def _smallest_change(table: pd.DataFrame) -> dict[str, float | str | None]:
    if table.change.isna().all():
        return absent_numbers(["smallest_weight_change"], "no_weight_swaps_them")
    return {"smallest_weight_change": float(table.change.abs().min())}


def _swap_sentence(table: pd.DataFrame, names: list[str]) -> Message:
    able = table[table.change.notna()]
    if able.empty:
        return say("No change of a single weight swaps {last} and {first}.", last=names[0], first=names[1])
    nearest = able.iloc[int(able.change.abs().round(ROUNDING).to_numpy().argmin())]
    return say_n(
        "{n:count} of {m:count} weights can hand the last place from {last} to {first}: {criterion}, from {now:share} "
        "to {then:share}.",
        "{n:count} of {m:count} weights can hand the last place from {last} to {first}; nearest: {criterion}, from "
        "{now:share} to {then:share}.",
        count="n",
        n=len(able),
        m=len(table),
        last=names[0],
        first=names[1],
        criterion=Criterion(nearest.criterion),
        now=nearest.weight_used,
        then=nearest.weight_then,
    )
