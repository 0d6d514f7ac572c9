"""What five more points of retention would be worth on the company's own numbers, next to what the articles claim."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.lifetime_value import margin_share
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, say, say_n
from kam_analysis.params import Facts, Retention
from kam_analysis.retention.stayed import YEAR
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class RetentionCase(Labelled):
    """Retention as it is, and five more in both readings."""

    NOW = "now", say("as it is")
    POINTS = "points", say("5 points more")
    PERCENT = "percent", say("5 per cent more")


RETENTION_WHAT_IF = Table(
    "retention_what_if",
    "one case: retention as it is, or five more in one of the two readings",
    (
        col.member("case", say("Retention"), "As it is, or how it is raised.", RetentionCase),
        col.share("retention", say("A year"), "Yearly retention r."),
        col.ratio("multiple", say("Years of margin"), "r/(1 + d − r).", low=0),
        col.money("value", say("Margin to come, per buyer"), "Yearly margin times the multiple.", nullable=True),
        col.CHANGE("Against retention as it is.", low=-1),
    ),
    ("case",),
)


MORE = 0.05
MOST = 0.99
CLAIM = (0.25, 0.95)
NUMBERS = ("what_if.retention", "what_if.points", "what_if.percent")


def margin_multiple(retention: float, discount_rate: float) -> float:
    """Years of margin that a buyer is still worth when it stays with a chance r each year: r/(1 + d − r).

    Examples
    --------
    >>> margin_multiple(0.8, 0.1)  # 0.8/0.3
    2.6666666666666665
    """
    return retention / (1 + discount_rate - retention)


@finds(RETENTION_WHAT_IF)
def retention_what_if(stayed: Finding, facts: pd.DataFrame, life: Facts, rules: Retention) -> Finding:
    """What +5 of retention changes in the margin still to come per buyer.

    Yearly r = retained share^(12/P); both readings of the articles, because they do not say which: min(r + 0.05, 0.99)
    and min(1.05·r, 0.99). Margin still to come = yearly margin per buyer · r/(1 + d − r), d = `discount_rate`. The
    yearly margin is net sales per buyer of the last 12 months times the margin share; without a margin only the change
    is given. Absent where the retained share is not measurable, 0, or at 0.99 already. The 25–95 % of the articles is a
    claim, not what is computed here.

    Parameters
    ----------
    stayed : Finding
        From `who_stayed`.
    facts : DataFrame
        ``customer_facts``.
    life : params.Facts
        `assumed_margin`.
    rules : params.Retention
        `discount_rate`.

    Returns
    -------
    Finding
        Table ``retention_what_if``; numbers what_if.retention (r), what_if.points, what_if.percent (changes).

    Notes
    -----
    Source: article C: +5 % of CRR gives +25–95 % of profit.
    """
    question = say("What would five more points of retention be worth?")
    share, months = stayed.numbers["retained_share"], stayed.numbers["period_months"]
    yearly = None if share is None else share ** (YEAR / months)
    if yearly is None or not 0 < yearly < MOST:
        reason, absent = _why_not(yearly, stayed)
        return Finding(
            name=RETENTION_WHAT_IF.name,
            question=question,
            sentence=say("More retention cannot be valued"),
            table=RETENTION_WHAT_IF.empty(),
            numbers=absent_numbers(NUMBERS, reason),
            absent=absent,
        )
    margin = _yearly_margin(facts, life)
    base = margin_multiple(yearly, rules.discount_rate)
    cases = {
        RetentionCase.NOW: yearly,
        RetentionCase.POINTS: min(yearly + MORE, MOST),
        RetentionCase.PERCENT: min((1 + MORE) * yearly, MOST),
    }
    multiples = {case: margin_multiple(r, rules.discount_rate) for case, r in cases.items()}
    table = RETENTION_WHAT_IF.conform(
        pd.DataFrame(
            [
                {
                    "case": case.value,
                    "retention": cases[case],
                    "multiple": multiple,
                    "value": None if margin is None else margin * multiple,
                    "change": multiple / base - 1,
                }
                for case, multiple in multiples.items()
            ]
        )
    )
    change = table.set_index("case")["change"]
    points, percent = float(change[RetentionCase.POINTS]), float(change[RetentionCase.PERCENT])
    return Finding(
        name=RETENTION_WHAT_IF.name,
        question=question,
        sentence=say(
            "Five points more retention raise the margin still to come per buyer: {points:change} on own numbers; "
            "the articles claim {low:change} to {high:change} of profit",
            points=points,
            low=CLAIM[0],
            high=CLAIM[1],
        ),
        table=table,
        numbers=dict(zip(NUMBERS, (yearly, points, percent), strict=True)),
        sub=say(
            "Margin still to come = yearly margin per buyer times r/(1 + d − r); r: yearly retention, d: {rate:share}",
            rate=rules.discount_rate,
        ),
        base=_margin_note(margin),
        show=("case", "retention", "multiple", *(("value",) if margin is not None else ()), "change"),
        caveats=_caveats(months),
    )


def _yearly_margin(facts: pd.DataFrame, life: Facts) -> float | None:
    buyers = facts[facts["orders_12m"] > 0]
    share = margin_share(facts, life.assumed_margin)
    if buyers.empty or share is None:
        return None
    return money.total(buyers["net_sales_12m"]) / len(buyers) * share


def _why_not(yearly: float | None, stayed: Finding) -> tuple[str, Message]:
    if yearly is None:
        return "the retained share is not measurable", stayed.absent or say(
            "Not measurable: nobody ordered in the base period."
        )
    if yearly == 0:
        return "nobody was retained", say("Not measurable: nobody was retained, so there is nothing to raise.")
    absent = say("Retention is at {share:share} already; there is no room for five points.", share=yearly)
    return "retention is at 99 % already", absent


def _margin_note(margin: float | None) -> Message:
    if margin is None:
        return say("No margin is known, so only the change is given.")
    return say("Yearly margin per buyer of the last 12 months: {margin:money_full}.", margin=margin)


def _caveats(months: int) -> list[Caveat]:
    found = [
        Caveat(
            say("The articles' figure is a claim"),
            say(
                "They do not say whether 5 is points or per cent, nor of what the profit is; raising retention costs "
                "money that is not in here."
            ),
        )
    ]
    if months < YEAR:
        found.append(
            Caveat(
                say("Retention for a year is extrapolated"),
                say_n(
                    "Measured over {n:count} month and raised to a year as if every period were alike.",
                    "Measured over {n:count} months and raised to a year as if every period were alike.",
                    count="n",
                    n=months,
                ),
            )
        )
    return found
