"""What fits, logarithms and matrix products give on simulated customers: a digest per result, as JSON.

Every function whose result goes to a table and hangs on linear algebra, exponentials or logarithms stands here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

from kam_analysis.facts.intervals import chance_of_difference
from kam_analysis.facts.key_score import logarithmic_scores, membership, weighted_score
from kam_analysis.facts.models import BetaGeometric, BgNbd, GammaGamma, MbgNbd, ParetoNbd
from kam_analysis.facts.pairwise import pairwise_weights
from kam_analysis.facts.rhythm import rhythm
from kam_analysis.facts.silent_categories import category_gap_survival
from kam_analysis.facts.survival import kaplan_meier, mean_time
from kam_analysis.params import Clusters, Facts, KeyClients, Needs
from kam_analysis.segments import find_groups
from kam_analysis.segments.moves import chance_shift, stability_index
from kam_analysis.segments.needs import Mix, find_needs
from kam_analysis.tables import CUSTOMER_MONTHS, CUSTOMER_ORDERS
from kam_analysis.value.backtest import compare, try_out
from kam_analysis.value.known import known_on
from kam_analysis.value.purchases import fit_purchases, spend_of

DAY, LENGTH_MONTHS = dt.date(2025, 1, 1), 6
UNIFORM = np.random.default_rng(11)


def simulated(customers: int = 260) -> pd.DataFrame:
    """Orders over three years: customers with rates of their own, of whom some leave; money of their own scale."""
    rows = []
    for number in range(customers):
        start, rate, leaves = UNIFORM.random(3)
        gap, until = 8 + 90 * rate**2, 1200 if leaves < 0.6 else 1200 * UNIFORM.random()
        day, scale = 900 * start, 20 + 2000 * UNIFORM.random() ** 4
        while day < min(until, 1200):
            rows.append((f"{number:04}", int(day), round(scale * (0.5 + UNIFORM.random()), 2)))
            day += 1 - gap * np.log(1 - UNIFORM.random())
    table = pd.DataFrame(rows, columns=["customer_id", "day", "net_sales"])
    return table.assign(ordered_on=pd.Timestamp("2022-01-03") + pd.to_timedelta(table["day"], unit="D"))


def of_orders() -> Iterator[tuple[str, object]]:
    placed = simulated().sort_values(["customer_id", "ordered_on"], ignore_index=True)
    orders = CUSTOMER_ORDERS.conform(placed.assign(order_no=1, order_id=placed.index.astype("str")))
    sums = placed.assign(month=placed["ordered_on"].dt.to_period("M").dt.start_time)
    sums = sums.groupby(["customer_id", "month"], as_index=False)["net_sales"].sum()
    months = CUSTOMER_MONTHS.conform(sums.assign(margin=None, orders=0))
    known = known_on(orders, months, DAY)
    buyers, customers = known.buyers, known.customers.to_numpy(dtype=np.float64)
    found = rhythm(buyers["order_days"], buyers["lifetime_days"], buyers["recency_days"])
    yield "rhythm", [found.gap_survival_probability, found.fit]
    for model in (BgNbd, MbgNbd, ParetoNbd):
        fit = model().fit(customers)
        yield model.__name__, [fit.parameters_, fit.log_likelihood_, fit.verdict_.is_identified]
    served = fit_purchases(customers)
    fit = BgNbd().fit(customers)
    yield "purchases", served.expected_orders(customers, 180)
    yield "intervals", [fit.interval(customers, 180), fit.total_interval(customers, 180)]
    values = np.column_stack([buyers["repeats"], known.mean_value])
    yield "value of an order day", spend_of(known).expected_value(*values.T)
    yield "Gamma–Gamma", GammaGamma().fit(values).parameters_ if GammaGamma().fit(values).is_identified else "none"
    trial = try_out(orders, months, [dt.date(2024, 7, 1)], LENGTH_MONTHS, DAY, Facts())
    yield "predictions", [trial.rows[model.value].to_numpy() for model in trial.models]
    yield "back-test", compare(trial).to_csv()


def of_tables() -> Iterator[tuple[str, object]]:
    spend = np.round(UNIFORM.random((240, 5)) ** 3 * 1000, 2) + np.repeat(np.eye(5)[[0, 2, 4]] * 4000, 80, axis=0)
    groups = find_groups(
        pd.DataFrame(spend, columns=list("abcde")), Clusters(k_range=(2, 4), resamples=6, null_draws=20, sample=200)
    )
    yield "clusters", [groups.members.to_csv(), groups.levels.to_csv(), groups.choices.to_csv(), groups.null_silhouette]
    share = pd.DataFrame(spend / spend.sum(axis=1, keepdims=True), columns=list("abcde"))
    topics = find_needs(Mix(pd.concat([share, share.add_suffix("2") * 0.5], axis=1), True), Needs(repeats=1, most=3))
    yield "needs", [topics.weight.to_numpy(), topics.content.to_numpy(), topics.fit]
    measures = pd.DataFrame(
        {name: np.round(UNIFORM.random(300) ** 4 * 1e5, 2) for name in ("volume", "frequency", "margin")}
    )
    scores = measures.apply(logarithmic_scores).set_axis(measures.index.astype(str), axis=0)
    weights = pairwise_weights((("volume", "margin", 3.0), ("volume", "frequency", 2.0), ("frequency", "margin", 2.5)))
    yield "weights", [weights.weights.to_dict(), weights.consistency_ratio, weights.worst]
    yield "scores", [scores.to_numpy(), weighted_score(scores, weights.weights).to_numpy()]
    yield "membership", membership(scores, weights.weights, 20, KeyClients(weight_draws=200)).to_numpy()
    curve = kaplan_meier(UNIFORM.integers(1, 90, 400), UNIFORM.random(400) < 0.6)
    yield "survival", [curve.to_csv(), mean_time(curve, 75.0)]
    counts = [(int(kept), int(kept + other), 60, 150) for kept, other in UNIFORM.integers(1, 30, (60, 2))]
    yield "differences", [chance_of_difference(*each) for each in counts]
    yield "silent categories", category_gap_survival(*UNIFORM.integers(1, 60, (3, 200)).cumsum(axis=0)[[1, 0, 2]])
    yield "shifts", [stability_index([5, 7, 30], [11, 2, 17]), [chance_shift(n, 90, 70) for n in (2, 5, 11)]]
    contracts = BetaGeometric().fit([[1, 1]] * 131 + [[2, 1]] * 126 + [[3, 0]] * 743)
    yield "contracts", contracts.parameters_


def written(result: object) -> str:
    """Give a result with every digit of its numbers."""
    if isinstance(result, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(result, dtype=np.float64).tobytes()).hexdigest()
    return ", ".join(map(written, result)) if isinstance(result, list) else repr(result)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps({name: written(found) for part in (of_orders(), of_tables()) for name, found in part}))  # noqa: T201
