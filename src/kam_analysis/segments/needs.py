"""Needs: what customers buy together, as topics of their product mix. A need is what is bought, nothing more."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.rounding import significant
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say
from kam_analysis.money import SCALE, exact
from kam_analysis.params import Needs
from kam_analysis.segments.groups import CLASS_CUSTOMERS, CUSTOMER_SHARE, NET_SALES_SHARE, shares
from kam_analysis.tables import Table, finds

NEED_TOPICS = Table(
    "need_topics",
    "one need: products that are bought together",
    (
        col.NEED("The need of most customers is 1."),
        col.name("leading", say("What it is"), "Categories or products with the largest shares in it."),
        CLASS_CUSTOMERS,
        CUSTOMER_SHARE,
        col.NET_SALES("All history, of the customers at this need."),
        NET_SALES_SHARE,
    ),
    ("need",),
)


FEWEST_CATEGORIES = 4
FEWEST_CUSTOMERS = 50
LEADING = 3
SPARED, CLEAR_FIT = 0.1, 0.1
FOLDS = 2
DECIMALS = 8

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mix:
    """What every customer bought, in shares of its net sales.

    Parameters
    ----------
    share : DataFrame
        Customers by products, rows sum to 1; products are categories, or single products where there are no categories.
    by_category : bool
    """

    share: pd.DataFrame
    by_category: bool


@dataclass(frozen=True)
class Topics:
    """Topics of the product mix.

    Parameters
    ----------
    weight : DataFrame
        Customers by topics: share of the customer's mix that the topic explains, rows sum to 1; without columns where
        there are no topics.
    content : DataFrame
        Topics by products: share of the product in the topic, rows sum to 1.
    fit : float, optional
        Held-out fit: 1 − squared error of the topics over that of one mean mix, on shares that were not looked at; None
        where too little is bought to try.
    """

    weight: pd.DataFrame
    content: pd.DataFrame
    fit: float | None


def product_mix(lines: Engine, calendar: Calendar, rules: Needs) -> Mix:
    """Read what every customer bought before the reference date, service lines aside.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``.
    calendar : Calendar
        The reference date.
    rules : Needs
        At most `products` single products, those that most customers bought, where there are fewer than four
        categories.
    """
    for column in ("category", "item"):
        sold = _sold(lines, column, calendar)
        products = sold["product"].value_counts().rename_axis("product").reset_index()
        if len(products) >= FEWEST_CATEGORIES:
            break
    kept = products.sort_values(["count", "product"], ascending=[False, True])["product"].head(rules.products)
    table = sold.pivot_table(index="customer_id", columns="product", values="net_sales", aggfunc="sum", fill_value=0.0)
    table = table.reindex(columns=sorted(kept))
    table = table[table.sum(axis=1) > 0]
    return Mix(table.div(table.sum(axis=1), axis=0), column == "category")


def _sold(lines: Engine, column: str, calendar: Calendar) -> pd.DataFrame:
    lines.materialise("bought", statement(__file__, "bought", {"column": column}), as_of=calendar.as_of)
    return lines.frame("bought")


def find_needs(mix: Mix, rules: Needs) -> Topics:
    """Find topics of products that are bought together: a non-negative factorisation of the shares, as many as fit.

    Numbers of topics are compared by bi-cross-validation: customers and products are halved, three of the four blocks
    tell the fourth, each block in turn, `repeats` times. Taken is the smallest number that gains nine tenths of what
    the best one gains over one topic, the mean mix of all. When it gains less than a tenth of the error there are no
    needs to tell apart: shares that sum to 1 gain a little by themselves.

    Parameters
    ----------
    mix : Mix
        From `product_mix`.
    rules : Needs
        Most topics, repeats, customers in the sample that is fitted, seed.

    Returns
    -------
    Topics
        The topic with the most customers first.

    Notes
    -----
    Source: article A; Lee and Seung (1999); Owen and Perry (2009).
    """
    share = mix.share
    nothing = pd.DataFrame(index=share.index), pd.DataFrame(columns=share.columns)
    if len(share) < FEWEST_CUSTOMERS or share.shape[1] < FEWEST_CATEGORIES:
        return Topics(*nothing, None)
    values = share.to_numpy("float64")
    random = np.random.default_rng(rules.seed)
    sample = values
    if len(values) > rules.sample:
        sample = values[np.sort(random.choice(len(values), rules.sample, replace=False))]
    counts = range(1, min(rules.most, share.shape[1] // FOLDS - 1) + 1)
    errors = _held_out_errors(sample, list(counts), rules.repeats, random)
    enough = errors.min() + SPARED * (errors[0] - errors.min())
    best = counts[int(np.argmax(errors <= enough))]
    fit = float(significant(1 - errors[best - 1] / errors[0])) if errors[0] else 0.0
    if fit < CLEAR_FIT:
        return Topics(*nothing, fit)
    _, content = _factors(sample, best, rules.seed)
    content = content[content.sum(axis=1) > 0]
    content = np.round(content / content.sum(axis=1, keepdims=True), DECIMALS)
    weight = np.round(_weights(values, content), DECIMALS)
    order = np.argsort(-np.bincount(weight.argmax(axis=1), minlength=len(content)), kind="stable")
    names = range(1, len(content) + 1)
    return Topics(
        pd.DataFrame(weight[:, order], share.index, names),
        pd.DataFrame(content[order], names, share.columns),
        fit,
    )


def _factors(values: Matrix, count: int, seed: int) -> tuple[Matrix, Matrix]:
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(count, init="nndsvda", tol=1e-3, max_iter=400, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a coarse fit serves: the held-out error judges it
        weight = model.fit_transform(values)
    return np.asarray(weight, dtype=np.float64), np.asarray(model.components_, dtype=np.float64)


def _weights(values: Matrix, content: Matrix, steps: int = 200) -> Matrix:
    """Non-negative weights of fixed topics by multiplicative steps, rows summing to 1."""
    weight = np.full((len(values), len(content)), 1.0 / len(content))
    upper, gram = values @ content.T, content @ content.T
    for _ in range(steps):
        weight *= upper / np.maximum(weight @ gram, 1e-12)
    whole = weight.sum(axis=1, keepdims=True)
    even = np.full_like(weight, 1.0 / len(content))
    found: Matrix = np.divide(weight, whole, out=even, where=whole > 0)
    return found


def _held_out_errors(values: Matrix, counts: list[int], repeats: int, random: np.random.Generator) -> Matrix:
    errors = np.zeros(len(counts))
    for _ in range(repeats):
        rows, columns = (random.permutation(size) % FOLDS for size in values.shape)
        for row in range(FOLDS):
            for column in range(FOLDS):
                hidden, told = np.ix_(rows == row, columns == column), np.ix_(rows != row, columns != column)
                right, below = (
                    values[np.ix_(rows == row, columns != column)],
                    values[np.ix_(rows != row, columns == column)],
                )
                for place, count in enumerate(counts):
                    errors[place] += _error(values[hidden], right, below, values[told], count)
    return errors


def _error(hidden: Matrix, right: Matrix, below: Matrix, told: Matrix, count: int) -> float:
    """Squared error of the hidden block by topics of the opposite one: hidden ≈ right · told⁺ · below."""
    weight, content = _factors(told, count, seed=0)
    ours = np.maximum(right @ np.linalg.pinv(content), 0)
    theirs = np.maximum(np.linalg.pinv(weight) @ below, 0)
    return float(((hidden - ours @ theirs) ** 2).sum())


@finds(NEED_TOPICS)
def needs(mix: Mix, topics: Topics, facts: pd.DataFrame, rules: Needs) -> Finding:
    """Which needs the customers have, as far as their product mix tells, and how many have each first.

    Parameters
    ----------
    mix, topics
        From `product_mix` and `find_needs`.
    facts : DataFrame
        Contract ``customer_facts``; money of all history.
    rules : Needs
        Most topics that were tried.

    Returns
    -------
    Finding
        Table ``need_topics``; numbers needs.k (0: no needs to tell apart) and needs.fit. Absent with fewer than 50
        customers or four categories or products.
    """
    names = ("needs.k", "needs.fit")
    is_absent = topics.fit is None
    table = _topic_table(topics, facts)
    numbers = (
        absent_numbers(names, "too few customers or products")
        if is_absent
        else dict(zip(names, (len(table), topics.fit), strict=True))
    )
    return Finding(
        NEED_TOPICS.name,
        question=say("Which needs do the customers have?"),
        sentence=_sentence(table),
        table=table,
        numbers=numbers,
        sub=_sub(mix),
        base=say(
            "Customers with a product mix: {n:count}; held-out fit {fit:share}; up to {most:count} needs tried",
            n=len(mix.share),
            fit=topics.fit or 0.0,
            most=rules.most,
        ),
        show=(
            "need",
            Show("leading", wide=True),
            Show("customers", bar=True),
            "customer_share",
            "net_sales",
            "net_sales_share",
        ),
        none=say("No distinct needs: one average product mix explains the customers as well."),
        caveats=[
            Caveat(
                say("A need here is what is bought together"),
                say("Sales do not show why it is bought: ask a few customers of each group."),
                Weight.GREEN,
            )
        ]
        if len(table)
        else (),
        absent=say(
            "Not measurable: at least {few:count} customers and {kinds:count} categories or products are needed.",
            few=FEWEST_CUSTOMERS,
            kinds=FEWEST_CATEGORIES,
        )
        if is_absent
        else None,
    )  # fmt: skip


def customer_needs(topics: Topics) -> pd.DataFrame:
    """Need with the largest weight of every customer; without a row where there are no needs.

    Returns
    -------
    DataFrame
        customer_id, need (1, 2, …).
    """
    if not topics.weight.shape[1]:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "need": pd.Series(dtype="float64")})
    first = topics.weight.to_numpy().argmax(axis=1)
    return pd.DataFrame({"customer_id": topics.weight.index.astype("str"), "need": topics.weight.columns[first]})


def _topic_table(topics: Topics, facts: pd.DataFrame) -> pd.DataFrame:
    if not topics.weight.shape[1]:
        return NEED_TOPICS.empty()
    placed = customer_needs(topics).merge(facts[["customer_id", "net_sales"]], on="customer_id")
    money = exact(placed["net_sales"])
    sums = (
        placed.assign(customers=1, money=money, positive=np.maximum(money, 0))
        .groupby("need")[["customers", "money", "positive"]]
        .sum()
        .reindex(topics.weight.columns, fill_value=0)
    )
    return NEED_TOPICS.conform(
        pd.DataFrame(
            {
                "need": sums.index,
                "leading": [_leading(content) for _, content in topics.content.iterrows()],
                "customers": sums["customers"],
                "customer_share": shares(sums["customers"]),
                "net_sales": sums["money"] / SCALE,
                "net_sales_share": shares(sums["positive"]),
            }
        )
    )


def _leading(content: pd.Series) -> str:
    first = content.sort_values(ascending=False, kind="stable").head(LEADING)
    return " · ".join(str(name) for name, share in first.items() if share > 0)


def _sub(mix: Mix) -> Message:
    if mix.by_category:
        return say("Categories bought together, the leading ones first; a customer is counted at its largest need")
    return say("Products bought together, the leading ones first; a customer is counted at its largest need")


def _sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("Customers do not differ in what they need")
    first = table.iloc[0]
    return say(
        "Distinct needs: {k:count}. The largest group, {share:share} of customers, mainly buys: {leading}",
        k=len(table),
        share=float(first["customer_share"]),
        leading=str(first["leading"]),
    )
