"""Lifetime value by the formula S·C·P·T: realised, expected of a new customer, by churn, and per customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import Z_95
from kam_analysis.facts.rhythm import fit_rhythm
from kam_analysis.facts.survival import kaplan_meier, mean_time, time_until
from kam_analysis.params import Facts

MONTH_SIXTEENTHS = 487  # a month in sixteenths of a day, so that no edge of a month is rounded
MONTH_DAYS = MONTH_SIXTEENTHS / 16
LEAST_SILENCE_DAYS = 30
MOST_SILENCE = 3  # the longest is the days covered over this
MOST_TRUST_ORDERS = 50.0  # k of the order value is cut here

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Formula:
    """Factors of the lifetime value formula of one group of buyers.

    Parameters
    ----------
    buyers : int
        Size of the group.
    sales_per_order : float
        S, net sales per order, in currency units.
    orders : float, optional
        Orders per buyer over the life; None where it cannot be measured.
    margin_share : float, optional
        P; None where no cost is known and none is assumed.
    orders_per_month, lifetime_months : float, optional
        C, orders per customer-month (a month is 30.4375 days), and T; None where they cannot be measured.
    horizon_months, followed_months : int, optional
        h, months that `orders` covers, and h′, months that C and T cover; of the expected reading only.

    Examples
    --------
    >>> found = Formula(10, 200.0, 6.0, 0.25, 0.5, 12.0)
    >>> found.ltv, found.product
    (300.0, 1200.0)
    """

    buyers: int
    sales_per_order: float
    orders: float | None
    margin_share: float | None
    orders_per_month: float | None = None
    lifetime_months: float | None = None
    horizon_months: int | None = None
    followed_months: int | None = None

    @property
    def sales(self) -> float | None:
        """Lifetime net sales per buyer, S times the orders of a life."""
        return None if self.orders is None else self.sales_per_order * self.orders

    @property
    def product(self) -> float | None:
        """S·C·T; None where C or T cannot be measured."""
        if self.orders_per_month is None or self.lifetime_months is None:
            return None
        return self.sales_per_order * self.orders_per_month * self.lifetime_months

    @property
    def ltv(self) -> float | None:
        """Lifetime value per buyer in margin money, P times its net sales."""
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


def new_buyers(buyers: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Buyers whose first order lies after the first months of the data (`newcomers_from`): older ones began before it.

    Examples
    --------
    >>> import datetime as dt
    >>> buyers = pd.DataFrame({"first_order_on": pd.to_datetime(["2024-03-31", "2024-04-01"])})
    >>> len(new_buyers(buyers, Calendar(dt.date(2024, 1, 9), dt.date(2025, 1, 1))))
    1
    """
    return buyers[buyers["first_order_on"] >= pd.Timestamp(calendar.newcomers_from)]


def typical_buyers(buyers: pd.DataFrame, calendar: Calendar, rules: Facts) -> pd.DataFrame:
    """Buyers who stand for a new one: the new ones (`new_buyers`), or all where fewer than `fewest_new` are new.

    Examples
    --------
    >>> import datetime as dt
    >>> buyers = pd.DataFrame({"first_order_on": pd.to_datetime(["2024-03-31", "2024-04-01"])})
    >>> calendar = Calendar(dt.date(2024, 1, 9), dt.date(2025, 1, 1))
    >>> [len(typical_buyers(buyers, calendar, Facts(fewest_new=n))) for n in (1, 2)]
    [1, 2]
    """
    new = new_buyers(buyers, calendar)
    return new if len(new) >= rules.fewest_new else buyers


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


def life_values(cells: pd.DataFrame, share: float | None) -> pd.Series:
    """Margin of each row, lines without a cost at the margin share of the others; net sales where no share is known.

    Examples
    --------
    >>> cells = pd.DataFrame({"net_sales": [100.0, 50.0], "margin": [30.0, np.nan], "margin_base": [100.0, 0.0]})
    >>> life_values(cells, 0.2).tolist(), life_values(cells, None).tolist()
    ([30.0, 10.0], [100.0, 50.0])
    """
    if share is None:
        return cells["net_sales"]
    return cells["margin"].fillna(0.0) + share * (cells["net_sales"] - cells["margin_base"])


@dataclass(frozen=True)
class Silence:
    """The silence that ends a customer's life.

    Parameters
    ----------
    days : float
        A longer silence that is still open is an end.
    is_measured : bool
        Whether it comes from the gaps between orders and not from the parameters.
    is_bound : bool
        Whether the gaps ask for a shorter or longer one than the limits allow.
    """

    days: float
    is_measured: bool = False
    is_bound: bool = False


def churn_silence(orders: pd.DataFrame, calendar: Calendar, rules: Facts) -> Silence:
    """How long a silence must be to end a customer's life: `churn_silence_days`, or by the gaps between order days.

    ``auto``: the silence that `churn_silence_share` of the gaps do not exceed, by Kaplan–Meier with the open gaps in,
    over buyers with at least two order days; at least 30 days and at most a third of the days covered, and that third
    where too many gaps are open to tell.

    Parameters
    ----------
    orders : DataFrame
        ``customer_orders``: customer_id, ordered_on; orders on or after the reference date are ignored.
    calendar : Calendar
        Days covered: first order to the reference date.
    rules : params.Facts

    Examples
    --------
    >>> import datetime as dt
    >>> orders = pd.DataFrame({"customer_id": ["a", "a"], "ordered_on": pd.to_datetime(["2024-01-01", "2024-02-20"])})
    >>> churn_silence(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 12, 26)), Facts())
    Silence(days=120.0, is_measured=True, is_bound=True)
    >>> churn_silence(orders, Calendar(dt.date(2024, 1, 1), dt.date(2024, 12, 26)), Facts(churn_silence_days=90)).days
    90.0
    """
    if rules.churn_silence_days != "auto":
        return Silence(float(rules.churn_silence_days))
    as_of = pd.Timestamp(calendar.as_of)
    days = orders.loc[orders["ordered_on"] < as_of, ["customer_id", "ordered_on"]].drop_duplicates()
    days = days.sort_values(["customer_id", "ordered_on"], kind="stable")
    customer, day = days["customer_id"].to_numpy(), days["ordered_on"].to_numpy()
    is_closed = np.append(customer[1:] == customer[:-1], False)[: len(day)]
    is_repeat = is_closed | np.append(False, is_closed[:-1])[: len(day)]
    ends = np.where(is_closed, np.append(day[1:], as_of.to_numpy())[: len(day)], as_of.to_numpy())
    gaps = ((ends - day) / np.timedelta64(1, "D"))[is_repeat]
    found = time_until(kaplan_meier(gaps, is_closed[is_repeat]), 1 - rules.churn_silence_share)
    most = max((calendar.as_of - calendar.first_order_on).days / MOST_SILENCE, LEAST_SILENCE_DAYS)
    held = min(max(found, LEAST_SILENCE_DAYS), most) if found is not None else most
    return Silence(float(held), True, held != found)


@dataclass(frozen=True)
class Lives:
    """How long buyers were seen to buy.

    Parameters
    ----------
    months : array
        First order to the end of the life, or as long as it was followed.
    has_ended : array of bool
        Whether the life was seen to end.
    followed : array
        Months that each could be followed: a silence has to be open long enough to be told.
    """

    months: Floats
    has_ended: npt.NDArray[np.bool_]
    followed: Floats

    @property
    def curve(self) -> pd.DataFrame:
        """Kaplan–Meier curve of the months from the first to the last order."""
        return kaplan_meier(self.months, self.has_ended)


def lives(buyers: pd.DataFrame, silence_days: float) -> Lives:
    """Give the life of every buyer who came early enough; an open silence that is longer than the limit ends it.

    Follow-up ends `silence_days` before the reference date, for an end after that could not be seen; buyers who came
    later are left out. A silence of exactly the limit is no end.

    Examples
    --------
    >>> buyers = pd.DataFrame({"tenure_days": [304.375, 243.5, 30.0], "recency_days": [182.625, 60.875, 30.0]})
    >>> found = lives(buyers, 60.875)
    >>> found.months.tolist(), found.has_ended.tolist()
    ([4.0, 6.0], [True, False])
    """
    part = buyers[buyers["tenure_days"] >= silence_days]
    tenure, recency = (part[name].to_numpy(dtype=np.float64) for name in ("tenure_days", "recency_days"))
    has_ended = recency > silence_days
    followed = (tenure - silence_days) / MONTH_DAYS
    return Lives(np.where(has_ended, (tenure - recency) / MONTH_DAYS, followed), has_ended, followed)


def cumulative_means(buyers: pd.DataFrame, life_months: pd.DataFrame, column: str, most_months: int) -> pd.DataFrame:
    """Mean of a column per buyer within so many months of the first order, by the mean cumulative function.

    Month m = days [30.4375·(m−1), 30.4375·m) since the first order. In it count only buyers whose first order lies at
    least 30.4375·m days back, above and below the line; no silence ends a life. The 95 % interval is that of the sum,
    from each buyer's own deviations over all months (Lawless and Nadeau).

    Parameters
    ----------
    buyers : DataFrame
        ``customer_facts`` of the buyers: customer_id, tenure_days.
    life_months : DataFrame
        ``customer_life_months``.
    column : str
        What is added up: orders, net_sales or margin; a missing value counts as 0.
    most_months : int
        Last month.

    Returns
    -------
    DataFrame
        month (from 1 on), buyers who count in it, mean (over the months so far), low, high; down to the last month
        with a buyer.

    Notes
    -----
    Nelson (1988); Lawless and Nadeau (1995).

    Examples
    --------
    >>> buyers = pd.DataFrame({"customer_id": ["a", "b"], "tenure_days": [70, 40]})
    >>> cells = pd.DataFrame({"customer_id": ["a", "b", "a", "b"], "life_month": [1, 1, 2, 2], "orders": [2, 1, 3, 9]})
    >>> cumulative_means(buyers, cells, "orders", 36)[["buyers", "mean"]].values.tolist()  # b is not 2 months old
    [[2.0, 1.5], [1.0, 4.5]]
    """
    whole = np.minimum(16 * buyers["tenure_days"].to_numpy(dtype=np.int64) // MONTH_SIXTEENTHS, most_months)
    last = int(whole.max(initial=0))
    counted = (whole[:, None] > np.arange(last)).sum(axis=0)
    place = pd.Series(np.arange(len(buyers)), index=buyers["customer_id"]).reindex(life_months["customer_id"])
    owner, month = place.fillna(-1).to_numpy(np.int64), life_months["life_month"].to_numpy(np.int64)
    is_counted = (owner >= 0) & (month <= whole[owner] if len(whole) else False)
    owner, month = owner[is_counted], month[is_counted] - 1
    value = life_months[column].fillna(0).to_numpy(dtype=np.float64)[is_counted]
    mean = np.bincount(month, value, last) / counted
    # A buyer's part in the error of the sum up to m: Σ over its counted months of (value − mean)/buyers.
    share = np.zeros((len(buyers), last))
    np.add.at(share, (owner, month), value / counted[month])
    share -= np.where(whole[:, None] > np.arange(last), mean / counted, 0.0)
    error = Z_95 * np.sqrt(np.square(share.cumsum(axis=1)).sum(axis=0))
    total = mean.cumsum()
    return pd.DataFrame(
        {"month": np.arange(1, last + 1), "buyers": counted, "mean": total, "low": total - error, "high": total + error}
    )


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
    >>> found.sales_per_order, found.orders_per_month, found.lifetime_months, found.product
    (200.0, 1.25, 2.0, 500.0)
    """
    buyers = buyers_of(facts, min_orders)
    if buyers.empty:
        return None
    months = np.maximum(1.0, (buyers["tenure_days"] - buyers["recency_days"]) / MONTH_DAYS)
    orders = int(buyers["orders"].sum())
    return Formula(
        buyers=len(buyers),
        sales_per_order=_per_order(buyers),
        orders=orders / len(buyers),
        margin_share=margin_share(buyers, rules.assumed_margin),
        orders_per_month=orders / float(months.sum()),
        lifetime_months=float(months.mean()),
    )


def _per_order(buyers: pd.DataFrame) -> float:
    return money.total(buyers["net_sales"]) / int(buyers["orders"].sum())


def expected(
    buyers: pd.DataFrame, life_months: pd.DataFrame, silence_days: float, rules: Facts, most_months: int | None = None
) -> Formula | None:
    """What a buyer is expected to be worth within h months of the first order: S·P·N(h).

    N(h) = mean number of orders per buyer within h months by the mean cumulative function (`cumulative_means`), the
    first order in month 1; h the last month with at least `fewest_followed` buyers, to `lifetime_cap_months`. For the
    article's product S·C·P·T: T = area under the survival curve of `lives` to h′, the last month for which so many
    buyers were followed; C = N(h′)/T. S = net sales/orders and P are those of the same buyers. N, or C and T, are
    absent where no month has so many buyers, T also where nobody came back. None without a buyer.

    Parameters
    ----------
    buyers : DataFrame
        ``customer_facts`` of buyers: the new ones (`new_buyers`) tell what a new one is worth.
    life_months : DataFrame
        ``customer_life_months``.
    silence_days : float
        From `churn_silence`.
    rules : params.Facts
        Cap, fewest buyers, assumed margin.
    most_months : int, optional
        A shorter horizon than the cap.

    Notes
    -----
    Source: article C; Nelson (1988); Kaplan and Meier (1958).

    Examples
    --------
    >>> buyers = pd.DataFrame({"customer_id": ["a", "b"], "orders": [4, 1], "net_sales": [900.0, 100.0],
    ...     "tenure_days": [80, 70], "recency_days": [30, 70], "margin": np.nan, "margin_base": 0.0})
    >>> cells = pd.DataFrame({"customer_id": ["a", "a", "b"], "life_month": [1, 2, 1], "orders": [3, 1, 1]})
    >>> found = expected(buyers, cells, 35, Facts(fewest_followed=1))
    >>> found.orders, found.horizon_months, found.sales  # (3 + 1)/2 in month 1, 1/2 in month 2; 1000/5 an order
    (2.5, 2, 500.0)
    >>> found.orders_per_month, found.lifetime_months, found.followed_months  # b ends on day 0, a lives; to 1 month
    (4.0, 0.5, 1)
    """
    if buyers.empty:
        return None
    cap = min(rules.lifetime_cap_months, most_months or rules.lifetime_cap_months)
    means = cumulative_means(buyers, life_months, "orders", cap)
    horizon = int((means["buyers"] >= rules.fewest_followed).sum())
    followed, lifetime = _life(buyers, silence_days, rules, horizon)
    return Formula(
        buyers=len(buyers),
        sales_per_order=_per_order(buyers),
        orders=float(means["mean"].iloc[horizon - 1]) if horizon else None,
        margin_share=margin_share(buyers, rules.assumed_margin),
        orders_per_month=float(means["mean"].iloc[followed - 1]) / lifetime if lifetime else None,
        lifetime_months=lifetime,
        horizon_months=horizon or None,
        followed_months=followed if lifetime else None,
    )


def _life(buyers: pd.DataFrame, silence_days: float, rules: Facts, cap: int) -> tuple[int, float | None]:
    """Months to which a life can be followed, and its mean length to there; None where nobody came back."""
    found = lives(buyers, silence_days)
    months = min(followed_months(found, rules), cap)
    return months, (mean_time(found.curve, months) or None) if months else None


def followed_months(found: Lives, rules: Facts) -> int:
    """Whole months for which at least `fewest_followed` buyers were followed.

    Examples
    --------
    >>> followed_months(Lives(np.zeros(2), np.zeros(2, bool), np.array([7.5, 3.2])), Facts(fewest_followed=2))
    3
    """
    longest = np.sort(found.followed)[::-1]
    return int(longest[rules.fewest_followed - 1]) if len(longest) >= rules.fewest_followed else 0


def churn(expected_of_all: Formula | None, retained_share: float | None, period_months: int | None) -> Formula | None:
    """What a buyer is worth when the last period's churn goes on for ever.

    r = retained share^(1/P) per month, T = 1/(1 − r); S, C and P as expected of the same buyers. T is absent when
    everybody was retained (r = 1) or the retained share is not measurable; 1 month when nobody was. None without a
    buyer.

    Examples
    --------
    >>> found = churn(Formula(10, 200.0, 6.0, 0.25, 0.5, 12.0), 0.25, 2)
    >>> found.lifetime_months, found.ltv
    (2.0, 50.0)
    """
    if expected_of_all is None:
        return None
    months = None
    if retained_share is not None and period_months and retained_share < 1:
        months = 1 / (1 - retained_share ** (1 / period_months))
    rate = expected_of_all.orders_per_month
    return Formula(
        buyers=expected_of_all.buyers,
        sales_per_order=expected_of_all.sales_per_order,
        orders=None if months is None or rate is None else rate * months,
        margin_share=expected_of_all.margin_share,
        orders_per_month=rate,
        lifetime_months=months,
    )


def formula_ltv(facts: pd.DataFrame, orders: pd.DataFrame, as_of: dt.date, rules: Facts) -> pd.Series:
    """Lifetime value of each customer by the formula, from its own averages pulled towards the company's.

    `monthly_sales` times P (own where known, else the company's, else 1) times the T that is expected of new buyers (of
    all buyers where fewer than `fewest_new` are new): a constant that no ranking hangs on.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``: customer_id, orders, net_sales, first_order_on, tenure_days, recency_days, margin,
        margin_base.
    orders : DataFrame
        ``customer_orders``: customer_id, ordered_on, net_sales.
    as_of : date
        First day not analysed.
    rules : params.Facts
        Silence, cap, fewest buyers, assumed margin.

    Returns
    -------
    Series
        Margin money, net sales where no margin is known; on the index of `facts`, missing without an order, and for
        everybody where no expected T can be told.

    Examples
    --------
    >>> import datetime as dt
    >>> facts = pd.DataFrame({"customer_id": ["a", "b"], "orders": [4, 0], "net_sales": [800.0, -5.0],
    ...     "first_order_on": pd.to_datetime(["2024-01-01", None]), "tenure_days": [244, None],
    ...     "recency_days": [31, None], "margin": np.nan, "margin_base": 0.0})
    >>> orders = pd.DataFrame({"customer_id": ["a"] * 4, "net_sales": [200.0] * 4, "ordered_on": pd.to_datetime(
    ...     ["2024-01-01", "2024-03-01", "2024-06-01", "2024-08-01"])})
    >>> rules = Facts(churn_silence_days=30, fewest_followed=1)
    >>> formula_ltv(facts, orders, dt.date(2024, 9, 1), rules).round(2).tolist()
    [600.0, nan]
    """
    values = pd.Series(np.nan, index=facts.index, name="formula_ltv")
    buyers = buyers_of(facts)
    if buyers.empty:
        return values
    calendar = Calendar(buyers["first_order_on"].min().date(), as_of, rules.censored_months)
    silence = churn_silence(orders, calendar, rules)
    _, lifetime = _life(typical_buyers(buyers, calendar, rules), silence.days, rules, rules.lifetime_cap_months)
    if lifetime is None:
        return values
    company = margin_share(buyers, rules.assumed_margin)
    margin = _own_margin(buyers, 1.0 if company is None else company)
    values.loc[buyers.index] = monthly_sales(buyers, orders) * margin * lifetime
    return values


def monthly_sales(buyers: pd.DataFrame, orders: pd.DataFrame) -> Floats:
    """Net sales per month of each buyer by the formula, S·C, both pulled towards the company's.

    S on logarithms: ln S = w·ln(own net sales per order) + (1 − w)·ln(company's), w = n/(n+k), n the buyer's orders, k
    from `orders_for_value`; 0 for net sales of 0 or less. C by gamma–Poisson with the time T from first to last order
    as exposure: (a + n − 1)/(b + T), a and b from `fit_rhythm`; the pooled rate where all are alike, 0 where nobody
    ordered twice.

    Examples
    --------
    >>> buyers = pd.DataFrame({"orders": [4], "net_sales": [800.0], "tenure_days": [122], "recency_days": [31]})
    >>> orders = pd.DataFrame({"customer_id": ["a"] * 4, "net_sales": [300.0, 200.0, 250.0, 150.0]})
    >>> monthly_sales(buyers, orders).round(2).tolist()  # 200 an order, 3 in 91 days
    [200.69]
    """
    if buyers.empty:
        return np.empty(0)
    count = buyers["orders"].to_numpy(dtype=np.float64)
    weight = count / (count + orders_for_value(orders))
    return _shrunk_values(buyers, count, weight) * _shrunk_rates(buyers, count)


def _shrunk_values(buyers: pd.DataFrame, count: Floats, weight: Floats) -> Floats:
    own, company = buyers["net_sales"].to_numpy(dtype=np.float64) / count, _per_order(buyers)
    is_positive = (own > 0) & (company > 0)
    values = np.exp(weight * np.log(np.where(is_positive, own, 1.0)) + (1 - weight) * np.log(max(company, 1e-9)))
    return np.where(is_positive, values, 0.0)


def _shrunk_rates(buyers: pd.DataFrame, count: Floats) -> Floats:
    lifetime = (buyers["tenure_days"] - buyers["recency_days"]).to_numpy(dtype=np.float64)
    fit = fit_rhythm(count, lifetime)
    if fit.shape is None or fit.rate_days is None:
        return np.full(len(count), (fit.pooled_rate or 0.0) * MONTH_DAYS)
    return (fit.shape + count - 1) / (fit.rate_days + lifetime) * MONTH_DAYS


def _own_margin(buyers: pd.DataFrame, company: float) -> Floats:
    base = buyers["margin_base"].where(buyers["margin_base"] > 0)
    return (buyers["margin"] / base).fillna(company).to_numpy(dtype=np.float64)


def orders_for_value(orders: pd.DataFrame) -> float:
    """Give k of the order value: orders that a customer needs to be trusted as much as the company's average.

    Variance of the logarithms of the order values within customers over the variance of their means between customers
    (Bühlmann and Straub), over customers with two orders above 0; between 0 and 50, and 50 where customers differ no
    more than chance.

    Examples
    --------
    >>> orders_for_value(pd.DataFrame({"customer_id": ["a", "b"], "net_sales": [10.0, 90.0]}))
    50.0
    >>> e = np.e
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "b", "b"], "net_sales": [1.0, e**2, e**10, e**12]})
    >>> round(orders_for_value(orders), 6)  # within 2, means 1 and 11: between (100 − 2)/2 = 49
    0.040816
    """
    positive = orders[orders["net_sales"] > 0]
    values = np.log(positive["net_sales"]).groupby(positive["customer_id"], sort=True).agg(["size", "mean", "var"])
    repeated = values[values["size"] > 1]
    count = repeated["size"].to_numpy(dtype=np.float64)
    if not len(count):
        return MOST_TRUST_ORDERS
    within = float(repeated["var"] @ (count - 1)) / float((count - 1).sum())
    between = _between(repeated["mean"].to_numpy(dtype=np.float64), count, within)
    return min(within / between, MOST_TRUST_ORDERS) if between > 0 else MOST_TRUST_ORDERS


def _between(averages: Floats, weights: Floats, within: float) -> float:
    whole = weights.sum()
    spread = (weights * (averages - (weights * averages).sum() / whole) ** 2).sum()
    unlike = whole - (weights * weights).sum() / whole
    return float((spread - (len(weights) - 1) * within) / unlike) if unlike > 0 else 0.0
