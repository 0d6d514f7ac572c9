"""Lifetime value by the formula S·C·P·T, in its readings, and per customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.survival import kaplan_meier, mean_time
from kam_analysis.params import Facts

MONTH_DAYS = 30.4375

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Formula:
    """Factors of the lifetime value formula of one group of buyers.

    Parameters
    ----------
    buyers : int
        Size of the group.
    sales_per_order : float
        S, net sales per order, in currency units.
    orders_per_month : float
        C, orders per customer-month; a month is 30.4375 days.
    margin_share : float, optional
        P; None where no cost is known and none is assumed.
    lifetime_months : float, optional
        T; None where it cannot be measured.

    Examples
    --------
    >>> Formula(10, 200.0, 0.5, 0.25, 12.0).ltv
    300.0
    """

    buyers: int
    sales_per_order: float
    orders_per_month: float
    margin_share: float | None
    lifetime_months: float | None

    @property
    def sales(self) -> float | None:
        """Lifetime net sales per buyer, S·C·T."""
        if self.lifetime_months is None:
            return None
        return self.sales_per_order * self.orders_per_month * self.lifetime_months

    @property
    def ltv(self) -> float | None:
        """Lifetime value per buyer, S·C·P·T, in margin money."""
        if self.sales is None or self.margin_share is None:
            return None
        return self.sales * self.margin_share


def buyers_of(facts: pd.DataFrame, min_orders: int = 1) -> pd.DataFrame:
    """Customers with at least so many orders: 1 for all buyers, `facts.regular_orders` for regulars.

    Examples
    --------
    >>> len(buyers_of(pd.DataFrame({"orders": [0, 1, 3]}), min_orders=3))
    1
    """
    return facts[facts["orders"] >= min_orders]


def margin_share(facts: pd.DataFrame, assumed_margin: float | None) -> float | None:
    """Margin per unit of net sales, over the lines with a cost; the assumed share where no line has one.

    P = Σ margin / Σ net sales of the lines with a cost, 0–1 (negative for a loss). None where net sales with a cost
    are not positive and nothing is assumed.

    Examples
    --------
    >>> facts = pd.DataFrame({"margin": [30.0, np.nan], "margin_base": [100.0, 0.0]})
    >>> margin_share(facts, None)
    0.3
    """
    base = money.total(facts["margin_base"])
    if base > 0:
        return money.total(facts["margin"].fillna(0.0)) / base
    return assumed_margin


def is_margin_assumed(facts: pd.DataFrame, assumed_margin: float | None) -> bool:
    """Whether the margin comes from the parameters and not from the data.

    Examples
    --------
    >>> is_margin_assumed(pd.DataFrame({"margin_base": [0.0]}), 0.25)
    True
    """
    return assumed_margin is not None and not money.total(facts["margin_base"]) > 0


def lifetime_months(facts: pd.DataFrame) -> Floats:
    """Months from the first to the last order of each buyer, 30.4375 days a month.

    Examples
    --------
    >>> lifetime_months(pd.DataFrame({"tenure_days": [400.0], "recency_days": [34.75]}))
    array([12.])
    """
    return (facts["tenure_days"] - facts["recency_days"]).to_numpy(dtype=np.float64) / MONTH_DAYS


def realised(facts: pd.DataFrame, rules: Facts, min_orders: int = 1) -> Formula | None:
    """What a buyer has been worth so far: the formula over the time between first and last order.

    Customer-months = Σ max(1, days from first to last order / 30.4375); S = net sales/orders, C = orders/
    customer-months, T = mean customer-months, so S·C·T is net sales per buyer. None without a buyer.

    Source: article C, ratio estimators.

    Examples
    --------
    >>> facts = pd.DataFrame({"orders": [4, 1], "net_sales": [900.0, 100.0], "tenure_days": [121.75, 9.0],
    ...                       "recency_days": [30.4375, 9.0], "margin": np.nan, "margin_base": 0.0})
    >>> found = realised(facts, Facts())
    >>> found.sales_per_order, found.orders_per_month, found.lifetime_months, found.sales
    (200.0, 1.25, 2.0, 500.0)
    """
    buyers = buyers_of(facts, min_orders)
    if buyers.empty:
        return None
    months = np.maximum(1.0, lifetime_months(buyers))
    return _formula(buyers, rules, months, float(months.mean()))


def expected(facts: pd.DataFrame, rules: Facts, min_orders: int = 1) -> Formula | None:
    """What a new buyer is expected to be worth: the formula over the lifetime that the survival curve gives.

    T = area under the Kaplan–Meier curve of `survival` up to `lifetime_cap_months`; C = orders / Σ max(1,
    min(months at risk, cap)), months at risk as in `months_at_risk`. T is absent where the data cannot tell a life
    (`is_life_told`). None without a buyer.

    Source: article C; Kaplan and Meier (1958).

    Examples
    --------
    >>> facts = pd.DataFrame({"orders": [4, 1], "net_sales": [900.0, 100.0], "tenure_days": [121.75, 365.25],
    ...                       "recency_days": [30.4375, 365.25], "margin": np.nan, "margin_base": 0.0})
    >>> found = expected(facts, Facts(lifetime_cap_months=12))
    >>> found.orders_per_month, found.lifetime_months  # 5 orders in 4 + 1 months; half end on day 0
    (1.0, 6.0)
    """
    buyers = buyers_of(facts, min_orders)
    if buyers.empty:
        return None
    cap = float(rules.lifetime_cap_months)
    months = mean_time(_lifetimes(buyers, rules), cap) if is_life_told(buyers, rules) else None
    return _formula(buyers, rules, exposure_months(buyers, rules), months)


def is_life_told(buyers: pd.DataFrame, rules: Facts) -> bool:
    """Whether the data can tell how long a life is: someone came back, and someone was followed long enough to end.

    Otherwise the survival curve is flat and its area only repeats the cap.

    Examples
    --------
    >>> is_life_told(pd.DataFrame({"tenure_days": [30.0, 400.0], "recency_days": [30.0, 400.0]}), Facts())
    False
    """
    return bool(followed(buyers, rules) and (buyers["tenure_days"] > buyers["recency_days"]).any())


def followed(buyers: pd.DataFrame, rules: Facts) -> int:
    """Count the buyers who were followed for longer than the silence that ends a life.

    Examples
    --------
    >>> followed(pd.DataFrame({"tenure_days": [30.0, 400.0]}), Facts())
    1
    """
    return int((buyers["tenure_days"] > rules.churn_silence_days).sum())


def churn(
    facts: pd.DataFrame, rules: Facts, retained_share: float | None, period_months: int | None, min_orders: int = 1
) -> Formula | None:
    """What a buyer is worth when the last period's churn goes on for ever.

    r = retained share^(1/P) per month, T = 1/(1 − r); S and C as in `expected`. T is absent when everybody was
    retained (r = 1) or the retained share is not measurable; 1 month when nobody was. None without a buyer.

    Examples
    --------
    >>> facts = pd.DataFrame({"orders": [4], "net_sales": [900.0], "tenure_days": [121.75], "recency_days": [30.0],
    ...                       "margin": np.nan, "margin_base": 0.0})
    >>> churn(facts, Facts(), 0.25, 2).lifetime_months
    2.0
    """
    buyers = buyers_of(facts, min_orders)
    if buyers.empty:
        return None
    months = None
    if retained_share is not None and period_months and retained_share < 1:
        months = 1 / (1 - retained_share ** (1 / period_months))
    return _formula(buyers, rules, exposure_months(buyers, rules), months)


def _formula(buyers: pd.DataFrame, rules: Facts, customer_months: Floats, months: float | None) -> Formula:
    orders = int(buyers["orders"].sum())
    return Formula(
        buyers=len(buyers),
        sales_per_order=money.total(buyers["net_sales"]) / orders,
        orders_per_month=orders / float(customer_months.sum()),
        margin_share=margin_share(buyers, rules.assumed_margin),
        lifetime_months=months,
    )


def months_at_risk(buyers: pd.DataFrame, rules: Facts) -> Floats:
    """Months in which each buyer could have ordered: to the last order of those who went silent, else to the end.

    Silent means that the last order is more than `churn_silence_days` before the reference date.

    Examples
    --------
    >>> months_at_risk(pd.DataFrame({"tenure_days": [304.375, 304.375], "recency_days": [182.625, 60.875]}), Facts())
    array([ 4., 10.])
    """
    return np.where(is_lost(buyers, rules), lifetime_months(buyers), buyers["tenure_days"] / MONTH_DAYS)


def exposure_months(buyers: pd.DataFrame, rules: Facts) -> Floats:
    """Months at risk between 1 and the cap: the denominator of the orders per month.

    Examples
    --------
    >>> exposure_months(pd.DataFrame({"tenure_days": [9.0, 3650.0], "recency_days": [9.0, 1.0]}), Facts())
    array([ 1., 36.])
    """
    return np.maximum(1.0, np.minimum(months_at_risk(buyers, rules), rules.lifetime_cap_months))


def is_lost(buyers: pd.DataFrame, rules: Facts) -> npt.NDArray[np.bool_]:
    """Whether each buyer's silence ends its life: the last order is more than `churn_silence_days` ago.

    Examples
    --------
    >>> is_lost(pd.DataFrame({"recency_days": [180.0, 181.0]}), Facts()).tolist()
    [False, True]
    """
    return (buyers["recency_days"] > rules.churn_silence_days).to_numpy()


def survival(facts: pd.DataFrame, rules: Facts) -> pd.DataFrame:
    """Share of buyers still active so many months after their first order (Kaplan–Meier).

    Time runs from the first to the last order in months of 30.4375 days. The last order is the end of a life when it
    is more than `churn_silence_days` before the reference date, else the buyer is censored there. One row per distinct
    time, with buyers at risk just before it and ends at it.

    Examples
    --------
    >>> facts = pd.DataFrame({"orders": [1, 2, 2], "tenure_days": [300.0, 300.0, 300.0],
    ...                       "recency_days": [300.0, 239.125, 60.0]})
    >>> survival(facts, Facts())["alive_share"].round(3).tolist()
    [0.667, 0.333, 0.333]
    """
    curve = _lifetimes(buyers_of(facts), rules).rename(columns={"time": "lifetime_months"})
    return curve[["lifetime_months", "at_risk", "ended", "alive_share"]]


def _lifetimes(buyers: pd.DataFrame, rules: Facts) -> pd.DataFrame:
    return kaplan_meier(lifetime_months(buyers), is_lost(buyers, rules))


@dataclass(frozen=True)
class Credibility:
    """How far a customer's own averages are trusted: own weight = n/(n+k), n its orders.

    Parameters
    ----------
    orders_for_value, orders_for_rate : float
        k for the average order value and for the orders per month; infinite where customers do not differ.
    """

    orders_for_value: float
    orders_for_rate: float


def formula_ltv(facts: pd.DataFrame, orders: pd.DataFrame, rules: Facts) -> pd.Series:
    """Lifetime value of each customer by the formula, from its own averages pulled towards the company's.

    Own net sales per order and own orders per month are shrunk to the company's with the weight n/(n+k), n the
    customer's orders, k from `credibility`; times P (own where known, else the company's, else 1) and the expected T.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``: orders, net_sales, tenure_days, recency_days, margin, margin_base.
    orders : DataFrame
        ``customer_orders``: customer_id, net_sales.
    rules : params.Facts
        Silence, cap, assumed margin.

    Returns
    -------
    Series
        Margin money, net sales where no margin is known; on the index of `facts`, missing without an order, and for
        everybody where no expected T can be told.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["a", "b"], "orders": [4, 0], "net_sales": [900.0, -5.0],
    ...     "tenure_days": [243.5, np.nan], "recency_days": [30.4375, np.nan], "margin": np.nan, "margin_base": 0.0})
    >>> orders = pd.DataFrame({"customer_id": ["a"] * 4, "net_sales": [300.0, 200.0, 250.0, 150.0]})
    >>> formula_ltv(facts, orders, Facts()).tolist()  # 225 an order, half an order a month, 36 months
    [4050.0, nan]
    """
    values = pd.Series(np.nan, index=facts.index, name="formula_ltv")
    company = expected(facts, rules)
    if company is None or company.lifetime_months is None:
        return values
    buyers = buyers_of(facts)
    margin = _own_margin(buyers, 1.0 if company.margin_share is None else company.margin_share)
    values.loc[buyers.index] = monthly_sales(buyers, orders, rules) * margin * company.lifetime_months
    return values


def monthly_sales(buyers: pd.DataFrame, orders: pd.DataFrame, rules: Facts) -> Floats:
    """Net sales per month of each buyer by the formula, S·C, both shrunk to the company's as in `formula_ltv`.

    Examples
    --------
    >>> buyers = pd.DataFrame({"orders": [4], "net_sales": [900.0], "tenure_days": [121.75], "recency_days": [30.4375],
    ...                        "margin": np.nan, "margin_base": 0.0})
    >>> orders = pd.DataFrame({"customer_id": ["a"] * 4, "net_sales": [300.0, 200.0, 250.0, 150.0]})
    >>> monthly_sales(buyers, orders, Facts()).tolist()
    [225.0]
    """
    company = expected(buyers, rules)
    if company is None:
        return np.empty(0)
    trust = credibility(buyers, orders, rules)
    count = buyers["orders"].to_numpy(dtype=np.float64)
    value = _shrunk(buyers["net_sales"] / count, company.sales_per_order, count, trust.orders_for_value)
    rate = _shrunk(count / exposure_months(buyers, rules), company.orders_per_month, count, trust.orders_for_rate)
    return value * rate


def _shrunk(own: npt.ArrayLike, company: float, count: Floats, k: float) -> Floats:
    weight = count / (count + k)
    return weight * np.asarray(own, dtype=np.float64) + (1 - weight) * company


def _own_margin(buyers: pd.DataFrame, company: float) -> Floats:
    base = buyers["margin_base"].where(buyers["margin_base"] > 0)
    return (buyers["margin"] / base).fillna(company).to_numpy(dtype=np.float64)


def credibility(buyers: pd.DataFrame, orders: pd.DataFrame, rules: Facts) -> Credibility:
    """How many orders a customer needs before its own average weighs as much as the company's.

    k = variance within customers / variance between customers, both from the data by Bühlmann and Straub's estimators:
    order values as they are, orders per month as Poisson counts over the months at risk. Infinite (own averages are
    not used) where customers do not differ more than chance, or no customer has two orders.

    Examples
    --------
    >>> buyers = pd.DataFrame({"orders": [2, 2], "tenure_days": [60.875, 60.875], "recency_days": [9.0, 9.0]})
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "b", "b"], "net_sales": [10.0, 30.0, 110.0, 130.0]})
    >>> credibility(buyers, orders, Facts())  # within 200, between (20000/2 − 200)/2 = 4900
    Credibility(orders_for_value=0.04081632653061224, orders_for_rate=inf)
    """
    months = exposure_months(buyers, rules)
    own_rate = buyers["orders"].to_numpy(dtype=np.float64) / months
    mean_rate = float(own_rate @ months / months.sum())
    return Credibility(
        orders_for_value=orders_for_value(orders),
        orders_for_rate=_ratio(mean_rate**2, _between(own_rate, months, mean_rate)),
    )


def orders_for_value(orders: pd.DataFrame) -> float:
    """Give k of the average order value: orders that a customer needs to be trusted as much as the company's average.

    Variance of the order values within customers over the variance of their means between customers.

    Examples
    --------
    >>> orders_for_value(pd.DataFrame({"customer_id": ["a", "b"], "net_sales": [10.0, 90.0]}))
    inf
    """
    values = orders.groupby("customer_id", sort=True)["net_sales"].agg(["size", "mean", "var"])
    count = values["size"].to_numpy(dtype=np.float64)
    spare = float((count - 1).sum())
    within = float((values["var"].fillna(0.0) * (count - 1)).sum()) / spare if spare else np.inf
    return _ratio(within, _between(values["mean"].to_numpy(dtype=np.float64), count, within))


def _between(averages: Floats, weights: Floats, within: float) -> float:
    whole = weights.sum()
    spread = weights @ (averages - weights @ averages / whole) ** 2
    unlike = whole - weights @ weights / whole
    return float((spread - (len(weights) - 1) * within) / unlike) if unlike > 0 else 0.0


def _ratio(within: float, between: float) -> float:
    return within / between if between > 0 else np.inf
