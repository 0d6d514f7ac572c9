"""How buyers climb the ladder: from the first order to the second, from the second to a regular; and who climbs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import against_the_rest, wilson
from kam_analysis.facts.rfm import mid_rank_scores
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, Words, absent_numbers, say
from kam_analysis.frames import records
from kam_analysis.money import SCALE, exact
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled, LadderStep, UnitVerdict

_CLIMBED = col.count("climbed", say("Moved up"))
_CLIMBED_SHARE = col.share("climbed_share", say("Share"))

STEP_CONVERSION = Table(
    "step_conversion",
    "one step of the ladder and number of days",
    (
        col.member("step", say("From the step"), "Step that was reached.", LadderStep),
        col.days("days", say("In days"), "Days after the step was reached.", low=1),
        col.BUYERS("Reached the step at least so many days ago."),
        _CLIMBED("Made the next order in time; hidden with few.", nullable=True),
        _CLIMBED_SHARE("Climbed over buyers; hidden with few.", nullable=True),
        col.LOW("Lower bound of the 95 % interval."),
        col.HIGH("Upper bound of the 95 % interval."),
    ),
    ("step", "days"),
)


class KnownAtFirst(Labelled):
    """What is known of a buyer when the first order is made."""

    FIRST_ORDER = "first_order", say("net sales of the first order")
    INDUSTRY = "industry", say("industry")
    SIZE = "size", say("size")
    REGION = "region", say("region")
    COUNTRY = "country", say("country")


CONVERSION_GROUPS = Table(
    "conversion_groups",
    "one group of buyers by what was known at the first order",
    (
        col.member("attribute", say("By"), "What the group is made by.", KnownAtFirst),
        col.GROUP("Value of the attribute; missing for a range of net sales.", nullable=True),
        col.money("over", say("From"), "Net sales of the first order are above it.", nullable=True),
        col.money("up_to", say("To"), "Net sales of the first order are at most so much.", nullable=True),
        col.BUYERS("First order at least 90 days ago.", low=1),
        _CLIMBED("Ordered again in 90 days."),
        _CLIMBED_SHARE("Climbed over buyers."),
        col.LOW("Lower bound of the 95 % interval.", nullable=False),
        col.HIGH("Upper bound of the 95 % interval.", nullable=False),
        col.VERDICT,
    ),
    ("attribute", "group", "over"),
)


DAYS = (30, 60, 90, 365)
JUDGED_DAYS = 90
SHOWN_GROUPS = 15
THIRDS = 3
GROUP = Words(
    say("Group"),
    [
        [
            say("over {over:money_full} up to {up_to:money_full}"),
            say("up to {up_to:money_full}"),
            say("over {over:money_full}"),
            say("{group:value}"),
        ]
    ],
)


@finds(STEP_CONVERSION)
def step_conversion(orders: pd.DataFrame, calendar: Calendar, fewest: int, regular_orders: int) -> Finding:
    """Which share of the buyers on a step climbs to the next one, in 30, 60, 90 and 365 days.

    From the day of the first order to the second, and from the second to the one that makes a regular. Only buyers
    who reached the step at least so many days before the reference date count: others still have time.

    Parameters
    ----------
    orders : DataFrame
        Contract ``customer_orders``.
    calendar : Calendar
        The reference date.
    fewest : int
        ``segments.min_cell``: with fewer buyers the share is hidden.
    regular_orders : int
        ``facts.regular_orders``.

    Returns
    -------
    Finding
        Table ``step_conversion``, with Wilson intervals; numbers ``climb.<step>_<days>d``. Absent without an order.

    Notes
    -----
    A second order on the day of the first counts, with 0 days. Source: article C; definitions, Loyalty ladder.
    """
    climbs = {LadderStep.ONE_ORDER: (1, 2), LadderStep.TWO_ORDERS: (2, regular_orders)}
    reached = _reached(orders, calendar, regular_orders)
    rows = [_climb(reached, step, way, days, fewest) for step, way in climbs.items() for days in DAYS]
    table = STEP_CONVERSION.conform(pd.DataFrame(rows))
    numbers: dict[str, object] = {}
    for row in rows:
        name = f"climb.{row['step']}_{row['days']}d"
        share = row["climbed_share"]
        numbers |= absent_numbers([name], f"fewer than {fewest} mature buyers") if share is None else {name: share}
    return Finding(
        STEP_CONVERSION.name,
        question=say("How many move up to the next step, and how fast?"),
        sentence=_climb_sentence(table),
        table=table,
        numbers=numbers,
        sub=say(
            "Share of the buyers on the step who made the next order within so many days, the same day "
            "included (the repeat rate needs a second day); 95 % interval"
        ),
        base=say(
            "Only buyers with the full number of days; no share below {few:count} buyers. All history, "
            "first step: {n:count}",
            few=fewest,
            n=len(reached),
        ),
        show=("step", "days", "buyers", Show("climbed_share", bar=True), "low", "high"),
        absent=say("Nobody has ordered.") if orders.empty else None,
    )


def _reached(orders: pd.DataFrame, calendar: Calendar, last: int) -> pd.DataFrame:
    """Day of the first order of every buyer, of the second, and so on to the last asked for; missing until it comes."""
    known = orders[orders["ordered_on"] < pd.Timestamp(calendar.as_of)]
    days = {
        number: known[known["order_no"] == number].set_index("customer_id")["ordered_on"]
        for number in range(1, last + 1)
    }
    return pd.DataFrame(days).sort_index().assign(until=pd.Timestamp(calendar.as_of))


def _climb(reached: pd.DataFrame, step: LadderStep, way: tuple[int, int], days: int, fewest: int) -> dict[str, object]:
    base, climbed = _mature(reached, way, days)
    n, up = len(base), int(climbed.sum())
    share, low, high = (up / n, *wilson(up, n)) if n >= fewest else (None, None, None)
    shown = up if n >= fewest else None
    return {
        "step": step.value,
        "days": days,
        "buyers": n,
        "climbed": shown,
        "climbed_share": share,
        "low": low,
        "high": high,
    }


def _mature(reached: pd.DataFrame, way: tuple[int, int], days: int) -> tuple[pd.DataFrame, pd.Series]:
    start, target = way
    begun = reached[start]
    base = reached[(reached["until"] - begun).dt.days >= days]
    return base, (base[target] - base[start]).dt.days <= days


def _climb_sentence(table: pd.DataFrame) -> Message:
    judged = table[table["days"] == JUDGED_DAYS].set_index("step")["climbed_share"]
    first, second = (judged.get(step.value) for step in (LadderStep.ONE_ORDER, LadderStep.TWO_ORDERS))
    if pd.isna(first) or pd.isna(second):
        return say("Too few buyers have had {days:count} days to move up", days=JUDGED_DAYS)
    return say(
        "In {days:count} days {first:share} of the buyers order again, and {second:share} of those become regular",
        days=JUDGED_DAYS,
        first=float(first),
        second=float(second),
    )


@finds(CONVERSION_GROUPS)
def conversion_groups(orders: pd.DataFrame, facts: pd.DataFrame, calendar: Calendar, fewest: int) -> Finding:
    """Who climbs from the first order to the second in 90 days more often than others.

    By the size of the first order (thirds by mid-rank), and by industry, size, region and country: what is known when
    the first order is made. Share with its 95 % Wilson interval; a group stands out when Fisher's exact test against
    the others of its attribute survives the correction of Benjamini and Hochberg. That a group climbs more often does
    not say that it is the reason.

    Parameters
    ----------
    orders, facts : DataFrame
        Contracts ``customer_orders`` and ``customer_facts``.
    calendar : Calendar
        The reference date.
    fewest : int
        ``segments.min_cell``: smaller groups are left out.

    Returns
    -------
    Finding
        Table ``conversion_groups``; numbers climbs.compared, climbs.below, climbs.above. Absent when no attribute has
        two groups that are large enough.
    """
    names = ("climbs.compared", "climbs.below", "climbs.above")
    base, climbed = _mature(_reached(orders, calendar, 2), (1, 2), JUDGED_DAYS)
    firsts = orders[orders["order_no"] == 1].set_index("customer_id")["net_sales"].reindex(base.index)
    thirds = pd.Series(mid_rank_scores(exact(firsts), THIRDS), firsts.index)
    placed = pd.DataFrame({KnownAtFirst.FIRST_ORDER: thirds.astype("str")}, index=base.index)
    known = facts.set_index("customer_id").reindex(base.index)
    for attribute in (
        KnownAtFirst.INDUSTRY,
        KnownAtFirst.SIZE,
        KnownAtFirst.REGION,
        KnownAtFirst.COUNTRY,
    ):
        placed[attribute] = known[attribute.value]
    table = _with_limits(_compared(placed, climbed, fewest), firsts, thirds)
    sides = [int((table["verdict"] == verdict).sum()) for verdict in (UnitVerdict.BELOW, UnitVerdict.ABOVE)]
    measured = dict(zip(names, (len(table), *sides), strict=True))
    return Finding(
        CONVERSION_GROUPS.name,
        question=say("Who makes a second order more often?"),
        sentence=_group_sentence(table),
        table=table,
        numbers=absent_numbers(names, "no two groups are large enough") if table.empty else measured,
        sub=say(
            "Second order within {days:count} days of the first, by what is known at the first; "
"significance adjusted for {n:count} comparisons",
            days=JUDGED_DAYS,
            n=len(table),
        ),
        base=say(
            "Buyers whose first order is at least {days:count} days old: {n:count}; groups from {few:count} buyers",
            days=JUDGED_DAYS,
            n=len(base),
            few=fewest,
        ),
        show=("attribute", Show("group", words=GROUP), "buyers", Show("climbed_share", bar=True), "low", "high",
              Show("verdict", chip=True, strong=(UnitVerdict.BELOW,))),
        most_rows=SHOWN_GROUPS,
        sortable=True,
        caveats=[Caveat(say("The figures show who moves up, not why"), say(
            "Groups differ in more than this attribute; test a change on some of the new customers first."),
            Weight.GREEN)],
        absent=say("Not measurable: no two groups have enough buyers whose first {days:count} days are over.",
                   days=JUDGED_DAYS) if table.empty else None,
    )  # fmt: skip


def _with_limits(compared: pd.DataFrame, net_sales: pd.Series, thirds: pd.Series) -> pd.DataFrame:
    """Give thirds of the first order their limits in money instead of their number, the smallest orders first."""
    highest = pd.Series(exact(net_sales), thirds.index).groupby(thirds).max() / SCALE
    limits = pd.DataFrame({"over": highest.shift(), "up_to": highest})
    limits.loc[limits.index[1:][-1:], "up_to"] = np.nan  # the last of several is open
    is_third = compared["attribute"] == KnownAtFirst.FIRST_ORDER.value
    third = pd.to_numeric(compared["group"].where(is_third))
    return CONVERSION_GROUPS.conform(
        compared.assign(
            group=compared["group"].mask(is_third), over=third.map(limits["over"]), up_to=third.map(limits["up_to"])
        )
    )


def _compared(placed: pd.DataFrame, climbed: pd.Series, fewest: int) -> pd.DataFrame:
    long = placed.assign(climbed=climbed).melt("climbed", var_name="attribute", value_name="group")
    long = long.dropna(subset="group")
    counts = long.assign(buyers=1).groupby(["attribute", "group"], sort=True)[["buyers", "climbed"]].sum()
    sums = counts.astype("int64").reset_index()
    whole = sums.groupby("attribute")[["buyers", "climbed"]].transform("sum").add_prefix("all_")
    sums = pd.concat([sums, whole], axis=1)[sums["buyers"] >= fewest]
    sums = sums[sums.groupby("attribute")["buyers"].transform("size") > 1].reset_index(drop=True)
    columns = (sums[name].to_numpy() for name in ("climbed", "buyers", "all_climbed", "all_buyers"))
    verdict = against_the_rest(*columns)
    bounds: Iterable[tuple[float, float]] = [
        wilson(up, n) for up, n in zip(sums["climbed"], sums["buyers"], strict=True)
    ]
    low, high = (list(column) for column in zip(*bounds, strict=True)) if len(sums) else ([], [])
    place = {attribute.value: number for number, attribute in enumerate(KnownAtFirst)}
    made = sums.assign(
        climbed_share=sums["climbed"] / sums["buyers"],
        low=low,
        high=high,
        verdict=verdict,
        place=sums["attribute"].map(place),
    )
    ordered = made.sort_values(["place", "climbed_share", "group"], ascending=[True, False, True], ignore_index=True)
    return ordered


def _group_sentence(table: pd.DataFrame) -> Message:
    above, below = (
        [say("{group:value} ({by})", group=GROUP.of(row), by=KnownAtFirst(row["attribute"])) for row in records(part)]
        for part in (table[table["verdict"] == verdict] for verdict in (UnitVerdict.ABOVE, UnitVerdict.BELOW))
    )
    if above:
        return say("Significantly more often than others: {names:names}", names=above)
    if below:
        return say("Significantly less often than others: {names:names}", names=below)
    return say("No significant difference in second orders between the groups")
