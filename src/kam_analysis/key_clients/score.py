"""The key-client score: criteria scored by mid-rank, weighted, and how sure the list is under other weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.pairwise import given_weights
from kam_analysis.key_clients.tables import CriterionSource
from kam_analysis.params import KeyClients
from kam_analysis.vocabulary import Criterion, Sureness

CRITERIA = [criterion.value for criterion in Criterion]
YES = ("yes", "y", "true", "1", "да", "д")
TOTALS_AT_ONCE = 4_000_000
ROUNDING = 12
SAFELY_BELOW = 1e-9

ANALYST_CRITERIA = (Criterion.GROWTH, Criterion.STRATEGIC)

Floats = npt.NDArray[np.float64]


def is_yes(values: pd.Series) -> pd.Series:
    """Whether an analyst's flag says yes (yes, y, true, 1, да).

    Examples
    --------
    >>> is_yes(pd.Series(["Yes", "no", None, "да"])).tolist()
    [True, False, False, True]
    """
    return values.astype("str").str.strip().str.lower().isin(YES)


def brand_points(assessment: pd.DataFrame, survey: pd.DataFrame) -> pd.Series:
    """Influence on the brand per customer, 0–10: the best of what is known (ours).

    The recommendation answer (0–10) of the latest day, the mean where several answered on it; twice the analyst's brand
    rating (0–5); 10 for a reference customer or one who brought others. Missing where nothing is known.

    Parameters
    ----------
    assessment, survey : DataFrame
        Optional tables; empty where the source has none.

    Examples
    --------
    >>> assessment = pd.DataFrame({"customer_id": ["1", "2"], "brand": [2.0, np.nan],
    ...                            "reference_customer": ["no", "yes"], "referrals": [0.0, np.nan]})
    >>> survey = pd.DataFrame({"customer_id": ["1", "1"], "date": ["2025-01-01", "2025-06-01"], "question": "nps",
    ...                        "score": [9.0, 3.0]})
    >>> brand_points(assessment, survey).to_dict()
    {'1': 4.0, '2': 10.0}
    """
    latest = latest_recommendation(survey)
    rated = assessment.set_index("customer_id")
    refers = (is_yes(rated.reference_customer) | (rated.referrals > 0)).map({True: 10.0, False: np.nan})
    return pd.concat([latest, 2 * rated.brand, refers.astype("float64")], axis=1).max(axis=1)


def latest_recommendation(survey: pd.DataFrame) -> pd.Series:
    """Recommendation answer (0–10) of the latest day per customer, the mean where several answered on it.

    Examples
    --------
    >>> survey = pd.DataFrame({"customer_id": ["1", "1"], "date": ["2025-01-01", "2025-06-01"], "question": "NPS",
    ...                        "score": [9.0, 3.0]})
    >>> latest_recommendation(survey).to_dict()
    {'1': 3.0}
    """
    answers = survey[survey.question.str.lower() == "nps"]
    return answers.groupby(["customer_id", "date"]).score.mean().groupby("customer_id").last()


def criterion_values(facts: pd.DataFrame, assessment: pd.DataFrame, survey: pd.DataFrame) -> pd.DataFrame:
    """Give the raw value of each criterion per customer with net sales above 0 in the last 12 months.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts`` of those customers.
    assessment, survey : DataFrame
        Optional tables; empty where the source has none.

    Returns
    -------
    DataFrame
        Indexed by customer_id, one column per criterion; missing where the customer has no data.

    Examples
    --------
    >>> from kam_analysis.tables import ASSESSMENT, SURVEY
    >>> facts = pd.DataFrame({"customer_id": ["1"], "net_sales_12m": [5.0], "orders_12m": [2], "margin_12m": [np.nan],
    ...                       "formula_ltv": [9.0]})
    >>> criterion_values(facts, ASSESSMENT.empty(), SURVEY.empty()).notna().sum().to_dict()
    {'volume': 1, 'frequency': 1, 'margin': 0, 'growth': 0, 'lifetime': 1, 'brand': 0, 'strategic': 0}
    """
    by_id = facts.set_index("customer_id")
    rated = assessment.set_index("customer_id").reindex(by_id.index)
    return pd.DataFrame(
        {
            "volume": by_id.net_sales_12m,
            "frequency": by_id.orders_12m.astype("float64"),
            "margin": by_id.margin_12m,
            "growth": rated.potential.fillna(rated.wallet),
            "lifetime": by_id.formula_ltv,
            "brand": brand_points(assessment, survey).reindex(by_id.index),
            "strategic": rated.strategic,
        }
    )


def mid_rank_scores(values: pd.DataFrame) -> pd.DataFrame:
    """Mid-rank over n for each criterion, 1 best; customers without data get the median score of those who have it.

    A criterion for which nobody has data is missing throughout.

    Examples
    --------
    >>> mid_rank_scores(pd.DataFrame({"volume": [1.0, 2.0, 2.0, 4.0]})).volume.tolist()
    [0.25, 0.625, 0.625, 1.0]
    """
    scores = values.rank(method="average") / values.count()
    return scores.fillna(scores.median())


def used_weights(values: pd.DataFrame, rules: KeyClients) -> pd.Series:
    """Weights of the criteria with data, the others' spread proportionally; they sum to 1.

    Examples
    --------
    >>> values = pd.DataFrame({name: [1.0] for name in CRITERIA}).assign(margin=np.nan)
    >>> round(float(used_weights(values, KeyClients())["volume"]), 4)  # 0.30 / 0.85
    0.3529
    """
    weights = given_weights(rules).where(values.notna().any(), 0.0)
    if weights.sum() <= 0:
        weights["volume"] = 1.0
    return weights / weights.sum()


def weight_bases(weights: pd.Series, values: pd.DataFrame, survey: pd.DataFrame) -> pd.Series:
    """Share of the weight used that rests on what was measured in orders, on the survey, and on the analyst's word.

    Growth potential and strategic importance are the analyst's; brand influence is split by the customers whose points
    come from their answer; everything else is measured (article A: criteria clear and measurable, not intuition alone).

    Parameters
    ----------
    weights : Series
        Weights used, summing to 1.
    values : DataFrame
        Raw values of the criteria.
    survey : DataFrame
        Answers known at the reference date.

    Examples
    --------
    >>> from kam_analysis.tables import SURVEY
    >>> weights = pd.Series({"volume": 0.6, "growth": 0.1, "brand": 0.2, "strategic": 0.1})
    >>> weight_bases(weights, pd.DataFrame({"brand": [4.0]}, index=["1"]), SURVEY.empty()).round(2).to_dict()
    {'measured': 0.6, 'survey': 0.0, 'analyst': 0.4}
    """
    known = values.brand.dropna()
    answered = float((latest_recommendation(survey).reindex(known.index) == known).mean()) if len(known) else 0.0
    brand = float(weights["brand"])
    rated = float(weights[list(ANALYST_CRITERIA)].sum())
    return pd.Series(
        {
            CriterionSource.MEASURED.value: float(weights.drop([*ANALYST_CRITERIA, Criterion.BRAND]).sum()),
            CriterionSource.SURVEY.value: brand * answered,
            CriterionSource.ANALYST.value: rated + brand * (1 - answered),
        }
    )


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
    """Rank 1 for the best; ties by customer id, which is the index.

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
    """Share of random weightings in which the customer is among the top k.

    `key_clients.weight_draws` draws w ~ Dirichlet(concentration · weight) over the criteria with weight above 0, in the
    order of ``params.yaml``; ties by customer id. It speaks of weights only, nothing of sampling.

    Parameters
    ----------
    scores : DataFrame
        Scores per customer (index: customer_id) and criterion.
    weights : Series
        Weights used, summing to 1.
    k : int
        Length of the key list.
    rules : KeyClients
        Draws, concentration, seed.

    Returns
    -------
    Series
        0–1 per customer; the sum over customers is min(k, n).

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
    return above | (tied & (np.cumsum(tied, axis=1) <= places))


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


def score_customers(
    facts: pd.DataFrame, assessment: pd.DataFrame, survey: pd.DataFrame, rules: KeyClients
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Score every customer with net sales above 0 in the last 12 months.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    assessment, survey : DataFrame
        Optional tables; empty where the source has none.
    rules : KeyClients
        Weights.

    Returns
    -------
    customers : DataFrame
        Indexed by customer_id: scores and points per criterion, score, rank, criteria_without_data, filled_in.
    values : DataFrame
        Raw values of the criteria.
    weights : Series
        Weights used.

    Examples
    --------
    >>> from kam_analysis.tables import ASSESSMENT, SURVEY
    >>> facts = pd.DataFrame({"customer_id": ["1", "2", "3"], "net_sales_12m": [5.0, 9.0, -1.0],
    ...                       "orders_12m": [2, 3, 0], "margin_12m": np.nan, "formula_ltv": np.nan})
    >>> customers, _, weights = score_customers(facts, ASSESSMENT.empty(), SURVEY.empty(), KeyClients())
    >>> customers.score.to_dict()
    {'1': 0.5, '2': 1.0}
    """
    positive = facts[money.exact(facts.net_sales_12m) > 0]
    values = criterion_values(positive, assessment, survey)
    scores = mid_rank_scores(values)
    weights = used_weights(values, rules)
    score = weighted_score(scores, weights)
    lacking = values[weights.index[weights > 0]].isna()
    ranked = {
        "score": score,
        "rank": rank_by_score(score),
        "criteria_without_data": lacking.sum(axis=1),
        "filled_in": _names_of(lacking),
    }
    points = (scores * weights).where(scores.notna()).add_suffix("_points")
    return scores.add_suffix("_score").join(points).assign(**ranked), values, weights


def _names_of(lacking: pd.DataFrame) -> pd.Series:
    """Names of the columns that are true, per row; missing where none is."""
    bits = lacking.to_numpy() @ (1 << np.arange(lacking.shape[1], dtype=np.int64))
    names = {
        int(bit): " ".join(name for place, name in enumerate(lacking.columns) if bit >> place & 1) or None
        for bit in np.unique(bits)
    }
    return pd.Series(bits, index=lacking.index).map(names)
