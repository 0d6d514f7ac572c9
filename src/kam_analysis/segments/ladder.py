"""The loyalty ladder: one order, two orders, regular, adherent, advocate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Finding, Message, Show, say
from kam_analysis.money import exact
from kam_analysis.params import Ladder
from kam_analysis.segments.groups import CUSTOMER_SHARE, NET_SALES_SHARE, fraction, per_class
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import LadderStep

LOYALTY_LADDER = Table(
    "loyalty_ladder",
    "one step of the loyalty ladder",
    (
        col.member("step", say("Step"), "Highest step that the customers reached.", LadderStep),
        col.flag("is_measurable", say("Measurable"), "The data tell who stands on the step."),
        col.CUSTOMERS("Buyers; missing where not measurable.", nullable=True),
        CUSTOMER_SHARE,
        col.NET_SALES("All history; missing where not measurable.", nullable=True),
        NET_SALES_SHARE,
    ),
    ("step",),
)


PROMOTER_FROM = 9
NO_WALLET = "no wallet in the assessment"
NO_VOICE = "no NPS answer in the survey and no recorded referral"


def ladder_steps(
    facts: pd.DataFrame,
    assessment: pd.DataFrame,
    survey: pd.DataFrame,
    calendar: Calendar,
    rules: Ladder,
    regular_orders: int,
) -> pd.DataFrame:
    """Highest step of the ladder that every buyer has reached.

    One order; more, but not yet regular; regular: `regular_orders` or more; adherent: regular and net sales of the last
    12 months ≥ `rules.adherent_wallet_share` of the wallet, compared in integers; advocate: adherent and a latest NPS
    answer of 9 or 10 (the lowest when several came that day) or a recorded referral. A buyer without a wallet is at
    most regular.

    Parameters
    ----------
    facts, assessment, survey : DataFrame
        Contracts ``customer_facts``, ``assessment``, ``survey``; the last two may be empty.
    calendar : Calendar
        Answers and ratings on or after the reference date are outside.
    rules : Ladder
        The share of the wallet that makes an adherent.
    regular_orders : int
        ``facts.regular_orders``.

    Returns
    -------
    DataFrame
        customer_id, ladder, net_sales; by customer_id; without a row when nobody has ordered.

    Notes
    -----
    Source: article C; definitions, Loyalty ladder.
    """
    buyers = facts[facts["orders"] > 0].sort_values("customer_id", ignore_index=True)
    rated = known_ratings(assessment, calendar).set_index("customer_id").reindex(buyers["customer_id"])
    orders = buyers["orders"].to_numpy()
    is_adherent = (orders >= regular_orders) & _fills_wallet(buyers["net_sales_12m"], rated["wallet"], rules)
    recommends = (
        buyers["customer_id"].isin(promoters(survey, calendar)).to_numpy() | (rated["referrals"] > 0).to_numpy()
    )
    steps = np.select(
        [is_adherent & recommends, is_adherent, orders >= regular_orders, orders >= 2],
        [LadderStep.ADVOCATE.value, LadderStep.ADHERENT.value, LadderStep.REGULAR.value, LadderStep.TWO_ORDERS.value],
        LadderStep.ONE_ORDER.value,
    )
    return pd.DataFrame(
        {
            "customer_id": buyers["customer_id"],
            "ladder": pd.Series(steps, dtype="str"),
            "net_sales": buyers["net_sales"],
        }
    )


def known_ratings(assessment: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Ratings without a date or dated before the reference date."""
    return assessment[~(assessment["rated_on"] >= pd.Timestamp(calendar.as_of))]


def _fills_wallet(net_sales_12m: pd.Series, wallet: pd.Series, rules: Ladder) -> np.ndarray:
    share = fraction(rules.adherent_wallet_share)
    has_wallet = (wallet > 0).to_numpy()
    bought = exact(net_sales_12m).astype(object) * share.denominator
    return has_wallet & (bought >= exact(wallet.fillna(0)).astype(object) * share.numerator)


def promoters(survey: pd.DataFrame, calendar: Calendar) -> pd.Series:
    """Give customers whose latest NPS answer before the reference date is 9 or 10.

    Examples
    --------
    >>> import datetime as dt
    >>> survey = pd.DataFrame({"customer_id": ["a", "a"], "date": pd.to_datetime(["2024-01-05", "2024-03-05"]),
    ...                        "question": "nps", "score": [10, 8]})
    >>> promoters(survey, Calendar(dt.date(2023, 1, 1), dt.date(2024, 3, 1))).tolist()
    ['a']
    """
    answers = _answers(survey, calendar)
    latest = answers[answers["date"] == answers.groupby("customer_id")["date"].transform("max")]
    lowest = latest.groupby("customer_id")["score"].min()
    return pd.Series(lowest.index[lowest >= PROMOTER_FROM], dtype="str")


def _answers(survey: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    return survey[(survey["question"] == "nps") & (survey["date"] < pd.Timestamp(calendar.as_of))]


@finds(LOYALTY_LADDER)
def loyalty_ladder(
    steps: pd.DataFrame, assessment: pd.DataFrame, survey: pd.DataFrame, calendar: Calendar, regular_orders: int
) -> Finding:
    """How many buyers stand on each step of the ladder; the top two only where the data can tell.

    Parameters
    ----------
    steps : DataFrame
        From `ladder_steps`.
    assessment, survey : DataFrame
        Contracts of the same names; may be empty.
    calendar : Calendar
        The reference date.
    regular_orders : int
        ``facts.regular_orders``.

    Returns
    -------
    Finding
        Table ``loyalty_ladder``; numbers ``ladder.one_order`` … ``ladder.advocate``. Without a wallet adherent and
        advocate, without an NPS answer or a referral advocate is missing with its reason, never inferred.

    Notes
    -----
    Source: article C; definitions, Loyalty ladder.
    """
    missing = _not_measurable(assessment, survey, calendar)
    sizes = per_class(steps, "ladder", LadderStep).rename(columns={"ladder": "step"})
    is_measurable = ~sizes["step"].isin(list(missing))
    measured = ["customers", "customer_share", "net_sales", "net_sales_share"]
    table = LOYALTY_LADDER.conform(
        sizes.assign(is_measurable=is_measurable, **{name: sizes[name].where(is_measurable) for name in measured})
    )
    return Finding(
        LOYALTY_LADDER.name,
        question=say("How far up the loyalty ladder are the buyers?"),
        sentence=_ladder_sentence(steps, regular_orders),
        table=table,
        numbers=_ladder_numbers(table, missing),
        sub=_ladder_sub(missing),
        base=say("Buyers, all history: {n:count}", n=len(steps)),
        show=("step", Show("customers", bar=True), "customer_share", "net_sales", "net_sales_share"),
        drawing="segments.loyalty_ladder",
        absent=say("Nobody has ordered.") if steps.empty else None,
    )


def _not_measurable(assessment: pd.DataFrame, survey: pd.DataFrame, calendar: Calendar) -> dict[str, str]:
    ratings = known_ratings(assessment, calendar)
    if not (ratings["wallet"] > 0).any():
        return {LadderStep.ADHERENT.value: NO_WALLET, LadderStep.ADVOCATE.value: NO_WALLET}
    if _answers(survey, calendar).empty and not (ratings["referrals"] >= 0).any():
        return {LadderStep.ADVOCATE.value: NO_VOICE}
    return {}


def _ladder_numbers(table: pd.DataFrame, missing: dict[str, str]) -> dict[str, int | str | None]:
    counts = {
        f"ladder.{step}": None if step in missing else int(customers)
        for step, customers in zip(table["step"], table["customers"], strict=True)
    }
    return counts | {f"ladder.{step}_absent": reason for step, reason in missing.items()}


def _ladder_sentence(steps: pd.DataFrame, regular_orders: int) -> Message:
    once = float((steps["ladder"] == LadderStep.ONE_ORDER.value).mean()) if len(steps) else 0.0
    again = float((steps["ladder"] == LadderStep.TWO_ORDERS.value).mean()) if len(steps) else 0.0
    return say(
        "{once:share} of the buyers ordered once; {more:share} are regular, with {n:count} orders or more.",
        once=once,
        more=1 - once - again if len(steps) else 0.0,
        n=regular_orders,
    )


def _ladder_sub(missing: dict[str, str]) -> Message:
    if LadderStep.ADHERENT.value in missing:
        return say("Buyers by the highest step reached; adherent and advocate need the customers' wallets")
    if missing:
        return say("Buyers by the highest step reached; advocate needs NPS answers or referrals")
    return say("Buyers by the highest step reached")
