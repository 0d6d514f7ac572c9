"""Who moved between two dates: from class to class, with the money, and how far the whole has shifted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.rounding import FINE_DIGITS, significant
from kam_analysis.findings import NOTHING_BEFORE, Caveat, Finding, Grid, Message, Show, Weight, absent_numbers, say
from kam_analysis.money import SCALE, exact
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import AbcClass, Labelled, LadderStep, LifeCycle, RfmSegment, Segmentation, XyzClass

_NET_SALES = col.money("net_sales", say("Net sales now"))

RFM_MOVES = Table(
    "rfm_moves",
    "one pair of RFM segments, at the comparison date and now, that a buyer has",
    (
        col.member("rfm_segment_before", say("Segment before"), "At the comparison date.", RfmSegment),
        col.member("rfm_segment", say("Segment now"), "At the reference date.", RfmSegment),
        col.CUSTOMERS("Buyers who made this move.", low=1),
        col.SHARE("Of the buyers in the segment before who still stand in one.", nullable=False),
        _NET_SALES("Of the window of the scores that ends now."),
    ),
    ("rfm_segment_before", "rfm_segment"),
)

ABC_MOVES = Table(
    "abc_moves",
    "one pair of classes of value, at the comparison date and now",
    (
        col.member("abc_before", say("Class before"), "At the comparison date.", AbcClass),
        col.member("abc", say("Class now"), "At the reference date.", AbcClass),
        col.CUSTOMERS("Customers who made this move."),
        col.SHARE("Of the customers in the class before; sums to 1."),
        _NET_SALES("Of the window of the classes that ends now."),
    ),
    ("abc_before", "abc"),
)


class ShiftVerdict(Labelled):
    """How far the shares of the classes have shifted."""

    SMALL = "small", say("small")
    MODERATE = "moderate", say("moderate")
    LARGE = "large", say("large")


SEGMENT_SHIFTS = Table(
    "segment_shifts",
    "one way to divide the customers",
    (
        col.member("segmentation", say("Divided by"), "The segmentation.", Segmentation),
        col.CUSTOMERS_BEFORE("Classed at the comparison date."),
        col.CUSTOMERS("Classed at the reference date."),
        col.ratio(
            "psi",
            say("Stability index"),
            "Population stability index of the shares; 0 is the same; missing without customers on either date.",
            nullable=True,
            low=0,
        ),
        col.ratio(
            "psi_by_chance",
            say("By chance, up to"),
            "Index that chance exceeds in 5 of 100 cases between samples of this size.",
            nullable=True,
            low=0,
        ),
        col.member("verdict", say("Shift"), "How far.", ShiftVerdict, nullable=True, absent=say("not measurable")),
    ),
    ("segmentation",),
)


MODERATE_SHIFT, LARGE_SHIFT = 0.10, 0.25
CHANCE_LEVEL = 0.95
BEST_FIRST = tuple(segment.value for segment in RfmSegment)
SHOWN_MOVES = 12
NOTHING = "nothing to compare with"
CLASSES: Mapping[Segmentation, tuple[str, type[Labelled]]] = {
    Segmentation.RFM: ("rfm_segment", RfmSegment),
    Segmentation.ABC: ("abc", AbcClass),
    Segmentation.XYZ: ("xyz", XyzClass),
    Segmentation.LADDER: ("ladder", LadderStep),
    Segmentation.LIFE_CYCLE: ("life_cycle", LifeCycle),
}


def pairs_of_classes(
    before: pd.DataFrame, now: pd.DataFrame, column: str, members: type[Labelled], money: str = "net_sales"
) -> pd.DataFrame:
    """Customers of two dates per pair of classes, with their share of the class before and their money now.

    Parameters
    ----------
    before, now : DataFrame
        One customer per row with customer_id and `column`; `now` with `money` too.
    column : str
        Name of the class.
    members : type of Labelled
        All classes; every pair has a row.
    money : str
        Column of `now` that is added up.

    Returns
    -------
    DataFrame
        ``<column>_before``, `column`, customers, share (of the class before; missing where nobody was in it), `money`.

    Examples
    --------
    >>> before = pd.DataFrame({"customer_id": ["a", "b"], "abc": ["A", "A"]})
    >>> now = pd.DataFrame({"customer_id": ["a", "b"], "abc": ["A", "C"], "net_sales": [9.0, 1.0]})
    >>> pairs = pairs_of_classes(before, now, "abc", AbcClass)
    >>> pairs[pairs["customers"] > 0].values.tolist()
    [['A', 'A', 1, 0.5, 9.0], ['A', 'C', 1, 0.5, 1.0]]
    """
    names, old = [member.value for member in members], f"{column}_before"
    pairs = before[["customer_id", column]].merge(now, on="customer_id", suffixes=("_before", ""))
    sums = (
        pairs.assign(customers=1, money=exact(pairs[money]))
        .groupby([old, column])[["customers", "money"]]
        .sum()
        .reindex(pd.MultiIndex.from_product([names, names], names=[old, column]), fill_value=0)
    )
    of_class = sums.groupby(old)["customers"].transform("sum")
    made = sums.assign(share=sums["customers"] / of_class.where(of_class > 0), **{money: sums["money"] / SCALE})
    return made.drop(columns="money").reset_index()[[old, column, "customers", "share", money]]


@finds(RFM_MOVES)
def rfm_moves(
    scores: pd.DataFrame, scores_before: pd.DataFrame, calendar: Calendar, calendar_before: Calendar | None
) -> Finding:
    """From which RFM segment to which the buyers have moved, those who fell with the most money first.

    A buyer fell when the segment now stands lower than the one before in the order of the segment table, from champions
    down to gone.

    Parameters
    ----------
    scores, scores_before : DataFrame
        From `rfm_scores` at the two dates.
    calendar, calendar_before : Calendar
        The two dates; without the second, or without a buyer then, the finding is absent.

    Returns
    -------
    Finding
        Table ``rfm_moves``: only moves that happened, staying included; numbers rfm.moved_down, rfm.moved_up,
        rfm.champions_kept (share of the champions then).

    Notes
    -----
    Buyers since then are in no row. Scores by rank compare a buyer with the others of the date: one can fall although
    nothing changed but the others; with ``scores: thresholds`` a move is the buyer's own. Source: definitions, RFM.
    """
    names = ("rfm.moved_down", "rfm.moved_up", "rfm.champions_kept")
    is_absent = calendar_before is None or scores_before.empty
    pairs = pairs_of_classes(scores_before, scores, "rfm_segment", RfmSegment)
    place = {name: number for number, name in enumerate(BEST_FIRST)}
    fall = pairs["rfm_segment"].map(place).to_numpy() - pairs["rfm_segment_before"].map(place).to_numpy()
    happened = pairs.assign(fall=np.sign(fall)).query("customers > 0")
    table = RFM_MOVES.conform(
        happened.sort_values(["fall", "net_sales", "customers"], ascending=False, kind="stable", ignore_index=True)
    )
    down, up = (int(happened.loc[happened["fall"] == sign, "customers"].sum()) for sign in (1, -1))
    kept = _share_of(pairs, "rfm_segment", RfmSegment.CHAMPIONS)
    measured = {names[0]: down, names[1]: up} | _kept(names[2], kept)
    return Finding(
        RFM_MOVES.name,
        question=say("Who moved between the segments?"),
        sentence=NOTHING_BEFORE if is_absent else _fall_sentence(happened, down, up),
        table=table,
        numbers=absent_numbers(names, NOTHING) if is_absent else measured,
        sub=say("Buyers per move; first those who fell, by their net sales now; down: towards “gone”"),
        base=_base(len(scores_before), calendar, calendar_before),
        show=("rfm_segment_before", "rfm_segment", Show("customers", bar=True), "share", "net_sales"),
        most_rows=SHOWN_MOVES,
        caveats=[
            Caveat(
                say("Scores by rank move with the others"),
                say("A buyer can fall because others rose. For moves of its own set segments.rfm.scores: thresholds."),
                Weight.GREEN,
            )
        ],
        absent=NOTHING_BEFORE if is_absent else None,
    )


def _share_of(pairs: pd.DataFrame, column: str, member: Labelled) -> float | None:
    rows = pairs[(pairs[f"{column}_before"] == member.value) & (pairs[column] == member.value)]
    share = rows["share"].iloc[0]
    return None if pd.isna(share) else float(share)


def _kept(name: str, share: float | None) -> dict[str, Any]:
    return absent_numbers([name], "nobody was in the class then") if share is None else {name: share}


def _fall_sentence(happened: pd.DataFrame, down: int, up: int) -> Message:
    fell = happened[(happened["fall"] > 0)].sort_values(["net_sales", "customers"], ascending=False, kind="stable")
    if fell.empty:
        return say("Nobody fell to a lower segment; risen: {up:count}.", up=up)
    first = fell.iloc[0]
    return say(
        "Buyers who fell to a lower segment: {down:count}; rose: {up:count}. The largest sales fell "
        "from “{before}” to “{now}”: {money:money} (buyers: {n:count}).",
        down=down,
        up=up,
        before=RfmSegment(first["rfm_segment_before"]),
        now=RfmSegment(first["rfm_segment"]),
        n=int(first["customers"]),
        money=float(first["net_sales"]),
    )


@finds(ABC_MOVES)
def abc_moves(
    abc: pd.DataFrame, abc_before: pd.DataFrame, calendar: Calendar, calendar_before: Calendar | None
) -> Finding:
    """Who rose into class A and who fell out of it.

    Parameters
    ----------
    abc, abc_before : DataFrame
        From `with_classes` at the two dates.
    calendar, calendar_before : Calendar
        The two dates; without the second, or without a customer then, the finding is absent.

    Returns
    -------
    Finding
        Table ``abc_moves``, one row per pair of classes; numbers abc.kept_a (share of A then), abc.fell_from_a,
        abc.rose_to_a, abc.new_in_a (not yet a customer then).

    Notes
    -----
    Customers since then are in no row of the table and counted in the sentence. Source: definitions, ABC.
    """
    names = ("abc.kept_a", "abc.fell_from_a", "abc.rose_to_a", "abc.new_in_a")
    is_absent = calendar_before is None or abc_before["abc"].notna().sum() == 0
    table = ABC_MOVES.conform(pairs_of_classes(abc_before, abc, "abc", AbcClass))
    was_a, is_a = table["abc_before"] == AbcClass.A.value, table["abc"] == AbcClass.A.value
    fell, rose = (int(table.loc[rows, "customers"].sum()) for rows in (was_a & ~is_a, ~was_a & is_a))
    in_a = abc.loc[abc["abc"] == AbcClass.A.value, "customer_id"]
    new = int((~in_a.isin(abc_before["customer_id"])).sum())
    kept = _share_of(table, "abc", AbcClass.A)
    measured = _kept(names[0], kept) | dict(zip(names[1:], (fell, rose, new), strict=True))
    return Finding(
        ABC_MOVES.name,
        question=say("Who rose into class A, and who fell out of it?"),
        sentence=NOTHING_BEFORE if is_absent else _abc_sentence(kept, fell, rose, new),
        table=table,
        numbers=absent_numbers(names, NOTHING) if is_absent else measured,
        sub=say(
            "Share of the customers of a class before (rows) that are in a class now (columns), and their net sales"
        ),
        base=_base(int(abc_before["abc"].notna().sum()), calendar, calendar_before),
        grid=Grid("abc_before", "abc", "share", ("customers", "net_sales")),
        absent=NOTHING_BEFORE if is_absent else None,
    )


def _abc_sentence(kept: float | None, fell: int, rose: int, new: int) -> Message:
    if kept is None:
        return say("Nobody was in class A then.")
    if not new:
        return say(
            "{kept:share} of the earlier class A are still in A. Fell out: {fell:count}; rose into it: {rose:count}.",
            kept=kept,
            fell=fell,
            rose=rose,
        )
    return say(
        "{kept:share} of the earlier class A are still in A. Fell out: {fell:count}; rose into it: "
        "{rose:count}, and {new:count} more who were not customers then.",
        kept=kept,
        fell=fell,
        rose=rose,
        new=new,
    )


def stability_index(before: npt.ArrayLike, now: npt.ArrayLike) -> float | None:
    """Population stability index: how far the shares of the classes have shifted.

    Formula: Σ (p₁ − p₀)·ln(p₁/p₀) over classes; half a customer stands in for an empty class, so that nobody moving
    into it does not make the index infinite; classes empty on both dates are left out.

    Parameters
    ----------
    before, now : array-like
        Customers per class at the two dates, same order.

    Returns
    -------
    float or None
        0 for the same shares; None when either date has no customer.

    Examples
    --------
    (0.8 − 0.5)·ln(0.8/0.5) + (0.2 − 0.5)·ln(0.2/0.5) = 0.3·ln 4.

    >>> round(float(stability_index([5, 5], [8, 2]) / np.log(4)), 6)
    0.3
    """
    counts = np.array([before, now], dtype=np.float64)
    if (counts.sum(axis=1) == 0).any():
        return None
    kept = np.maximum(counts[:, counts.sum(axis=0) > 0], 0.5)
    share = kept / kept.sum(axis=1, keepdims=True)
    return float(significant(((share[1] - share[0]) * np.log(share[1] / share[0])).sum(), FINE_DIGITS))


def chance_shift(classes: int, before: int, now: int) -> float:
    """Index that chance exceeds in 5 of 100 cases between two samples of the same population: χ²·(1/n₀ + 1/n₁).

    χ² is the 95th percentile with one degree of freedom less than there are classes.

    Notes
    -----
    Source: Yurdakul (2018). The customers of the two dates are largely the same, so the index moves less than that.

    Examples
    --------
    3.8415 with one degree of freedom, and 1/100 + 1/100.

    >>> round(chance_shift(2, 100, 100), 4)
    0.0768
    """
    from scipy.special import chdtri

    if classes < 2:
        return 0.0
    return float(significant(chdtri(classes - 1, 1 - CHANCE_LEVEL), FINE_DIGITS)) * (1 / before + 1 / now)


@finds(SEGMENT_SHIFTS)
def segment_shifts(
    now: Mapping[Segmentation, pd.DataFrame],
    before: Mapping[Segmentation, pd.DataFrame],
    calendar: Calendar,
    calendar_before: Calendar | None,
) -> Finding:
    """Which segmentations have shifted so far that their plans should be looked at again.

    The population stability index of the shares of the classes at the two dates: large from 0.25, moderate from 0.10,
    and only where it is more than chance gives.

    Parameters
    ----------
    now, before : mapping of Segmentation to DataFrame
        Per segmentation one customer per row with its class, at the two dates.
    calendar, calendar_before : Calendar
        The two dates; without the second the finding is absent.

    Returns
    -------
    Finding
        Table ``segment_shifts``; numbers ``psi.<segmentation>``.
    """
    rows = [_shift(segmentation, now[segmentation], before[segmentation]) for segmentation in CLASSES]
    table = SEGMENT_SHIFTS.conform(pd.DataFrame(rows))
    is_absent = calendar_before is None or not table["customers_before"].any()
    names = [f"psi.{segmentation}" for segmentation in CLASSES]
    measured: dict[str, object] = {}
    for name, psi in zip(names, table["psi"], strict=True):
        measured |= (
            absent_numbers([name], "nobody is classed on one of the dates") if pd.isna(psi) else {name: float(psi)}
        )
    return Finding(
        SEGMENT_SHIFTS.name,
        question=say("Do the segments still describe the customers?"),
        sentence=NOTHING_BEFORE if is_absent else _shift_sentence(table),
        table=table,
        numbers=absent_numbers(names, NOTHING) if is_absent else measured,
        sub=say(
            "Population stability index between the two dates; from {moderate:num2} moderate, from "
"{large:num2} large, if significant",
            moderate=MODERATE_SHIFT,
            large=LARGE_SHIFT,
        ),
        base=_dates(calendar, calendar_before),
        show=(
            "segmentation", "customers_before", "customers", Show("psi", bar=True), "psi_by_chance",
            Show("verdict", chip=True, strong=(ShiftVerdict.LARGE,)),
        ),
        absent=NOTHING_BEFORE if is_absent else None,
    )  # fmt: skip


def _shift(segmentation: Segmentation, now: pd.DataFrame, before: pd.DataFrame) -> dict[str, object]:
    column, members = CLASSES[segmentation]
    names = [member.value for member in members]
    then, today = (frame[column].value_counts().reindex(names, fill_value=0) for frame in (before, now))
    psi, sizes = stability_index(then, today), (int(then.sum()), int(today.sum()))
    chance = None if psi is None else chance_shift(int((then + today > 0).sum()), *sizes)
    return {
        "segmentation": segmentation.value,
        "customers_before": sizes[0],
        "customers": sizes[1],
        "psi": psi,
        "psi_by_chance": chance,
        "verdict": _verdict(psi, chance),
    }


def _verdict(psi: float | None, chance: float | None) -> str | None:
    if psi is None or chance is None:
        return None
    if psi < MODERATE_SHIFT or psi <= chance:
        return ShiftVerdict.SMALL.value
    return (ShiftVerdict.LARGE if psi >= LARGE_SHIFT else ShiftVerdict.MODERATE).value


def _shift_sentence(table: pd.DataFrame) -> Message:
    named = [
        [Segmentation(name) for name in table.loc[table["verdict"] == verdict.value, "segmentation"]]
        for verdict in (ShiftVerdict.LARGE, ShiftVerdict.MODERATE)
    ]
    if named[0]:
        return say("Large shift, review the plans per segment: {names:names}", names=_labels(named[0]))
    if named[1]:
        return say("Moderate shift: {names:names}; no large shift", names=_labels(named[1]))
    return say("No segmentation has shifted: the shares of the segments are about the same as before")


def _labels(named: Sequence[Segmentation]) -> list[Message]:
    return [say("{name}", name=segmentation) for segmentation in named]


def _dates(calendar: Calendar, calendar_before: Calendar | None) -> Message | None:
    if calendar_before is None:
        return None
    return say("Between {then:date} and {day:date}", then=calendar_before.last_day, day=calendar.last_day)


def _base(n: int, calendar: Calendar, calendar_before: Calendar | None) -> Message:
    if calendar_before is None:
        return say("Customers: {n:count}.", n=n)
    return say(
        "Customers on {then:date}, compared on {day:date}: {n:count}",
        n=n,
        then=calendar_before.last_day,
        day=calendar.last_day,
    )
