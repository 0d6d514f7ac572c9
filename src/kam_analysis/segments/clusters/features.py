"""Behaviour of buyers as numbers to cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.columns import Kind
from kam_analysis.facts.rounding import FINE_DIGITS, significant
from kam_analysis.findings import say
from kam_analysis.vocabulary import Labelled

CLUSTER = col.CLUSTER("By descending median net sales of 12 months.")


class ClusterFeature(Labelled):
    """In what buyers of different clusters may differ."""

    RECENCY_DAYS = "recency_days", say("days since the last order")
    ORDERS = "orders", say("orders")
    MEAN_ORDER_VALUE = "mean_order_value", say("order value")
    NET_SALES_12M = "net_sales_12m", say("net sales in 12 months")
    TENURE_DAYS = "tenure_days", say("days since the first order")
    PRODUCTS = "products", say("different products")


FEATURE_KINDS = {
    ClusterFeature.MEAN_ORDER_VALUE.value: Kind.MONEY,
    ClusterFeature.NET_SALES_12M.value: Kind.MONEY,
}


def limits_of(feature: str) -> tuple[str, str]:
    """Names of the columns with the lower and the upper limit of a cluster's feature.

    Examples
    --------
    >>> limits_of("orders"), limits_of("net_sales_12m")
    (('orders_from', 'orders_to'), ('net_sales_12m_over', 'net_sales_12m_up_to'))
    """
    lower, upper = ("over", "up_to") if feature in FEATURE_KINDS else ("from", "to")
    return f"{feature}_{lower}", f"{feature}_{upper}"


BY_FEATURE: dict[str, Any] = {"by": "feature", "kinds": FEATURE_KINDS}

CLUSTER_FEATURE = col.member("feature", say("Feature"), "Behaviour in question.", ClusterFeature)


FEATURES = ("recency_days", "orders", "mean_order_value", "net_sales_12m", "tenure_days", "products")


def cluster_features(facts: pd.DataFrame) -> pd.DataFrame:
    """Net sales and behaviour of every buyer in original units.

    Recency and tenure in days, orders, mean order value (net sales / orders), net sales of the last 12 months, and
    products where the source knows items; money below 0 counts as 0.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["b", "a"], "orders": [2, 0], "recency_days": [5.0, None],
    ...     "net_sales": [90.0, -3.0], "net_sales_12m": [-5.0, 0.0], "tenure_days": [60.0, None], "products": [0, 0]})
    >>> cluster_features(facts).to_dict("records")[0]["mean_order_value"]
    45.0
    """
    buyers = facts[facts["orders"] > 0].sort_values("customer_id", ignore_index=True)
    features = pd.DataFrame(
        {
            "customer_id": buyers["customer_id"],
            "net_sales": buyers["net_sales"],
            "recency_days": buyers["recency_days"],
            "orders": buyers["orders"].astype("float64"),
            "mean_order_value": buyers["net_sales"].clip(lower=0) / buyers["orders"],
            "net_sales_12m": buyers["net_sales_12m"].clip(lower=0),
            "tenure_days": buyers["tenure_days"],
            "products": buyers["products"].astype("float64"),
        }
    )
    return features if (features["products"] > 0).any() else features.drop(columns="products")


def standardised_features(features: pd.DataFrame) -> pd.DataFrame:
    """log1p of the features, less their mean, over their standard deviation; features without variation are left out.

    Examples
    --------
    >>> standardised_features(pd.DataFrame({"customer_id": ["a", "b"], "orders": [0.0, 9.0], "products": [3.0, 3.0]}))
       orders
    0    -1.0
    1     1.0
    """
    return standardised(features[[name for name in FEATURES if name in features]])


def standardised(table: pd.DataFrame) -> pd.DataFrame:
    """log1p of all columns, less their mean, over their standard deviation; columns without variation are left out.

    Examples
    --------
    >>> standardised(pd.DataFrame({"food": [0.0, 9.0], "drinks": [3.0, 3.0]}))
       food
    0  -1.0
    1   1.0
    """
    logs = pd.DataFrame(significant(np.log1p(table.to_numpy("float64")), FINE_DIGITS), table.index, table.columns)
    varying = logs.loc[:, logs.max() > logs.min()]
    return (varying - varying.mean()) / varying.std(ddof=0)
