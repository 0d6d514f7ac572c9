"""The portfolio in four blocks: sales against margin, attractiveness against the strength of the relation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.findings import Caveat, Finding, Message, say, say_n
from kam_analysis.key_clients.shares import largest_first
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Position, SalesBlock

SALES_MARGIN = Table(
    "sales_margin",
    "one customer with net sales above 0 and a cost in the last 12 months",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.NET_SALES_12M,
        col.MARGIN_12M(nullable=False),
        col.MARGIN_SHARE("Margin over net sales with a cost.", low=-1e9, high=1e9),
        col.member("block", say("Block"), "By net sales and margin share.", SalesBlock),
    ),
    ("customer_id",),
)

RELATION = Table(
    "relation",
    "one customer rated by the analyst on both axes",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.NET_SALES_12M,
        col.share("attractiveness", say("Attractiveness"), "Mean of what is known, 1 best."),
        col.share("strength", say("Strength"), "Mean of what is known of the relation, 1 best."),
        col.member("position", say("Block"), "By both.", Position),
    ),
    ("customer_id",),
)


HIGHEST_RATING = 5
HALF = 0.5
FEWEST_RATED = 4


@finds(SALES_MARGIN)
def sales_margin(facts: pd.DataFrame) -> Finding:
    """Put every customer into one of four blocks: large or small by net sales, rich or thin by margin share.

    Large: net sales above the mean. Rich: margin share above that of all these customers together. Exactly the mean is
    not above it, decided in integers; when all are equal, all are small and thin. Absent without cost of goods.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``; customers with net sales above 0 and lines with a cost in the last 12 months.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "customer_name": ["Ada", "Bo"], "net_sales_12m": [90.0, 10.0],
    ...     "margin_12m": [9.0, 5.0], "margin_base_12m": [90.0, 10.0]})
    >>> sales_margin(facts).table[["customer_name", "margin_share", "block"]].values.tolist()
    [['Ada', 0.1, 'large_thin'], ['Bo', 0.5, 'small_rich']]
    """
    question = say("Do clients with above-average sales earn well?")
    known = largest_first(facts[facts.margin_12m.notna() & (money.exact(facts.margin_base_12m) > 0)])
    if known.empty:
        absent = say("The source holds no cost, so no margin is known.")
        return Finding("sales_margin", question, absent, SALES_MARGIN.empty(), absent=absent)
    sales, margin, covered = (
        money.exact(known[name]).astype(object) for name in ("net_sales_12m", "margin_12m", "margin_base_12m")
    )
    is_large = (sales * len(known) > sales.sum()).astype(bool)
    is_rich = (margin * covered.sum() > margin.sum() * covered).astype(bool)
    blocks = np.select(
        [is_large & is_rich, is_large, is_rich],
        [SalesBlock.LARGE_RICH.value, SalesBlock.LARGE_THIN.value, SalesBlock.SMALL_RICH.value],
        SalesBlock.SMALL_THIN.value,
    )
    table = known.assign(margin_share=(margin / covered).astype("float64"), block=blocks)
    average, mean = int(margin.sum()) / int(covered.sum()), int(sales.sum()) / len(known) / money.SCALE
    counts = table.block.value_counts()
    return Finding(
        "sales_margin",
        question,
        _margin_sentence(table, average),
        SALES_MARGIN.conform(table),
        {f"sales_margin.{block.value}": int(counts.get(block.value, 0)) for block in SalesBlock},
        sub=say(
            "Net sales (logarithmic) and margin share, last 12 months. Lines: the mean of {mean:money} and the "
            "{average:share} that all earn together. Drawn: the largest; counted: all.",
            mean=mean,
            average=average,
        ),
        base=say("Base: customers above 0 with a cost, n {n:count}.", n=len(table)),
        drawing="key_clients.sales_margin",
        limits={"mean": mean, "average": average},
    )


def _margin_sentence(table: pd.DataFrame, average: float) -> Message:
    thin = table[table.block == SalesBlock.LARGE_THIN]
    large = int(table.block.isin([SalesBlock.LARGE_THIN, SalesBlock.LARGE_RICH]).sum())
    if len(table) == 1:
        return say("Only one customer has a known margin, so none stands out.")
    if not large:
        return say("All customers buy for the same money; none stands out.")
    if thin.empty:
        return say_n(
            "The only client with above-average sales earns more than the average {average:share}.",
            "All {n:count} clients with above-average sales earn more than the average {average:share}.",
            count="n",
            two="Both clients with above-average sales earn more than the average {average:share}.",
            n=large,
            average=average,
        )
    if large == 1:
        return say(
            "The only client with above-average sales, {name}, earns no more than the average {average:share}: "
            "{share:share}.",
            name=thin.customer_name.iloc[0],
            average=average,
            share=thin.margin_share.iloc[0],
        )
    return say_n(
        "{k:count} of {n:count} clients with above-average sales earns no more than the average {average:share}: "
        "{name} with {share:share}.",
        "{k:count} of {n:count} clients with above-average sales earn no more than the average {average:share}; the "
        "largest, {name}, {share:share}.",
        count="k",
        k=len(thin),
        n=large,
        average=average,
        name=thin.customer_name.iloc[0],
        share=thin.margin_share.iloc[0],
    )


def relation_of(facts: pd.DataFrame, assessment: pd.DataFrame) -> pd.DataFrame:
    """Attractiveness and strength of the relation, 0–1, of every rated customer.

    Attractiveness: mean of what is known of growth outlook, strategic importance and brand influence (of 5) and the
    mid-rank of the potential among the rated. Strength: mean of what is known of the relationship rating (of 5) and the
    share of wallet, at most 1. Who lacks one of the two axes is left out.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    assessment : DataFrame
        ``assessment``.

    Returns
    -------
    DataFrame
        customer_id, customer_name, net_sales_12m, attractiveness, strength, position; both axes split at 0.5, exactly
        0.5 is the lower half.

    Examples
    --------
    >>> facts = pd.DataFrame({"customer_id": ["1"], "customer_name": ["Ada"], "net_sales_12m": [30.0]})
    >>> rated = {"growth_outlook": 4, "strategic": 3, "brand": np.nan, "potential": np.nan, "wallet": 100.0}
    >>> assessment = pd.DataFrame([{"customer_id": "1", "relationship_strength": 3} | rated])
    >>> relation_of(facts, assessment)[["attractiveness", "strength", "position"]].values.tolist()
    [[0.7, 0.45, 'win']]
    """
    rated = facts[["customer_id", "customer_name", "net_sales_12m"]].merge(assessment, on="customer_id")
    potential = rated.potential.rank(method="average") / max(int(rated.potential.notna().sum()), 1)
    wallet = (rated.net_sales_12m / rated.wallet.where(rated.wallet > 0)).clip(0, 1)
    ratings = {name: rated[name] / HIGHEST_RATING for name in ("growth_outlook", "strategic", "brand")}
    attractive = pd.DataFrame(ratings | {"potential": potential}).mean(axis=1).clip(0, 1).round(9)
    strength = pd.DataFrame({"rated": rated.relationship_strength / HIGHEST_RATING, "wallet": wallet}).mean(axis=1)
    strength = strength.clip(0, 1).round(9)
    positions = np.select(
        [
            (attractive > HALF) & (strength > HALF),
            attractive > HALF,
            strength > HALF,
        ],
        [Position.PROTECT.value, Position.WIN.value, Position.KEEP.value],
        Position.LEAVE.value,
    )
    placed = rated.assign(attractiveness=attractive, strength=strength, position=positions)
    placed = placed.dropna(subset=["attractiveness", "strength"])
    return placed.sort_values(["net_sales_12m", "customer_id"], ascending=[False, True], ignore_index=True)


@finds(RELATION)
def relation(facts: pd.DataFrame, assessment: pd.DataFrame) -> Finding:
    """Say which attractive clients are held by a weak relation.

    Absent with fewer than four rated customers.

    Parameters
    ----------
    facts, assessment
        As in `relation_of`.
    """
    question = say("Which attractive clients have a weak relationship with us?")
    table = relation_of(facts, assessment)
    if len(table) < FEWEST_RATED:
        absent = say(
            "It needs an assessment with attractiveness and relationship of at least {n:count} clients.", n=FEWEST_RATED
        )
        return Finding("relation", question, absent, RELATION.conform(table), absent=absent)
    counts = table.position.value_counts()
    return Finding(
        "relation",
        question,
        _relation_sentence(table),
        RELATION.conform(table),
        {f"relation.{position.value}": int(counts.get(position.value, 0)) for position in Position},
        sub=say(
            "Attractiveness: growth outlook, strategic importance, brand influence and potential. Strength: rating of "
            "the relationship and share of wallet. Drawn: the largest; counted: all."
        ),
        base=say("Base: customers rated by the analyst, n {n:count}; a rating is an opinion.", n=len(table)),
        drawing="key_clients.relation",
        caveats=_rating_caveat(table, assessment),
    )


def _relation_sentence(table: pd.DataFrame) -> Message:
    weak = table[table.position == Position.WIN]
    if weak.empty:
        return say("No attractive client is held by a weak relation.")
    attractive = len(weak) + int((table.position == Position.PROTECT).sum())
    if attractive == 1:
        return say(
            "The relationship with the only attractive client, {name} ({money:money} a year), is weak.",
            name=weak.customer_name.iloc[0],
            money=weak.net_sales_12m.iloc[0],
        )
    return say_n(
        "We have a weak relationship with {k:count} of {n:count} attractive clients: {name}, {money:money} a year.",
        "We have a weak relationship with {k:count} of {n:count} attractive clients; the largest, "
        "{name}, {money:money} a year.",
        count="k",
        k=len(weak),
        n=attractive,
        name=weak.customer_name.iloc[0],
        money=weak.net_sales_12m.iloc[0],
    )


def _rating_caveat(table: pd.DataFrame, assessment: pd.DataFrame) -> list[Caveat]:
    missing = len(assessment) - len(table)
    if not missing:
        return []
    text = say_n(
        "{n:count} rating lacks an axis or belongs to nobody in the data.",
        "{n:count} ratings lack an axis or belong to nobody in the data.",
        count="n",
        n=missing,
    )
    return [Caveat(say("Ratings that could not be placed"), text)]
