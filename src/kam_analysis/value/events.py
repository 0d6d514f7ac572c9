"""What was ordered in the weeks after an event against those before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Caveat, Finding, Message, absent_numbers, say
from kam_analysis.tables import Table, finds
from kam_analysis.value.spending import NO_SPEND

EVENT_WEEKS = Table(
    "event_weeks",
    "one named event",
    (
        col.EVENT("As named in the table spend."),
        col.count("occasions", say("Days"), "Different days on which it occurs.", low=1),
        col.AMOUNT("Money spent, all its rows."),
        col.count("compared", say("Compared"), "Days with four clear weeks on both sides."),
        col.money("sales_before", say("Net sales before"), "Mean net sales of 28 days before.", nullable=True),
        col.money("sales_after", say("Net sales after"), "Mean net sales of 28 days from the day on.", nullable=True),
        col.CHANGE("After over before, less 1.", nullable=True, low=-1e9),
        col.count("compared_year_ago", say("Compared a year earlier"), "Days with a year before them."),
        col.change(
            "change_year_ago",
            say("Same weeks a year earlier"),
            "The same change 52 weeks before those days.",
            nullable=True,
        ),
        col.number("new_before", say("New before"), "Mean first orders of 28 days before.", nullable=True, low=0),
        col.number("new_after", say("New after"), "Mean first orders of 28 days from the day on.", True, 0),
    ),
    ("event",),
)


EVENT_DAYS = 28
YEAR_DAYS = 364
MOST_ROWS = 12


@finds(EVENT_WEEKS)
def what_came_after_events(spend: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar) -> Finding:
    """What every event cost, and what was ordered in the four weeks after it against the four before.

    Events are the rows with an event named; days on which the same one occurs are its occasions. Compared are those
    with 28 whole days of data on both sides and no other occasion of the same event in them; the day itself belongs to
    the time after. Net sales of orders and first orders are means per compared occasion, of all customers, because the
    table does not say whom an event touched. The change 52 weeks earlier shows what the season alone may do.

    Parameters
    ----------
    spend, orders : DataFrame
        ``spend``, ``customer_orders``.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    Finding
        Table ``event_weeks``, dearest first; numbers events.named, events.occasions, events.compared. Not measurable
        without a named event.

    Notes
    -----
    No effect is claimed: many things happen in eight weeks.
    """
    question = say("What was ordered after an event, and what before?")
    names = ("events.named", "events.occasions", "events.compared")
    inside = (spend["date"] >= pd.Timestamp(calendar.first_order_on)) & (spend["date"] < pd.Timestamp(calendar.as_of))
    known = spend[inside & spend["event"].notna()]
    if known.empty:
        no_event = say("Not measurable: the table spend names no event within the time of the data.")
        return Finding(
            name=EVENT_WEEKS.name,
            question=question,
            sentence=say("Events cannot be measured"),
            table=EVENT_WEEKS.empty(),
            numbers=absent_numbers(names, "no table spend" if spend.empty else "no event is named"),
            absent=NO_SPEND if spend.empty else no_event,
        )
    days = _daily(orders, calendar)
    rows = [_event_row(part, days, calendar) | {"event": event} for event, part in known.groupby("event", sort=True)]
    table = EVENT_WEEKS.conform(
        pd.DataFrame(rows, columns=EVENT_WEEKS.names).sort_values(
            "amount", ascending=False, kind="stable", ignore_index=True
        )
    )
    return Finding(
        name=EVENT_WEEKS.name,
        question=question,
        sentence=_sentence(table.iloc[0]),
        table=table,
        numbers={
            "events.named": len(table),
            "events.occasions": int(table["occasions"].sum()),
            "events.compared": int(table["compared"].sum()),
        },
        sub=say("Net sales to all customers in the four weeks after against the four before, mean per compared day"),
        base=say("Compared: days of an event with four clear weeks on both sides."),
        show=("event", "occasions", "amount", "compared", "sales_before", "sales_after",
              "change", "compared_year_ago", "change_year_ago", "new_before", "new_after"),
        most_rows=12,
        caveats=[
            Caveat(
                say("After is not because"),
                say(
                    "Season, other events and chance move orders too, and the table does not say whom an event "
                    "touched; compare with the same weeks a year earlier."
                ),
            )
        ],
    )  # fmt: skip


def _sentence(top: pd.Series) -> Message:
    if pd.isna(top["change"]):
        return say(
            "{event:value} cost most: {amount:money} on {n:count} days",
            event=str(top["event"]),
            amount=top["amount"],
            n=int(top["occasions"]),
        )
    return say(
        "{event:value} cost most; the four weeks after it brought {change:change} against the four "
        "before, days compared: {n:count}",
        event=str(top["event"]),
        change=top["change"],
        n=int(top["compared"]),
    )


def _daily(orders: pd.DataFrame, calendar: Calendar) -> npt.NDArray[np.int64]:
    start = pd.Timestamp(calendar.first_order_on)
    first = orders.groupby("customer_id")["ordered_on"].min()
    length = (pd.Timestamp(calendar.as_of) - start).days
    sums = np.zeros((2, length + 1), dtype=np.int64)
    np.add.at(sums[0], (orders["ordered_on"] - start).dt.days + 1, money.exact(orders["net_sales"]))
    np.add.at(sums[1], (first - start).dt.days + 1, 1)
    return sums.cumsum(axis=1)


def _event_row(part: pd.DataFrame, until: npt.NDArray[np.int64], calendar: Calendar) -> dict[str, Any]:
    held = part["date"].dt.normalize().drop_duplicates().sort_values()
    days = (held - pd.Timestamp(calendar.first_order_on)).dt.days.to_numpy()
    gaps = np.diff(days, prepend=-EVENT_DAYS, append=days[-1] + EVENT_DAYS)
    last = until.shape[1] - 1
    is_clear = (gaps[:-1] >= EVENT_DAYS) & (gaps[1:] >= EVENT_DAYS)
    chosen = days[is_clear & (days >= EVENT_DAYS) & (days + EVENT_DAYS <= last)]
    row: dict[str, Any] = {
        "occasions": len(days),
        "amount": money.total(part["amount"]),
        "compared": len(chosen),
        "compared_year_ago": 0,
    }
    if not len(chosen):
        return row
    before, after = _around(until, chosen)
    earlier = chosen[chosen - YEAR_DAYS >= EVENT_DAYS] - YEAR_DAYS
    then = _around(until, earlier) if len(earlier) else (np.zeros(2), np.zeros(2))
    return row | {
        "compared_year_ago": len(earlier),
        "sales_before": before[0] / money.SCALE,
        "sales_after": after[0] / money.SCALE,
        "change": after[0] / before[0] - 1 if before[0] > 0 else None,
        "change_year_ago": then[1][0] / then[0][0] - 1 if then[0][0] > 0 else None,
        "new_before": before[1],
        "new_after": after[1],
    }


def _around(
    until: npt.NDArray[np.int64], days: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    at = until[:, days]
    return (at - until[:, days - EVENT_DAYS]).mean(axis=1), (until[:, days + EVENT_DAYS] - at).mean(axis=1)
