"""The key-client score of accounts: criteria scored by logarithm, weighted, and how sure it is under other weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.pairwise import given_weights
from kam_analysis.params import KeyClients
from kam_analysis.vocabulary import Criterion, Sureness

CRITERIA = [criterion.value for criterion in Criterion]
RATINGS = [criterion.value for criterion in Criterion if criterion.unit == "rating"]
HIGHEST_RATING = 5.0
SMALLEST_PART = 0.05
YES = ("yes", "y", "true", "1", "да", "д")
NO = ("no", "n", "false", "0", "не", "нет", "н")
TOTALS_AT_ONCE = 4_000_000
ROUNDING = 9
SAFELY_BELOW = 1e-9


@dataclass(frozen=True)
class OwnCriterion:
    """A criterion of one's own: ratings 0–5 by customer id (missing where unknown), and its weight."""

    ratings: pd.Series
    weight: float


NO_OWN: Mapping[str, Any] = {}
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class KeyScore:
    """The score of every account with net sales above 0, and what it was computed from.

    Every frame and series of accounts is indexed by account id.

    Parameters
    ----------
    table : DataFrame
        Scores and points per criterion, score, rank, criteria_without_data, filled_in, membership, sureness.
    measures : DataFrame
        Raw value per criterion; missing where the account has no data.
    weights : Series
        Weights used per criterion, summing to 1.
    answered : Series
        Whether the account's brand influence comes from an answer of the survey.
    """

    table: pd.DataFrame
    measures: pd.DataFrame
    weights: pd.Series
    answered: pd.Series


def is_yes(values: pd.Series) -> pd.Series:
    """Whether an analyst's flag says yes (yes, y, true, 1, да).

    Examples
    --------
    >>> is_yes(pd.Series(["Yes", "no", None, "да"])).tolist()
    [True, False, False, True]
    """
    return _says(values, YES)


def is_no(values: pd.Series) -> pd.Series:
    """Whether an analyst's flag says no in words (no, n, false, 0, нет, не); an empty one says nothing.

    Examples
    --------
    >>> is_no(pd.Series(["Yes", "no", None])).tolist()
    [False, True, False]
    """
    return _says(values, NO)


def _says(values: pd.Series, words: tuple[str, ...]) -> pd.Series:
    return values.astype("str").str.strip().str.lower().isin(words)


def latest_recommendation(survey: pd.DataFrame) -> pd.Series:
    """Recommendation answer (0–10) of the latest day per customer, the lowest where several answered on it.

    Examples
    --------
    >>> survey = pd.DataFrame({"customer_id": ["1", "1"], "date": ["2025-01-01", "2025-06-01"], "question": "NPS",
    ...                        "score": [9.0, 3.0]})
    >>> latest_recommendation(survey).to_dict()
    {'1': 3.0}
    """
    answers = survey[survey.question.str.lower() == "nps"]
    return answers.groupby(["customer_id", "date"]).score.min().groupby("customer_id").last()


def brand_ratings(assessment: pd.DataFrame, survey: pd.DataFrame) -> pd.DataFrame:
    """Influence on the brand per customer, 0–5, by the first of these that is known.

    The analyst's brand rating; 5 for a reference customer or one who brought others; half the latest recommendation.

    Parameters
    ----------
    assessment, survey : DataFrame
        Optional tables; empty where the source has none.

    Returns
    -------
    DataFrame
        Indexed by customer_id: rating, and whether it was answered in the survey.

    Examples
    --------
    >>> assessment = pd.DataFrame({"customer_id": ["1", "2"], "brand": [2.0, np.nan],
    ...                            "reference_customer": ["yes", "yes"], "referrals": [0.0, np.nan]})
    >>> survey = pd.DataFrame({"customer_id": ["1", "3"], "date": "2025-01-01", "question": "nps", "score": [9.0, 7.0]})
    >>> brand_ratings(assessment, survey).rating.to_dict()
    {'1': 2.0, '2': 5.0, '3': 3.5}
    """
    rated = assessment.set_index("customer_id")
    refers = (is_yes(rated.reference_customer) | (rated.referrals > 0)).map({True: HIGHEST_RATING, False: np.nan})
    known = rated.brand.astype("float64").fillna(refers.astype("float64"))
    answers = latest_recommendation(survey).astype("float64") / 2
    everyone = known.index.union(answers.index)
    rating = known.reindex(everyone).fillna(answers.reindex(everyone))
    return pd.DataFrame({"rating": rating, "is_answered": known.reindex(everyone).isna() & rating.notna()})


def account_measures(
    accounts: pd.DataFrame, facts: pd.DataFrame, assessment: pd.DataFrame, survey: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series]:
    """Give the raw value of each criterion per account: money summed over members, ratings the highest.

    Growth is the analyst's potential, else the wallet, of each member; a margin that is only assumed is no margin.

    Parameters
    ----------
    accounts : DataFrame
        ``accounts`` to be scored.
    facts : DataFrame
        ``customer_facts`` at the same date.
    assessment, survey : DataFrame
        Optional tables as known at that date; empty where the source has none.

    Returns
    -------
    DataFrame
        Indexed by account_id, one column per criterion; missing where the account has no data.
    Series
        Whether the brand rating of an account comes from an answer.
    """
    by_id = accounts.set_index("account_id").sort_index()
    account = facts.set_index("customer_id").parent_id
    account = account[account.isin(by_id.index)]
    rated = assessment.set_index("customer_id").reindex(account.index)
    brand = brand_ratings(assessment, survey).reindex(account.index)
    potential = rated.potential.astype("float64").fillna(rated.wallet.astype("float64"))
    ratings = brand.rating.groupby(account).max()
    answered = brand.rating.where(brand.is_answered == True).groupby(account).max()  # noqa: E712
    measures = pd.DataFrame(
        {
            "volume": by_id.net_sales_12m,
            "frequency": by_id.orders_12m.astype("float64"),
            "margin": by_id.margin_12m,
            "growth": potential.groupby(account).sum(min_count=1).reindex(by_id.index),
            "lifetime": by_id.formula_ltv,
            "brand": ratings.reindex(by_id.index),
            "strategic": rated.strategic.astype("float64").groupby(account).max().reindex(by_id.index),
        }
    )
    return measures, (answered == ratings).reindex(by_id.index, fill_value=False)


def logarithmic_scores(values: pd.Series) -> pd.Series:
    """Place of an amount or a count between small and largest: ln(x/q) / ln(m/q), 0–1.

    q is the 5 % quantile (linear interpolation) of the values above 0, m the largest; 0 below q and for what is not
    above 0; 1 for all where all are equal; missing stays missing.

    Examples
    --------
    >>> logarithmic_scores(pd.Series([1.0] * 20 + [10.0, 100.0, -5.0]))[[0, 20, 21, 22]].tolist()
    [0.0, 0.5, 1.0, 0.0]
    >>> logarithmic_scores(pd.Series([7.0, np.nan, 7.0])).tolist()
    [1.0, nan, 1.0]
    """
    known = values.dropna()
    if _are_equal(known):
        return values.where(values.isna(), 1.0)
    positive = known[known > 0].to_numpy(dtype="float64")
    if not len(positive):
        return values.where(values.isna(), 0.0)
    small, largest = float(np.quantile(positive, SMALLEST_PART)), float(positive.max())
    if small == largest:
        return values.where(values.isna(), (values >= small).astype("float64"))
    scores = np.log(known.clip(lower=small).to_numpy(dtype="float64") / small) / np.log(largest / small)
    return pd.Series(np.round(scores, ROUNDING), index=known.index).reindex(values.index)


def _are_equal(known: pd.Series) -> bool:
    return bool((known == known.iloc[:1].max()).all())


def criterion_scores(measures: pd.DataFrame, ratings: Collection[str] = RATINGS) -> pd.DataFrame:
    """Score of every criterion, 0–1; accounts without data get the median of those who have it.

    Amounts and counts by `logarithmic_scores`, ratings by x/5 (1 for all where all are equal). A criterion for which
    nobody has data is missing throughout.

    Examples
    --------
    >>> criterion_scores(pd.DataFrame({"strategic": [5.0, 2.0, np.nan]})).strategic.tolist()
    [1.0, 0.4, 0.7]
    """
    scores = {}
    for name, values in measures.items():
        if name not in ratings:
            scores[name] = logarithmic_scores(values)
        elif _are_equal(values.dropna()):
            scores[name] = values.where(values.isna(), 1.0)
        else:
            scores[name] = (values / HIGHEST_RATING).clip(0, 1)
    found = pd.DataFrame(scores, index=measures.index)
    return found.fillna(found.median())


def used_weights(measures: pd.DataFrame, rules: KeyClients, own: Mapping[str, float] = NO_OWN) -> pd.Series:
    """Weights of the criteria with data, the others' spread proportionally; they sum to 1.

    Examples
    --------
    >>> measures = pd.DataFrame({name: [1.0] for name in CRITERIA}).assign(margin=np.nan)
    >>> round(float(used_weights(measures, KeyClients())["volume"]), 4)  # 0.30 / 0.85
    0.3529
    """
    given = pd.concat([given_weights(rules), pd.Series(dict(own), dtype="float64")])
    weights: pd.Series = given.where(measures.notna().any(), 0.0)
    if weights.sum() <= 0:
        weights["volume"] = 1.0
    return weights / weights.sum()


def weighted_score(scores: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Weighted sum of the criteria's scores, rounded to 12 decimals so that ties are ties on every machine.

    Examples
    --------
    >>> scores = pd.DataFrame({"volume": [1.0, 0.5], "margin": [0.5, 1.0]})
    >>> weighted_score(scores, pd.Series({"volume": 0.75, "margin": 0.25})).tolist()
    [0.875, 0.625]
    """
    used = weights[weights > 0].index
    return (scores[used] * weights[used]).sum(axis=1).round(ROUNDING)


def rank_by_score(score: pd.Series) -> pd.Series:
    """Rank 1 for the best; ties by account id, which is the index.

    Examples
    --------
    >>> rank_by_score(pd.Series([0.5, 0.9, 0.5], index=["b", "c", "a"])).to_dict()
    {'b': 3, 'c': 1, 'a': 2}
    """
    by_id = score.sort_index()
    ranks = np.empty(len(by_id), dtype=np.int64)
    ranks[np.argsort(-by_id.to_numpy(), kind="stable")] = np.arange(1, len(by_id) + 1)
    return pd.Series(ranks, index=by_id.index).reindex(score.index)


def membership(scores: pd.DataFrame, weights: pd.Series, k: int, rules: KeyClients) -> pd.Series:
    """Share of random weightings in which an account is among the first k.

    `key_clients.weight_draws` draws w ~ Dirichlet(concentration · weight) over the criteria with weight above 0, in the
    order of ``params.yaml``; ties by account id. It speaks of weights only, nothing of sampling.

    Parameters
    ----------
    scores : DataFrame
        Scores per account (index: account_id) and criterion.
    weights : Series
        Weights used, summing to 1.
    k : int
        Places by score.
    rules : KeyClients
        Draws, concentration, seed.

    Returns
    -------
    Series
        0–1 per account; the sum over accounts is min(k, n).

    Examples
    --------
    >>> scores = pd.DataFrame({"volume": [1.0, 0.5, 0.0], "margin": [0.5, 1.0, 0.0]}, index=["a", "b", "c"])
    >>> found = membership(scores, pd.Series({"volume": 0.5, "margin": 0.5}), 1, KeyClients())
    >>> bool(0.4 < found["a"] < 0.6), float(found.sum()), float(found["c"])
    (True, 1.0, 0.0)
    """
    ordered = scores.sort_index()
    used = weights.index[weights > 0]
    k = min(k, len(ordered))
    if not k:
        return pd.Series(0.0, index=scores.index)
    draws = np.random.default_rng(rules.seed).dirichlet(
        rules.weight_concentration * weights[used].to_numpy(), rules.weight_draws
    )
    values = ordered[used].to_numpy()
    able = _can_be_among(values, draws, k)
    counts = np.zeros(len(values), dtype=np.int64)
    step = max(1, TOTALS_AT_ONCE // len(able))
    for start in range(0, len(draws), step):
        counts[able] += _top_k(np.round(draws[start : start + step] @ values[able].T, ROUNDING), k).sum(axis=0)
    return pd.Series(counts / len(draws), index=ordered.index).reindex(scores.index)


def _can_be_among(values: Floats, draws: Floats, k: int) -> npt.NDArray[np.int64]:
    """Places of all who reach, in some draw, the k-th best of a first guess: nobody else can be among the top k."""
    guess = np.argpartition(values @ draws.mean(axis=0), -k)[-min(len(values), 4 * k) :]
    cut = np.partition(draws @ values[guess].T, -k, axis=1)[:, -k] - SAFELY_BELOW
    able = np.flatnonzero(values.max(axis=1) >= cut.min())
    step = max(1, TOTALS_AT_ONCE // len(draws))
    parts = [able[start : start + step] for start in range(0, len(able), step)]
    return np.concatenate([part[(values[part] @ draws.T >= cut).any(axis=1)] for part in parts])


def _top_k(totals: Floats, k: int) -> npt.NDArray[np.bool_]:
    cut = np.partition(totals, -k, axis=1)[:, [-k]]
    above, tied = totals > cut, totals == cut
    places = k - above.sum(axis=1, keepdims=True)
    found: npt.NDArray[np.bool_] = above | (tied & (np.cumsum(tied, axis=1) <= places))
    return found


def sureness(probability: pd.Series, rules: KeyClients) -> pd.Series:
    """Sure from `sure_from`, borderline from `borderline_from`, else out.

    Examples
    --------
    >>> sureness(pd.Series([1.0, 0.95, 0.949, 0.05, 0.049]), KeyClients()).tolist()
    ['sure', 'sure', 'borderline', 'borderline', 'out']
    """
    words = np.select(
        [probability >= rules.sure_from, probability >= rules.borderline_from],
        [Sureness.SURE.value, Sureness.BORDERLINE.value],
        Sureness.OUT.value,
    )
    return pd.Series(words, index=probability.index, dtype="str")


def score_accounts(
    accounts: pd.DataFrame,
    facts: pd.DataFrame,
    assessment: pd.DataFrame,
    survey: pd.DataFrame,
    k: int,
    rules: KeyClients,
    own: Mapping[str, OwnCriterion] = NO_OWN,
) -> KeyScore:
    """Score every account with net sales above 0 in the last 12 months.

    Parameters
    ----------
    accounts, facts : DataFrame
        ``accounts`` and ``customer_facts`` at the same date.
    assessment, survey : DataFrame
        Optional tables as known at that date; empty where the source has none.
    k : int
        Places by score, for the membership probability.
    rules : KeyClients
        Weights, draws, sureness.
    own : mapping of str to OwnCriterion
        Further criteria by name; an account has the highest rating of its members.
    """
    positive = accounts[money.exact(accounts.net_sales_12m) > 0]
    measures, answered = account_measures(positive, facts, assessment, survey)
    account = facts.set_index("customer_id").parent_id
    for name, criterion in own.items():
        highest = criterion.ratings.groupby(account.reindex(criterion.ratings.index)).max()
        measures[name] = highest.reindex(measures.index)
    scores = criterion_scores(measures, [*RATINGS, *own])
    weights = used_weights(measures, rules, {name: criterion.weight for name, criterion in own.items()})
    score = weighted_score(scores, weights)
    lacking = measures[weights.index[weights > 0]].isna()
    places = membership(scores[weights.index], weights, k, rules)
    points = (scores * weights).where(scores.notna()).add_suffix("_points")
    table = scores.add_suffix("_score").join(points)
    return KeyScore(
        table.assign(
            score=score,
            rank=rank_by_score(score),
            criteria_without_data=lacking.sum(axis=1),
            filled_in=_names_of(lacking[lacking.columns.difference(list(own), sort=False)]),
            membership=places,
            sureness=sureness(places, rules),
        ),
        measures,
        weights,
        answered,
    )


def _names_of(lacking: pd.DataFrame) -> pd.Series:
    """Names of the columns that are true, per row; missing where none is."""
    bits = lacking.to_numpy() @ (1 << np.arange(lacking.shape[1], dtype=np.int64))
    names = {
        int(bit): " ".join(name for place, name in enumerate(lacking.columns) if bit >> place & 1) or None
        for bit in np.unique(bits)
    }
    return pd.Series(bits, index=lacking.index).map(names)
