"""Whom to ask for at a customer, and what came of the last contact."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.findings import say
from kam_analysis.vocabulary import ContactKind

CONTACT = (
    col.ASK_FOR,
    col.ROLE("Of the contact person, in the words of the source."),
    col.date("last_on", say("Last contact"), "Or last result of a call, before the reference date.", nullable=True),
    col.member("last_kind", say("Kind of contact"), "Of the last contact.", ContactKind, nullable=True),
    col.value("channel", say("Channel"), "Of the last contact, in the words of the source.", nullable=True),
    col.value("outcome", say("Last outcome"), "Result, else reason, in the words of the source.", nullable=True),
)


INFLUENCE = ("high", "medium", "low")
LEVELS = ("top", "middle", "staff")
COLUMNS = [column.name for column in CONTACT]


def last_contacts(
    contacts: pd.DataFrame, interactions: pd.DataFrame, done: pd.DataFrame, as_of: dt.date
) -> pd.DataFrame:
    """Say whom to ask for at each customer, and when and how somebody was last in contact with what outcome.

    The person is the one with most influence (high, medium, low, anything else), then on the highest level (top,
    middle, staff, anything else), ties by name. The last contact is the latest interaction or result of a call before
    `as_of`; of one day the result of a call, then the outcome that comes last as text.

    Parameters
    ----------
    contacts, interactions : DataFrame
        Optional tables; empty where the source has none.
    done : DataFrame
        ``calls_done``.
    as_of : date
        First day not analysed; what is dated on or after it is not known yet.

    Returns
    -------
    DataFrame
        customer_id, person, role, last_on, last_kind, channel, outcome; one row per customer with one of them.

    Examples
    --------
    >>> people = pd.DataFrame({"customer_id": "a", "person": ["Ana", "Bojan"], "role": ["buyer", "owner"],
    ...     "level": ["top", "top"], "influence": ["low", "High"]})
    >>> nothing = pd.DataFrame(columns=["customer_id", "date", "type", "channel", "result", "reason"])
    >>> calls = pd.DataFrame(columns=["customer_id", "done_on", "result"])
    >>> last_contacts(people, nothing, calls, dt.date(2026, 1, 1))["person"].tolist()
    ['Bojan']
    """
    ordered = contacts.assign(
        influence=_places(contacts["influence"], INFLUENCE), level=_places(contacts["level"], LEVELS)
    ).sort_values(["customer_id", "influence", "level", "person"], kind="stable")
    person = ordered.drop_duplicates("customer_id")[["customer_id", "person", "role"]]
    kinds = [kind.value for kind in ContactKind]
    types = interactions["type"].astype("str").str.strip().str.lower()
    met = interactions.assign(
        last_on=interactions["date"],
        last_kind=types.where(types.isin(kinds), ContactKind.OTHER.value),
        outcome=interactions["result"].fillna(interactions["reason"]),
        is_call=False,
    )
    called = done.assign(last_on=done["done_on"], last_kind=ContactKind.CALL.value, channel=None, is_call=True)
    called = called.assign(outcome=called["result"])
    parts = [frame[["customer_id", "is_call", *COLUMNS[2:]]] for frame in (met, called) if len(frame)]
    both = pd.concat(parts) if parts else met.reindex(columns=["customer_id", "is_call", *COLUMNS[2:]])
    known = both[both["last_on"] < pd.Timestamp(as_of)]
    last = known.sort_values(["last_on", "is_call", "outcome"], na_position="first", kind="stable")
    last = last.drop_duplicates("customer_id", keep="last")
    found = person.merge(last, on="customer_id", how="outer")
    return found[["customer_id", *COLUMNS]].sort_values("customer_id", ignore_index=True)


def _places(words: pd.Series, order: tuple[str, ...]) -> pd.Series:
    places = {word: place for place, word in enumerate(order)}
    return words.astype("str").str.strip().str.lower().map(places).fillna(len(order)).astype("int64")
