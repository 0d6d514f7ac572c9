"""Small customers, months and orders for the segments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kam_analysis.facts.calendar import Calendar
from kam_analysis.params import Clusters
from kam_analysis.segments.clusters import Clustering, find_clusters
from kam_analysis.segments.clusters.features import standardised_features
from kam_analysis.segments.clusters.search import CLUSTER_CHOICES
from kam_analysis.tables import CUSTOMER_FACTS, CUSTOMER_MONTHS, CUSTOMER_ORDERS

AS_OF = dt.date(2024, 1, 1)
PLAIN = {
    "lines": 1,
    "orders": 1,
    "order_days": 1,
    "products": 0,
    "net_sales": 0.0,
    "gross_sales": 0.0,
    "margin_base": 0.0,
    "orders_12m": 1,
    "net_sales_12m": 0.0,
    "gross_sales_12m": 0.0,
    "margin_base_12m": 0.0,
    "net_sales_before": 0.0,
}
QUICK = Clusters(k_range=(2, 5), resamples=8, null_draws=40)
CENTRES = np.array([[2.0, 4.0, 6.0, 9.0, 6.0, 4.0], [5.0, 1.2, 4.5, 6.0, 5.8, 2.0], [3.5, 2.4, 8.0, 3.0, 3.0, 3.2]])


@pytest.fixture
def calendar() -> Calendar:
    """Two full years: 24 complete months and 8 complete quarters."""
    return Calendar(dt.date(2022, 1, 1), AS_OF)


@pytest.fixture
def make_facts() -> Callable[[Mapping[str, Mapping[str, Any]]], pd.DataFrame]:
    """Frame of the contract customer_facts from what matters per customer."""

    def make(customers: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
        rows = [
            dict.fromkeys(CUSTOMER_FACTS.names)
            | PLAIN
            | {"customer_id": name, "customer_name": name, "parent_id": name}
            | dict(given)
            for name, given in customers.items()
        ]
        return CUSTOMER_FACTS.conform(pd.DataFrame(rows, columns=CUSTOMER_FACTS.names))

    return make


@pytest.fixture
def make_months() -> Callable[[Mapping[str, Mapping[str, float]]], pd.DataFrame]:
    """Frame of the contract customer_months from {customer: {"2023-01": net sales}}."""

    def make(customers: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
        rows = [
            {"customer_id": name, "month": pd.Timestamp(f"{month}-01"), "net_sales": money, "margin": None, "orders": 1}
            for name, months in customers.items()
            for month, money in months.items()
        ]
        return CUSTOMER_MONTHS.conform(pd.DataFrame(rows, columns=CUSTOMER_MONTHS.names))

    return make


@pytest.fixture
def make_orders() -> Callable[[Mapping[str, list[str]]], pd.DataFrame]:
    """Frame of the contract customer_orders from {customer: [dates]}."""

    def make(customers: Mapping[str, list[str]]) -> pd.DataFrame:
        rows = [
            {
                "customer_id": name,
                "order_id": f"{name}{number}",
                "ordered_on": pd.Timestamp(day),
                "net_sales": 1.0,
                "order_no": number,
            }
            for name, days in customers.items()
            for number, day in enumerate(days, 1)
        ]
        return CUSTOMER_ORDERS.conform(pd.DataFrame(rows, columns=CUSTOMER_ORDERS.names))

    return make


def facts_of(logs: np.ndarray) -> pd.DataFrame:
    values = np.expm1(np.maximum(logs, 0.7))
    orders = np.maximum(values[:, 1].round(), 1)
    return pd.DataFrame(
        {
            "customer_id": [f"{number:05d}" for number in range(len(logs))],
            "orders": orders,
            "recency_days": values[:, 0],
            "net_sales": values[:, 2] * orders,
            "net_sales_12m": values[:, 3],
            "tenure_days": values[:, 4],
            "products": values[:, 5].round(),
        }
    )


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, np.ndarray]:
    """Three groups, by the centres above, numbered by descending net sales of 12 months."""
    random = np.random.default_rng(11)
    group = random.integers(3, size=300)
    return facts_of(CENTRES[group] + 0.35 * random.normal(size=(300, 6))), group


@pytest.fixture(scope="module")
def found(planted):
    """Result on the planted groups."""
    return find_clusters(planted[0], QUICK)


def clustering_of(clusters: Mapping[str, int], **features: list[float]) -> Clustering:
    """Clusters by customer with the given features in the same order; all other features are 1."""
    plain = dict.fromkeys(("recency_days", "orders", "mean_order_value", "net_sales_12m", "tenure_days"), 1.0)
    members = pd.DataFrame(
        {"customer_id": list(clusters), "net_sales": 1.0, "cluster": [float(n) for n in clusters.values()]}
        | plain
        | features
    )
    tried = CLUSTER_CHOICES.conform(
        pd.DataFrame({"k": [2], "silhouette": 0.5, "stability": 1.0, "is_stable": True, "is_chosen": True})
    )
    return Clustering(members, standardised_features(members), tried, max(clusters.values()), 0.5, 1.0, 0.3)
