"""What happened with each account, by date, and what its people are."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Finding, say
from kam_analysis.tables import CONTACTS, Table, finds
from kam_analysis.vocabulary import Labelled

MOST_EVENTS = 8
INFLUENCE, LEVELS = ("high", "medium", "low"), ("top", "middle", "staff")


class Event(Labelled):
    """What happened, or will."""

    COMPLAINT = "complaint", say("complaint")
    RETURN = "return", say("return")
    REFUSAL = "refusal", say("refusal")
    WIN_BACK = "win-back", say("win-back")
    VISIT = "visit", say("last visit")
    CALL = "call", say("last call")
    LAST_ORDER = "last_order", say("last order")
    NOTICE = "notice", say("last day to give notice")
    CONTRACT_END = "contract_end", say("end of the contract")


CASES = (Event.COMPLAINT.value, Event.RETURN.value, Event.REFUSAL.value, Event.WIN_BACK.value)
WEIGHTY = (Event.COMPLAINT.value, Event.REFUSAL.value, Event.WIN_BACK.value, Event.CONTRACT_END.value)

ACCOUNT_EVENTS = Table(
    "account_events",
    "one event of an account with a dossier: the last 12 months and the next six, the latest eight",
    (
        col.ACCOUNT_ID,
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.ON("Of the event."),
        col.member("event", say("What happened"), "Kind.", Event),
        col.value("detail", say("Detail"), "Reason, else result, in the words of the source.", nullable=True),
        col.flag(
            "is_weighty",
            say("Weighty"),
            "Complaint, refusal, win-back, end of a contract, or the order it stopped with.",
        ),
    ),
)

ACCOUNT_PEOPLE = Table(
    "account_people",
    "one contact person of an account with a dossier, most influence first",
    (
        col.ACCOUNT_ID,
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        CONTACTS["person"],
        col.ROLE("Role."),
        col.value("level", say("Level"), "Level.", nullable=True),
        col.value("influence", say("Influence"), "Influence.", nullable=True),
    ),
)


@finds(ACCOUNT_EVENTS)
def account_events(
    interactions: pd.DataFrame, contracts: pd.DataFrame, members: pd.DataFrame, heads: pd.DataFrame, calendar: Calendar
) -> Finding:
    """List what happened with each account in 12 months and which days of its contracts lie within six months.

    Complaints, returns, refusals and win-backs; of visits and calls the last one; the last order of a customer that has
    stopped; ends of contracts and last days of notice. The latest eight of an account, oldest first.

    Parameters
    ----------
    interactions : DataFrame
        ``interactions``; empty where the source has none.
    contracts : DataFrame
        ``account_contracts``.
    members, heads : DataFrame
        ``account_members``, ``account_pages``.
    calendar : Calendar
        At the reference date.
    """
    as_of, year_ago = pd.Timestamp(calendar.as_of), pd.Timestamp(calendar.year_ago)
    until = pd.Timestamp(add_months(calendar.as_of, 6))
    known = interactions[(interactions["date"] < as_of) & (interactions["date"] >= year_ago)]
    cases = known[known["type"].isin(CASES)].assign(event=known["type"], detail=known["reason"].fillna(known["result"]))
    met = known[known["type"].isin([Event.VISIT.value, Event.CALL.value])].sort_values("date", kind="stable")
    met = met.merge(members[["customer_id", "account_id"]], on="customer_id")
    met = met.drop_duplicates(["account_id", "type"], keep="last").assign(event=lambda rows: rows["type"])
    met = met.assign(detail=met["result"])
    stopped = heads.loc[heads["is_stopped"], "account_id"]
    last = members[members["account_id"].isin(stopped)].assign(event=Event.LAST_ORDER.value, detail=None)
    ends = contracts.assign(event=Event.CONTRACT_END.value, detail=None, on=contracts["end"])
    notice = contracts.assign(event=Event.NOTICE.value, detail=None, on=contracts["notice_on"])
    notice = notice[notice["on"] < notice["end"]]
    columns = ["customer_id", "on", "event", "detail"]
    parts = [
        cases.rename(columns={"date": "on"})[columns],
        met.rename(columns={"date": "on"})[columns],
        last.rename(columns={"last_order_on": "on"})[columns],
        ends[columns],
        notice[columns],
    ]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1])
    rows = rows[(rows["on"] >= year_ago) & (rows["on"] < until)]
    rows = rows.merge(members[["account_id", "customer_id", "customer_name"]], on="customer_id")
    rows = rows.assign(is_weighty=rows["event"].isin([*WEIGHTY, Event.LAST_ORDER.value]))
    ordered = rows.sort_values(["account_id", "on", "is_weighty", "event", "customer_id"], kind="stable")
    table = ACCOUNT_EVENTS.conform(ordered.groupby("account_id").tail(MOST_EVENTS).reset_index(drop=True))
    return Finding(
        ACCOUNT_EVENTS.name,
        say("What happened with each account?"),
        say("Events: {n:count}.", n=len(table)),
        table,
    )


@finds(ACCOUNT_PEOPLE)
def account_people(contacts: pd.DataFrame, members: pd.DataFrame) -> Finding:
    """List the contact persons of each account, most influence first, then the highest level, ties by name.

    Parameters
    ----------
    contacts : DataFrame
        ``contacts``; empty where the source has none. Birthdays and tastes are left out.
    members : DataFrame
        ``account_members``.
    """
    own = contacts.merge(members[["account_id", "customer_id", "customer_name"]], on="customer_id")
    order = {"influence": INFLUENCE, "level": LEVELS}
    places = {
        f"{name}_place": own[name].str.strip().str.lower().map(_places(words)).fillna(9)
        for name, words in order.items()
    }
    ordered = own.assign(**places).sort_values(["account_id", *places, "person", "customer_id"], ignore_index=True)
    table = ACCOUNT_PEOPLE.conform(ordered)
    return Finding(
        ACCOUNT_PEOPLE.name,
        say("Whom do we know at each account?"),
        say("Contact persons: {n:count}.", n=len(table)),
        table,
    )


def _places(words: tuple[str, ...]) -> dict[str, int]:
    return {word: place for place, word in enumerate(words)}
