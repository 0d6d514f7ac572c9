"""The few figures that say in short what a set of results is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kam_analysis.columns import Kind
from kam_analysis.findings import say
from kam_analysis.vocabulary import Labelled


class Headline(Labelled):
    """Figures that say in short how two sets of results differ."""

    NET_SALES = "net_sales", say("Net sales, all data")
    CUSTOMERS = "customers", say("Customers")
    ROWS_REJECTED = "rows_rejected", say("Rejected rows")
    KEY_ACCOUNTS = "key_accounts", say("Key accounts")
    KEY_SHARE = "key_share", say("Share of key accounts")
    LARGEST_SHARE = "largest_share", say("Largest customer")
    GINI = "gini", say("Gini")
    MANAGERS_OVER_LIMIT = "managers_over_limit", say("Managers over the limit")
    CLASS_A = "class_a", say("Class A customers")
    AT_RISK = "at_risk", say("Customers at risk")
    LIFETIME_VALUE = "lifetime_value", say("Expected lifetime value")
    PREDICTED_SALES = "predicted_sales", say("Predicted sales")
    RETAINED_SHARE = "retained_share", say("Retained share")
    NRR = "nrr", say("Net revenue retention")
    REPEAT_RATE = "repeat_rate", say("Repeat rate, 90 days")
    EXPECTED_LOSS = "expected_loss", say("Expected loss")
    CALLS = "calls", say("Calls this week")


HEADLINES = {  # room, metric, what it holds
    Headline.NET_SALES: ("cleaning", "net_sales", Kind.MONEY),
    Headline.CUSTOMERS: ("cleaning", "customers", Kind.COUNT),
    Headline.ROWS_REJECTED: ("cleaning", "rows_rejected", Kind.COUNT),
    Headline.KEY_ACCOUNTS: ("key_clients", "key_list.total", Kind.COUNT),
    Headline.KEY_SHARE: ("key_clients", "key_clients_share", Kind.SHARE),
    Headline.LARGEST_SHARE: ("key_clients", "company_12m.cr1", Kind.SHARE),
    Headline.GINI: ("key_clients", "company_12m.gini", Kind.RATIO),
    Headline.MANAGERS_OVER_LIMIT: ("key_clients", "managers_over_limit", Kind.COUNT),
    Headline.CLASS_A: ("segments", "abc.A", Kind.COUNT),
    Headline.AT_RISK: ("segments", "life_cycle.at_risk", Kind.COUNT),
    Headline.LIFETIME_VALUE: ("value", "expected.ltv", Kind.MONEY),
    Headline.PREDICTED_SALES: ("value", "predicted.net_sales", Kind.MONEY),
    Headline.RETAINED_SHARE: ("retention", "retained_share", Kind.SHARE),
    Headline.NRR: ("retention", "nrr", Kind.SHARE),
    Headline.REPEAT_RATE: ("retention", "repeat_rate.90d", Kind.SHARE),
    Headline.EXPECTED_LOSS: ("actions", "expected_loss", Kind.MONEY),
    Headline.CALLS: ("actions", "calls.this_week", Kind.COUNT),
}


def headlines(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Headline figures out of the numbers of all rooms; None where one is not measurable or its room has not run.

    Examples
    --------
    >>> headlines({"key_clients": {"key_list.total": 25}})["key_accounts"]
    25
    """
    return {str(figure): metrics.get(room, {}).get(key) for figure, (room, key, _) in HEADLINES.items()}
