"""The criteria of a key client: what each measures, from which data, for how many, and whose volume is one order."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.columns import Kind
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.classes import is_large, volume_limit
from kam_analysis.facts.key_list import KeyList
from kam_analysis.facts.pairwise import consistency_caveat, given_weights, pairwise_weights
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say, say_n
from kam_analysis.key_clients.key_accounts import NOBODY
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Criterion, CriterionSource, words

CriterionMeasure = words("CriterionMeasure", ((one.column, one.measure) for one in Criterion))

CRITERIA = Table(
    "criteria",
    "one criterion of the score",
    (
        col.CRITERION("Key of key_clients.weights."),
        col.member("measure", say("Measure"), "What is measured per customer.", CriterionMeasure),
        col.member("source", say("Source"), "Where its data come from.", CriterionSource),
        col.share("weight", say("Weight given"), "From the parameters."),
        col.WEIGHT_USED("After spreading the weight of criteria without data."),
        col.count("customers", say("Customers with data"), "Among those with net sales above 0."),
        col.share("coverage", say("Coverage"), "Share of them."),
        col.SALES_SHARE("Their share of the net sales of customers above 0."),
        *(
            col.number(
                name,
                label,
                f"{meaning} over customers with data.",
                nullable=True,
                by="criterion",
                kinds={one.value: Kind.MONEY for one in Criterion if one.unit == "money"},
            )
            for name, label, meaning in (
                ("quarter", say("¼ has at most"), "Lower quartile"),
                ("median", say("½ has at most"), "Median"),
                ("three_quarters", say("¾ has at most"), "Upper quartile"),
                ("highest", say("Highest"), "Largest value"),
            )
        ),
        col.count("values", say("Different values"), "Over customers with data."),
    ),
    ("criterion",),
)

CUSTOMER_CRITERIA = Table(
    "customer_criteria",
    "one customer with net sales above 0 in the last 12 months, one-offs first, largest first",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.NET_SALES_12M,
        col.money("volume", say("Volume"), "Net sales in the window of key_clients.volume_threshold."),
        col.flag("is_large", say("Large"), "Volume strictly above key_clients.volume_threshold."),
        col.ORDERS_12M,
        col.money("average_order", say("Average order"), "Net sales of 12 months over orders.", nullable=True),
        col.money("largest_order", say("Largest order"), "Of the last 12 months.", nullable=True),
        col.share(
            "largest_order_share",
            say("Its share"),
            "Largest order over net sales of 12 months; above 1 where later returns took more away.",
            nullable=True,
            low=0,
            high=float("inf"),
        ),
        col.flag("is_one_off", say("One-off"), "Large, and one order above key_clients.one_off_share."),
        col.ratio(
            "order_days_per_month",
            say("Order days a month"),
            "Order days of the last 12 months over the months from the first order, if later; at least one month.",
            nullable=True,
            low=0,
        ),
        col.share(
            "active_months",
            say("Months with an order"),
            "Of the complete months of the last 12, from that of the first order, if later.",
            nullable=True,
        ),
        col.VARIATION("Standard deviation over mean of the net sales of these months; needs three and a mean above 0."),
        col.MARGIN_12M,
        col.MARGIN_SHARE(
            "Margin over net sales with a cost; missing at 0 or below.",
            nullable=True,
            low=float("-inf"),
            high=float("inf"),
        ),
        col.money("formula_ltv", say("Lifetime value"), "S·C·P·T of the customer.", nullable=True),
    ),
    ("customer_id",),
)


DAYS_PER_MONTH = 30.4375
FEWEST_MONTHS = 3
MOST_SHOWN = 6
QUARTILES = {"quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "highest": 1.0}


def purchases(engine: Engine, as_of: dt.date, rules: KeyClients) -> pd.DataFrame:
    """Volume in the window of the threshold, largest order, orders and order days of 12 months, per customer.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    as_of : date
        First day not analysed.
    rules : KeyClients
        ``volume_threshold.months``.

    Returns
    -------
    DataFrame
        customer_id, volume, largest_order, orders, order_days; the largest order is missing without an order.

    Examples
    --------
    >>> with Engine() as engine:
    ...     engine.view("order_lines", "SELECT '1' AS customer_id, NULL AS order_id, DATE '2025-06-01' AS ordered_on, "
    ...         "unnest([5.0, 4.0, -1.0]) AS net_sales")
    ...     purchases(engine, dt.date(2026, 1, 1), KeyClients()).values.tolist()
    [['1', 8.0, 8.0, 1, 1]]
    """
    engine.materialise(
        "purchases",
        statement(__file__, "purchases"),
        as_of=as_of,
        year_ago=add_months(as_of, -12),
        volume_from=add_months(as_of, -rules.volume_threshold.months),
    )
    return engine.frame("purchases").astype({"volume": "float64", "largest_order": "float64"})


@finds(CRITERIA)
def criteria(now: KeyList, rules: KeyClients) -> Finding:
    """Show what each criterion measures, its source, its weight, for whom it is known and how its values lie.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Weights.
    """
    given = given_weights(rules)
    values, used = now.score.measures, now.score.weights
    sales = money.exact(values.volume).astype(object)
    counts, total = values.notna().sum(), int(sales.sum())
    rows = [
        {
            "criterion": name,
            "measure": Criterion(name).column,
            "source": Criterion(name).source.value,
            "weight": weight,
            "weight_used": used[name],
            "customers": int(counts[name]),
            "coverage": counts[name] / max(1, len(values)),
            "sales_share": int(sales[values[name].notna().to_numpy()].sum()) / total if total else np.nan,
            "values": values[name].nunique(),
        }
        | {quartile: values[name].quantile(part) for quartile, part in QUARTILES.items()}
        for name, weight in zip((one.value for one in Criterion), given, strict=True)
    ]
    table = CRITERIA.conform(pd.DataFrame(rows))
    return Finding(
        "criteria",
        say("What makes the score?"),
        say(
            "Criteria with weight and data: {n:count} of {m:count}.",
            n=int(((table.weight_used > 0) & (table.customers > 0)).sum()),
            m=len(table),
        ),
        table,
        {f"weight_used.{name}": float(used[name]) for name in given.index} | _consistency(rules),
        sub=say("A criterion without data is left out and its weight spread over the rest in proportion."),
        base=say("Accounts with net sales above 0 in the last 12 months: {n:count}.", n=len(values)),
        show=(
            "criterion",
            Show("measure", wide=True),
            "source",
            "weight",
            "weight_used",
            "coverage",
            "sales_share",
            *QUARTILES,
        ),
        caveats=consistency_caveat(rules),
    )


def _consistency(rules: KeyClients) -> dict[str, float | str | None]:
    if not rules.comparisons:
        return absent_numbers(["consistency_ratio"], "no_comparisons")
    return {"consistency_ratio": pairwise_weights(rules.comparisons).consistency_ratio}


@finds(CUSTOMER_CRITERIA)
def customer_criteria(
    facts: pd.DataFrame,
    bought: pd.DataFrame,
    months: pd.DataFrame,
    calendar: Calendar,
    rules: KeyClients,
) -> Finding:
    """Say who passes the volume threshold, and whose sales hang on one order.

    One-off: above the threshold, and the largest order of 12 months is strictly more than ``one_off_share`` of the net
    sales of 12 months. The table holds volume, orders and regularity of every customer with net sales above 0.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    bought : DataFrame
        Result of `purchases`.
    months : DataFrame
        ``customer_months``.
    calendar : Calendar
        The complete months of the last 12.
    rules : KeyClients
        ``volume_threshold``, ``one_off_share``.

    Notes
    -----
    Article A: purchases of a year or a quarter above a threshold make a client key, but not the largest single ticket:
    look at the average ticket, the frequency and the regularity too. The share of one order is ours.
    """
    known = facts[money.exact(facts.net_sales_12m) > 0].set_index("customer_id").sort_index()
    orders = bought.set_index("customer_id").reindex(known.index)
    volume = orders.volume.fillna(0)
    sales, largest = money.exact(known.net_sales_12m), orders.largest_order
    large = is_large(volume, rules.volume_threshold)
    has_one = money.exceeds(money.exact(largest.fillna(0)), sales, rules.one_off_share)
    days = orders.order_days.fillna(0).to_numpy(dtype="float64")
    covered = known.margin_base_12m.where(known.margin_base_12m > 0)
    table = known.join(_regularity(known, months, calendar)).assign(
        volume=volume,
        is_large=large,
        average_order=known.net_sales_12m / known.orders_12m.where(known.orders_12m > 0),
        largest_order=largest,
        largest_order_share=largest / known.net_sales_12m,
        is_one_off=large & has_one,
        order_days_per_month=np.where(known.first_order_on.notna(), days / _months_known(known, calendar), np.nan),
        margin_share=known.margin_12m / covered,
        place=-sales,
    )
    ordered = table.sort_values(["is_one_off", "is_large", "place"], ascending=[False, False, True], kind="stable")
    limit, threshold = volume_limit(volume, rules.volume_threshold), rules.volume_threshold
    return Finding(
        "customer_criteria",
        say("Who depends on a single order?"),
        _one_off_sentence(ordered, limit, rules),
        CUSTOMER_CRITERIA.conform(ordered.reset_index(names="customer_id")),
        {
            "large_customers": int(large.sum()),
            "large_customers_share": float(sales[large].astype(object).sum() / sales.astype(object).sum())
            if len(sales)
            else None,
            **({} if len(sales) else {"large_customers_share_absent": "no_positive_sales"}),
            "one_off_customers": int(ordered.is_one_off.sum()),
        },
        sub=say(
            "Large: more than {limit:money} in {months:count} months. One-off: one order brings more than "
            "{share:share0} of the net sales of 12 months. One-offs first, then the other large ones.",
            limit=limit,
            months=threshold.months,
            share=rules.one_off_share,
        ),
        base=say(
            "Customers with net sales above 0 in the last 12 months: {n:count}.",
            n=len(ordered),
        ),
        show=(
            "customer_name",
            "net_sales_12m",
            "orders_12m",
            "average_order",
            "largest_order",
            "largest_order_share",
            "is_one_off",
            "order_days_per_month",
            "active_months",
            "variation",
        ),
        most_rows=MOST_SHOWN,
        none=NOBODY,
    )


def _months_known(known: pd.DataFrame, calendar: Calendar) -> np.ndarray:
    first, year_ago = known.first_order_on, pd.Timestamp(calendar.year_ago)
    start = first.where(first > year_ago, year_ago)
    found: np.ndarray = np.maximum(1.0, (pd.Timestamp(calendar.as_of) - start).dt.days.to_numpy() / DAYS_PER_MONTH)
    return found


def _regularity(known: pd.DataFrame, months: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Share of the months with an order and variation of their net sales, from the month of the first order on."""
    complete = pd.DatetimeIndex([month for month in calendar.complete_months if month >= calendar.year_ago])
    recent = months[months.month >= pd.Timestamp(calendar.year_ago)]
    customer = known.index.get_indexer(pd.Index(recent.customer_id))
    month = complete.get_indexer(pd.DatetimeIndex(recent.month))
    inside = (customer >= 0) & (month >= 0)
    shape = len(known), len(complete)
    sales, orders = np.zeros(shape), np.zeros(shape, dtype=bool)
    at = customer[inside], month[inside]
    sales[at] = recent.net_sales.to_numpy()[inside]
    orders[at] = recent.orders.to_numpy()[inside] > 0
    first = known.first_order_on.to_numpy().astype("datetime64[M]")
    counted = complete.to_numpy()[None, :] >= first[:, None]
    n = counted.sum(axis=1)
    enough = np.where(n > 0, n, np.nan)
    mean = (sales * counted).sum(axis=1) / enough
    squares = (np.square(sales - mean[:, None]) * counted).sum(axis=1)
    spread = np.sqrt(squares / np.where(n >= FEWEST_MONTHS, n - 1, np.nan))
    return pd.DataFrame(
        {
            "active_months": (orders & counted).sum(axis=1) / enough,
            "variation": spread / np.where(mean > 0, mean, np.nan),
        },
        index=known.index,
    )


def _one_off_sentence(table: pd.DataFrame, limit: float, rules: KeyClients) -> Message:
    large, one_offs = int(table.is_large.sum()), int(table.is_one_off.sum())
    if not large:
        return say("Nobody's volume is above {limit:money}.", limit=limit)
    if not one_offs:
        return say_n(
            "{n:count} customer's volume is above {limit:money}; it does not come from one order.",
            "The volume of {n:count} customers is above {limit:money}; none of them owes it to one order.",
            count="n",
            n=large,
            limit=limit,
        )
    if large == 1:
        return say(
            "The only large customer, {name}, owes more than {share:share0} of its net sales to one order.",
            name=table.customer_name.iloc[0],
            share=rules.one_off_share,
        )
    return say_n(
        "{k:count} of the {n:count} large customers owes more than {share:share0} of its net sales to one order: "
        "{name}.",
        "{k:count} of the {n:count} large customers owe more than {share:share0} of their net sales to one order; the "
        "largest of them is {name}.",
        count="k",
        k=one_offs,
        n=large,
        share=rules.one_off_share,
        name=table.customer_name.iloc[0],
    )
