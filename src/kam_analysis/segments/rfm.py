"""How many customers and how much money the scores of recency, frequency and money hold, and what to do with each."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.rfm import FEWER_SCORES, MOST_SCORES, score_count, segments_of
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, say
from kam_analysis.money import SCALE, exact
from kam_analysis.params import Rfm
from kam_analysis.segments.advice import RfmAction, RfmRule
from kam_analysis.segments.groups import CLASS_SIZE, per_class, shares
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import RfmSegment

RFM_HEAT_MAP = Table(
    "rfm_heat_map",
    "one pair of recency and frequency scores",
    (
        col.R_SCORE("Recency score, the highest is best."),
        col.F_SCORE("Frequency score, the highest is best."),
        col.RF_SEGMENT("Segment of the cell."),
        *CLASS_SIZE,
    ),
    ("r_score", "f_score"),
)

RFM_SEGMENTS = Table(
    "rfm_segments",
    "one segment of the recency, frequency and monetary scores",
    (
        col.RFM_SEGMENT,
        *CLASS_SIZE,
        col.days("median_recency_days", say("Days since last order, median"), "Over the segment.", True, 1),
        col.number("median_orders", say("Orders, median"), "Over the segment.", nullable=True, low=1),
        col.count("customers_by_rf", say("Customers by R and F"), "Customers of the same name by R and F."),
        col.member("rule", say("Rule"), "Scores that make the segment.", RfmRule),
        col.member("action", say("What to do"), "Action for the segment.", RfmAction),
    ),
    ("rfm_segment",),
)


SILENT = [
    segment.value for segment in (RfmSegment.CANNOT_LOSE, RfmSegment.AT_RISK, RfmSegment.HIBERNATING, RfmSegment.LOST)
]
SCORES = ("r_score", "f_score", "m_score")


@finds(RFM_HEAT_MAP)
def rfm_heat_map(scores: pd.DataFrame, rules: Rfm) -> Finding:
    """How many customers and how much money stand in each cell of recency and frequency.

    Parameters
    ----------
    scores : DataFrame
        From `rfm_scores`.
    rules : Rfm
        Kind of scores.

    Returns
    -------
    Finding
        Table ``rfm_heat_map``, one row per cell, empty cells included; numbers ``rfm.bins`` and ``rfm.R1`` … ``rfm.M5``
        (buyers per score, 0 for a score that nobody has). Without a buyer in the window it is absent.

    Notes
    -----
    Source: articles A and B; definitions, RFM.
    """
    count = score_count(len(scores), rules)
    table = _cells(scores, count)
    return Finding(
        RFM_HEAT_MAP.name,
        question=say("How recently and how often do customers buy?"),
        sentence=_best_cell_sentence(table),
        table=table,
        numbers={"rfm.bins": count} | _score_numbers(scores),
        sub=say(
            "Customers and share of net sales by recency score (R, rows) and frequency score (F, columns); {n:count} "
            "is best; darker: more net sales",
            n=count,
        ),
        base=_base(scores),
        drawing="segments.rfm_heat_map",
        caveats=_score_caveats(scores, count, rules),
        absent=_nobody(scores),
    )


def _score_numbers(scores: pd.DataFrame) -> dict[str, int]:
    return {
        f"rfm.{column[0].upper()}{score}": int((scores[column] == score).sum())
        for column in SCORES
        for score in range(1, MOST_SCORES + 1)
    }


def _cells(scores: pd.DataFrame, count: int) -> pd.DataFrame:
    cells = pd.MultiIndex.from_product([range(count, 0, -1)] * 2, names=["r_score", "f_score"])
    r, f = (cells.get_level_values(level).to_numpy() for level in ("r_score", "f_score"))
    money = pd.Series(exact(scores["net_sales"]), scores.index)
    sums = (
        scores[["r_score", "f_score"]]
        .assign(customers=1, net_sales=money, positive=money.clip(lower=0))
        .groupby(["r_score", "f_score"])
        .sum()
        .reindex(cells, fill_value=0)
    )
    return RFM_HEAT_MAP.conform(
        sums.assign(
            customer_share=shares(sums["customers"]),
            net_sales_share=shares(sums["positive"]),
            net_sales=sums["net_sales"] / SCALE,
            rf_segment=segments_of("rf_map.csv", count, r, f).to_numpy(),
        ).reset_index()
    )


def _best_cell_sentence(table: pd.DataFrame) -> Message:
    best = table.iloc[0]
    if not best["customers"] or pd.isna(best["net_sales_share"]):
        return say("No customer has the best score both in recency and in frequency.")
    return say(
        "Customers with the best scores in recency and frequency: {n:count}; they make {share:share} of net sales.",
        n=int(best["customers"]),
        share=float(best["net_sales_share"]),
    )


def _base(scores: pd.DataFrame) -> Message:
    return say("Buyers with an order in the window: {n:count}", n=len(scores))


def _nobody(scores: pd.DataFrame) -> Message | None:
    return say("Nobody has an order in the window.") if scores.empty else None


def _score_caveats(scores: pd.DataFrame, count: int, rules: Rfm) -> list[Caveat]:
    caveats = []
    if count == FEWER_SCORES:
        caveats.append(
            Caveat(
                say("Three scores instead of five"),
                say(
                    "Below {least:count} buyers five scores are too fine; the maps read scores 1, 2, 3 as 1, 3, 5.",
                    least=rules.five_scores_from,
                ),
            )
        )
    for column, label in zip(SCORES, (say("recency"), say("frequency"), say("money")), strict=True):
        used = scores[column].nunique()
        if 0 < used < count:
            caveats.append(
                Caveat(
                    say("Not every score is in use: {axis}", axis=label),
                    say(
                        "{used:count} of {count:count} scores occur, because equal customers share a score: "
                        "{share:share} of the buyers have {score:count}. Segments of the other scores stay empty. "
                        "Fixed limits separate them: segments.rfm.scores: thresholds.",
                        used=used,
                        count=count,
                        share=float(scores[column].value_counts(normalize=True).iloc[0]),
                        score=int(scores[column].value_counts().index[0]),
                    ),
                    Weight.GREEN,
                )
            )
    return caveats


@finds(RFM_SEGMENTS)
def rfm_segments(scores: pd.DataFrame, facts: pd.DataFrame | None = None) -> Finding:
    """Which segments the scores make, how large they are in people and money, and what to do with each.

    Parameters
    ----------
    scores : DataFrame
        From `rfm_scores`.
    facts : DataFrame, optional
        Contract ``customer_facts``; with it the page says who is called silent within the own usual gap.

    Returns
    -------
    Finding
        Table ``rfm_segments``, eleven rows, empty segments included; absent without a buyer in the window.

    Notes
    -----
    Shares of net sales are over buyers with net sales > 0. Source: article A; definitions, RFM.
    """
    sizes = per_class(scores, "rfm_segment", RfmSegment)
    medians = scores.groupby("rfm_segment")[["recency_days", "orders"]].median().reindex(sizes["rfm_segment"])
    by_rf = scores["rf_segment"].value_counts().reindex(sizes["rfm_segment"], fill_value=0)
    table = RFM_SEGMENTS.conform(
        sizes.assign(
            median_recency_days=medians["recency_days"].to_numpy(),
            median_orders=medians["orders"].to_numpy(),
            customers_by_rf=by_rf.to_numpy(),
            rule=sizes["rfm_segment"],
            action=sizes["rfm_segment"],
        )
    )
    return Finding(
        RFM_SEGMENTS.name,
        question=say("Which segments follow from the scores, and what to do with each?"),
        sentence=_champions_sentence(table),
        table=table,
        sub=say("Customers, net sales of the window and action per segment"),
        base=_base(scores),
        show=(
            "rfm_segment",
            Show("customers", bar=True),
            "net_sales",
            "net_sales_share",
            Show("rule", wide=True),
            Show("action", wide=True),
        ),
        cards=True,
        caveats=[
            Caveat(
                say("Segments say what was, not what will be"),
                say("Champions bought a lot by definition; judge an action only by what follows this date."),
                Weight.GREEN,
            ),
            *(() if facts is None else _in_rhythm(scores, facts)),
        ],
        absent=_nobody(scores),
    )


def _in_rhythm(scores: pd.DataFrame, facts: pd.DataFrame) -> list[Caveat]:
    """Warn of buyers whom the ranks call silent although they are silent no longer than they usually are."""
    silent = scores[scores["rfm_segment"].isin(SILENT)].merge(facts[["customer_id", "median_gap_days"]])
    usual = int((silent["recency_days"] <= silent["median_gap_days"]).sum())
    if not usual:
        return []
    return [
        Caveat(
            say("Inactive only compared with others"),
            say(
                "Of the {n:count} buyers in the segments without recent orders, {usual:count} are still "
                "within their usual gap. Ranks compare buyers with each other; calls follow each buyer's own "
                "rhythm.",
                n=len(silent),
                usual=usual,
            ),
        )
    ]


def _champions_sentence(table: pd.DataFrame) -> Message:
    champions = table.iloc[0]
    if not champions["customers"] or pd.isna(champions["net_sales_share"]):
        return say("No customer is a champion.")
    return say(
        "Champions are {people:share} of the buyers and make {money:share} of net sales.",
        people=float(champions["customer_share"]),
        money=float(champions["net_sales_share"]),
    )
