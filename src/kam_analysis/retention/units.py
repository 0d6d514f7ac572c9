"""Who stays where: retained share by segment and by unit, as drawn before the period, and mix parted from rate."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.classes import class_limits, classes_on
from kam_analysis.facts.intervals import against_the_rest, wilson
from kam_analysis.facts.mix import is_reversed, mix_and_rate, reversed_caveats
from kam_analysis.facts.retained import buyer_groups
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say
from kam_analysis.frames import rows
from kam_analysis.params import Abc, Retention
from kam_analysis.retention.period import NO_PERIOD, shown_days, without_period
from kam_analysis.retention.stayed import LENGTHS
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import StartSegment, StayGrouping, UnitVerdict

_SHARE_95 = (
    col.RETAINED_SHARE("Stayed over buyers; hidden when too few."),
    col.LOW,
    col.HIGH,
)


RETENTION_SEGMENTS = Table(
    "retention_segments",
    "one segment of the buyers before the period",
    (
        col.GROUPING,
        col.member("segment", say("Segment"), "As it was before the period.", StartSegment),
        col.BUYERS_OF_BASE("Buyers of the base in the segment.", low=None),
        col.RETAINED_BUYERS("With an order in the period too.", nullable=True),
        *_SHARE_95,
    ),
    ("segment",),
)

RETENTION_UNITS = Table(
    "retention_units",
    "one unit with a buyer before the period",
    (
        col.UNIT("Value with most of the customer's net sales before the period.", nullable=False),
        col.GROUPING,
        col.BUYERS_OF_BASE("Buyers of the base in the unit."),
        col.RETAINED_BUYERS("With an order in the period too.", nullable=True),
        *_SHARE_95,
        col.VERDICT("Beyond chance, over all units."),
    ),
    ("grouping", "unit"),
)


RETENTION_MIX = Table(
    "retention_mix",
    "one grouping of the buyers at two dates",
    (
        col.GROUPING,
        col.GROUPS("Groups with a buyer at one of the dates."),
        col.BUYERS_BEFORE("Buyers of the base at the earlier date."),
        col.count("buyers_now", say("Buyers now"), "Buyers of the base at the later date.", low=1),
        col.share("share_before", say("Retained then"), "Retained share at the earlier date."),
        col.share("share_now", say("Retained now"), "Retained share at the later date."),
        col.CHANGE_POINTS("Later less earlier."),
        col.points("mix_effect", say("of it mix, points"), "Groups grew or shrank: Σ change of weight · mean rate."),
        col.points(
            "rate_effect", say("of it rate, points"), "Groups stay differently: Σ change of rate · mean weight."
        ),
        col.IS_REVERSED("Every large enough group moved against the total."),
    ),
    ("grouping",),
)


SEGMENTS = {
    StayGrouping.ORDERS: (StartSegment.ONE_ORDER, StartSegment.TWO_ORDERS, StartSegment.MORE_ORDERS),
    StayGrouping.ABC: (StartSegment.A, StartSegment.B, StartSegment.C, StartSegment.N),
}
TRAITS = (StayGrouping.INDUSTRY, StayGrouping.SIZE)
MOST_SHOWN = 10


def base_groups(
    lines: Engine,
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    months: pd.DataFrame,
    start_on: dt.date,
    length: int,
    abc: Abc,
) -> pd.DataFrame:
    """Every buyer of the base in its groups as they were before the period, and whether it stayed.

    Orders are those of the base [t−P, t), the class A, B, C or N is that of t (`classes_on`). A unit is the value with
    most of the customer's net sales in the base, ties by the latest line, then by name: what came after t never decides
    where a customer stands. Industry and size are those of the customer's record.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``.
    facts, orders, months : DataFrame
        ``customer_facts``, ``customer_orders``, ``customer_months``.
    start_on, length
        t and P in months.
    abc : params.Abc
        Window, value and limits of the classes.

    Returns
    -------
    DataFrame
        customer_id, grouping, unit (missing where not in the data), is_retained. A grouping whose buyers all share one
        value, or have none, is left out, orders and class excepted.
    """
    before = add_months(start_on, -length)
    groups = buyer_groups(orders, start_on, length)
    base = groups[groups["was_active"]]
    in_base = orders[orders["ordered_on"].between(pd.Timestamp(before), pd.Timestamp(start_on), inclusive="left")]
    count = in_base.groupby("customer_id").size().reindex(base.index)
    one, two, more = (segment.value for segment in SEGMENTS[StayGrouping.ORDERS])
    groups_by: dict[str, Any] = {
        StayGrouping.ORDERS.value: np.select([count == 1, count == 2], [one, two], more),
        StayGrouping.ABC.value: classes_on(months, start_on, abc).reindex(base.index).to_numpy(),
    }
    groups_by |= _units(lines, base.index, before, start_on)
    groups_by |= {trait: facts.set_index("customer_id")[trait].reindex(base.index).to_numpy() for trait in TRAITS}
    placed = pd.DataFrame(groups_by, index=base.index)
    kept = [column for column in placed if column in SEGMENTS or len(placed[column].dropna().unique()) > 1]
    long = (
        placed[kept]
        .rename_axis("customer_id")
        .reset_index()
        .melt("customer_id", var_name="grouping", value_name="unit")
    )
    return long.assign(is_retained=base["is_active"].reindex(long["customer_id"]).to_numpy())


def _units(lines: Engine, buyers: pd.Index, before: dt.date, until: dt.date) -> dict[str, npt.NDArray[Any]]:
    lines.materialise("base_units", statement(__file__, "base_units"), from_on=before, until=until)
    found = lines.frame("base_units").set_index(["customer_id", "unit_column"])["unit"]
    given = set(found.index.get_level_values("unit_column"))
    return {
        column: found.xs(column, level="unit_column").reindex(buyers).to_numpy()
        for column in StayGrouping
        if column in given
    }


def shares_of(groups: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Retained share of every group with its Wilson interval; hidden below so many buyers.

    Parameters
    ----------
    groups : DataFrame
        From `base_groups`.
    fewest : int
        ``retention.min_cell``.

    Returns
    -------
    DataFrame
        By grouping and unit: buyers, retained_buyers, retained_share, low, high (all but buyers missing when hidden).

    Examples
    --------
    >>> groups = pd.DataFrame({"grouping": "manager", "unit": ["Ana", "Ana", "Bo"], "is_retained": [True, False, True]})
    >>> shares_of(groups, 2)["retained_share"].tolist()
    [0.5, nan]
    """
    counted = groups.groupby(["grouping", "unit"], sort=True)["is_retained"].agg(["size", "sum"]).astype("int64")
    rows = [
        (kept, kept / buyers, *wilson(kept, buyers)) if buyers >= fewest else (np.nan,) * 4
        for buyers, kept in counted.itertuples(index=False)
    ]
    names = ["retained_buyers", "retained_share", "low", "high"]
    return pd.DataFrame(rows, columns=names, index=counted.index).assign(buyers=counted["size"]).reset_index()


def _absent(table: Any, question: Message, numbers: dict[str, Any], calendar: Calendar, rules: Retention) -> Finding:
    return Finding(
        name=table.name,
        question=question,
        sentence=say("Who stayed cannot be measured"),
        table=table.empty(),
        numbers=numbers,
        absent=without_period(calendar, rules),
    )


@finds(RETENTION_SEGMENTS)
def stayed_by_segment(groups: pd.DataFrame | None, calendar: Calendar, rules: Retention, abc: Abc) -> Finding:
    """Which segments stayed, by orders of the base and by class at its end.

    Retained share with the 95 % Wilson interval; a segment with fewer than `min_cell` buyers is hidden. Segments are
    drawn before the period, so that nothing in it decides where a customer stands.

    Parameters
    ----------
    groups : DataFrame, optional
        From `base_groups` at the last period; None where no period can be measured.
    calendar, rules
        As in `who_stayed`.
    abc : params.Abc
        Limits of the classes.

    Returns
    -------
    Finding
        Table ``retention_segments``; numbers ``retained_share.<segment>``.
    """
    question = say("Which segments stay?")
    names = {f"retained_share.{segment}": segment for listed in SEGMENTS.values() for segment in listed}
    if groups is None or groups.empty:
        return _absent(RETENTION_SEGMENTS, question, absent_numbers(names, NO_PERIOD), calendar, rules)
    shares = shares_of(groups, rules.min_cell).set_index("unit")
    listed = pd.DataFrame(
        [(grouping.value, segment.value) for grouping, members in SEGMENTS.items() for segment in members],
        columns=["grouping", "segment"],
    )
    table = listed.join(shares.drop(columns="grouping"), on="segment")
    table = RETENTION_SEGMENTS.conform(table.assign(buyers=table["buyers"].fillna(0)))
    known = table.dropna(subset="retained_share").set_index("segment")["retained_share"]
    numbers: dict[str, Any] = {}
    for name, segment in names.items():
        if segment in known.index:
            numbers[name] = float(known[segment])
        else:
            numbers |= absent_numbers([name], f"fewer than {rules.min_cell} buyers")
    return Finding(
        name=RETENTION_SEGMENTS.name,
        question=question,
        sentence=_segment_sentence(known),
        table=table,
        numbers=numbers,
        sub=say("Retained share by orders in the months before and by class at their end; line: 95 % interval"),
        base=_base_note(rules, abc),
        drawing="retention.retention_segments" if len(known) else None,
        show=() if len(known) else ("segment", "buyers", "retained_share"),
    )


def _base_note(rules: Retention, abc: Abc) -> Message:
    return say(
        "Groups as they were before the period; under {n:count} buyers no share is given. {classes}",
        n=rules.min_cell,
        classes=class_limits(abc),
    )


def _segment_sentence(known: pd.Series) -> Message:
    ends = [segment for segment in SEGMENTS[StayGrouping.ORDERS] if segment in known.index]
    if len(ends) < 2:
        return say("Too few groups by number of orders are large enough to compare them")
    return say(
        "{low:share} of the buyers with {few} ordered again, {high:share} of those with {many}",
        low=float(known[ends[0]]),
        few=ends[0],
        high=float(known[ends[-1]]),
        many=ends[-1],
    )


@finds(RETENTION_UNITS)
def stayed_by_unit(groups: pd.DataFrame | None, calendar: Calendar, rules: Retention) -> Finding:
    """Which managers, departments, regions and kinds of customers keep fewer buyers than the rest.

    Retained share with the 95 % Wilson interval; a unit with fewer than `min_cell` buyers is hidden. A unit stands out
    when Fisher's exact test against the other buyers of its grouping survives the correction of Benjamini and Hochberg
    over all shown units (5 % false discoveries). A difference is no effect of the manager: customers differ too.

    Parameters
    ----------
    groups, calendar, rules
        As in `stayed_by_segment`.

    Returns
    -------
    Finding
        Table ``retention_units``; numbers units.compared, units.below, units.above.
    """
    question = say("Which units keep fewer buyers?")
    names = ("units.compared", "units.below", "units.above")
    if groups is None or groups.empty:
        return _absent(RETENTION_UNITS, question, absent_numbers(names, NO_PERIOD), calendar, rules)
    units = groups[~groups["grouping"].isin(list(SEGMENTS)) & groups["unit"].notna()]
    if units.empty:
        return Finding(
            name=RETENTION_UNITS.name,
            question=question,
            sentence=say("No unit can be compared"),
            table=RETENTION_UNITS.empty(),
            numbers=absent_numbers(names, "the source names no unit with two values"),
            absent=say(
                "Not measurable: the order lines name neither two managers nor two departments, countries, regions or "
                "channels, and the table customers no industry or size."
            ),
        )
    table = _verdicts(shares_of(units, rules.min_cell), units)
    is_usual = ~table["verdict"].isin([UnitVerdict.BELOW, UnitVerdict.ABOVE])
    table = table.assign(is_usual=is_usual, is_hidden=table["retained_share"].isna()).sort_values(
        ["is_hidden", "is_usual", "retained_share", "grouping", "unit"], ignore_index=True
    )
    compared = table[~table["is_hidden"]]
    below, above = (
        [say("{unit:value} ({by})", unit=row.unit, by=StayGrouping(row.grouping)) for row in rows(listed)]
        for listed in (compared[compared["verdict"] == verdict] for verdict in (UnitVerdict.BELOW, UnitVerdict.ABOVE))
    )
    hidden = len(table) - len(compared)
    return Finding(
        name=RETENTION_UNITS.name,
        question=question,
        sentence=_unit_sentence(len(compared), below, above),
        table=RETENTION_UNITS.conform(table),
        numbers=dict(zip(names, (len(compared), len(below), len(above)), strict=True)),
        sub=say(
            "Retained share with its 95 % interval, the unit as of the months before. Below or above the rest: beyond "
            "what chance gives over {n:count} comparisons",
            n=len(compared),
        ),
        base=say("Units with fewer than {few:count} buyers, in the CSV without a share: {n:count}.",
                 n=hidden, few=rules.min_cell),
        show=(
            "unit", "grouping", "buyers", Show("retained_share", bar=True), "low", "high",
            Show("verdict", chip=True, strong=(UnitVerdict.BELOW,)),
        ),
        most_rows=min(MOST_SHOWN, max(len(compared), 1)),
    )  # fmt: skip


def _verdicts(shares: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    whole = units.groupby("grouping")["is_retained"].agg(["size", "sum"]).reindex(shares["grouping"])
    known = shares["retained_share"].notna().to_numpy()
    kept, n = shares["retained_buyers"].to_numpy()[known], shares["buyers"].to_numpy()[known]
    all_n, all_kept = whole["size"].to_numpy()[known], whole["sum"].to_numpy()[known]
    verdict = np.full(len(shares), UnitVerdict.HIDDEN.value, dtype=object)
    verdict[known] = against_the_rest(kept.astype(np.int64), n, all_kept, all_n)
    return shares.assign(verdict=verdict)


def _unit_sentence(compared: int, below: list[Message], above: list[Message]) -> Message:
    if below:
        return say("Significantly fewer buyers stayed: {names:names}", names=below)
    if above:
        return say("Significantly more buyers stayed: {names:names}", names=above)
    if compared < 2:
        return say("Too few units are large enough to compare them")
    return say("Between the units no difference is larger than chance gives; units: {n:count}", n=compared)


def common_period(calendar: Calendar, earlier: Calendar | None, wanted: int | None) -> int | None:
    """Longest of 12, 3 and 1 months with a complete period at both dates, in the same months of the year; else None.

    Examples
    --------
    >>> now, before = (Calendar(dt.date(2023, 7, 1), dt.date(year, 1, 1)) for year in (2026, 2025))
    >>> common_period(now, before, None)
    3
    >>> print(common_period(now, Calendar(dt.date(2023, 7, 1), dt.date(2025, 10, 1)), None))  # autumn against summer
    None
    """
    if earlier is None:
        return None
    for months in (wanted,) if wanted else LENGTHS:
        periods = [day.retention_period(months) for day in (calendar, earlier)]
        if len({start.month for start, _ in filter(None, periods)}) == 1 and all(periods):
            return months
    return None


@finds(RETENTION_MIX)
def mix_or_rate(
    now: pd.DataFrame | None, before: pd.DataFrame | None, months: int | None, calendar: Calendar, rules: Retention
) -> Finding:
    """Whether the retained share moved because groups stay differently or because there are more of the other groups.

    Compared are two periods of the same length, the last one and the last one at the comparison date; `mix_and_rate`
    parts the change by every grouping. When the whole moved one way and every group of at least `min_cell` buyers the
    other (Simpson's paradox), the finding says so first.

    Parameters
    ----------
    now, before : DataFrame, optional
        From `base_groups` at the two dates; None where there is nothing to compare with.
    months : int, optional
        Length of both periods, from `common_period`.
    calendar : Calendar
        At the reference date.
    rules : params.Retention
        `min_cell`.

    Returns
    -------
    Finding
        Table ``retention_mix``; numbers ``mix.<grouping>``, ``rate.<grouping>``.
    """
    question = say("Did retention change, or the mix of buyers?")
    if now is None or before is None or now.empty or before.empty or months is None:
        return Finding(
            name=RETENTION_MIX.name,
            question=question,
            sentence=say("A change of retention cannot be measured"),
            table=RETENTION_MIX.empty(),
            numbers=absent_numbers(["mix.orders", "rate.orders"], "no earlier period of the same length with buyers"),
            absent=say(
                "Not measurable: there is no earlier period of the same months of the year with buyers before it."
            ),
        )
    listed = [g.value for g in StayGrouping if {g.value} <= set(now["grouping"]) & set(before["grouping"])]
    table = RETENTION_MIX.conform(
        pd.DataFrame([_mix_row(grouping, now, before, rules) for grouping in listed], columns=RETENTION_MIX.names)
    )
    last = calendar.retention_period(months)
    assert last is not None
    effects = {f"{name}.{row['grouping']}": row[f"{name}_effect"] for row in table.to_dict("records")
               for name in ("mix", "rate")}  # fmt: skip
    reversed_by = table[table["is_reversed"]]
    return Finding(
        name=RETENTION_MIX.name,
        question=question,
        sentence=_mix_sentence(table, reversed_by, shown_days(*last)),
        table=table,
        numbers=effects,
        sub=say(
            "Change of the retained share against the period at the comparison date, both of {n:count} months, the "
            "last {period:period}, in points: part of it that is mix, part that is rate",
            n=months,
            period=shown_days(*last),
        ),
        base=say("Buyers of the base: {before:count} then, {now:count} now.",
                 before=int(table["buyers_before"].iloc[0]), now=int(table["buyers_now"].iloc[0])),
        show=("grouping", "groups", "share_before", "share_now", "change", "mix_effect", "rate_effect"),
        caveats=reversed_caveats([StayGrouping(one) for one in reversed_by["grouping"]]),
    )  # fmt: skip


def _mix_row(grouping: str, now: pd.DataFrame, before: pd.DataFrame, rules: Retention) -> dict[str, Any]:
    one, other = (_counts(groups[groups["grouping"] == grouping]) for groups in (now, before))
    mix, rate = mix_and_rate(one, other)
    share, was = (float(counts["kept"].sum() / counts["buyers"].sum()) for counts in (one, other))
    return {
        "grouping": grouping,
        "groups": len(one.index.union(other.index)),
        "buyers_before": int(other["buyers"].sum()),
        "buyers_now": int(one["buyers"].sum()),
        "share_before": was,
        "share_now": share,
        "change": share - was,
        "mix_effect": mix,
        "rate_effect": rate,
        "is_reversed": is_reversed(one, other, rules.min_cell),
    }


def _counts(groups: pd.DataFrame) -> pd.DataFrame:
    unit = groups["unit"].astype("str").fillna("")
    counts = groups.groupby(unit, sort=True)["is_retained"].agg(["size", "sum"]).astype("int64")
    return counts.set_axis(["buyers", "kept"], axis=1)


def _mix_sentence(table: pd.DataFrame, reversed_by: pd.DataFrame, period: tuple[dt.date, dt.date]) -> Message:
    row = (reversed_by if len(reversed_by) else table).iloc[0]
    values = {"was": float(row["share_before"]), "now": float(row["share_now"]), "period": period}
    if len(reversed_by):
        grouping = StayGrouping(row["grouping"])
        if row["change"] > 0:
            return say(
                "The retained share rose from {was:share} to {now:share} in {period:period}, yet it fell in every "
                "group by: {by}",
                **values,
                by=grouping,
            )
        return say(
            "The retained share fell from {was:share} to {now:share} in {period:period}, yet it rose in every group "
            "by: {by}",
            **values,
            by=grouping,
        )
    widest = table.iloc[int(table["mix_effect"].abs().argmax())]
    if not round(widest["mix_effect"], 3):
        return say(
            "Retained share in {period:period}: {now:share}, at the comparison date {was:share}; the mix of buyers "
            "explains none of the change",
            **values,
        )
    return say(
        "Retained share in {period:period}: {now:share}, at the comparison date {was:share}; the mix of buyers by {by} "
        "moved it by {mix:points}, the rate within the groups by {rate:points}",
        **values,
        by=StayGrouping(widest["grouping"]),
        mix=float(widest["mix_effect"]),
        rate=float(widest["rate_effect"]),
    )
