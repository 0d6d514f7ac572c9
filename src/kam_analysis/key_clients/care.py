"""How well every key client is looked after: a named manager, more than one contact person, visits."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.key_list import KeyList
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say, say_n
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class ManagerState(Labelled):
    """Whether a key client has a manager who is responsible for it."""

    NAMED = "named", say("named")
    UNLISTED = "unlisted", say("not on the list of managers")
    NOBODY = "nobody", say("nobody")


class Contacts(Labelled):
    """On how many people of the client the relation hangs."""

    NONE = "none", say("none on record")
    ONE = "one", say("one person")
    SEVERAL = "several", say("several people")


KEY_CARE = Table(
    "key_care",
    "one key account",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MANAGER("The customer's manager."),
        col.member("manager_state", say("Named manager"), "Whether somebody is responsible.", ManagerState),
        col.ROLE("Of the manager."),
        col.member(
            "contacts",
            say("Contact persons"),
            "On how many people the relation hangs; missing without a table of contacts.",
            Contacts,
            nullable=True,
        ),
        col.count("people", say("People"), "Different persons on record.", nullable=True),
        col.count("levels", say("On levels"), "Different levels of these persons.", nullable=True),
        col.date("last_visit_on", say("Last visit"), "Latest visit on record.", nullable=True),
        col.days("days_since_visit", say("Days since"), "From the last visit to the reference date.", True, 1),
    ),
    ("account_id",),
)


VISIT = "visit"
MOST_SHOWN = 10


def care_of(
    now: KeyList, managers: pd.DataFrame, contacts: pd.DataFrame, interactions: pd.DataFrame, calendar: Calendar
) -> pd.DataFrame:
    """Manager, contact persons and last visit of every key account, over all its members.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    managers, contacts, interactions : DataFrame
        Optional tables; empty where the source has none. A manager counts as named when the list of managers is empty
        or has him. Visits from the reference date on are not known yet.
    calendar : Calendar
        Reference date.

    Returns
    -------
    DataFrame
        ``key_care``; contacts missing where the source has no table of contacts.
    """
    keys, account = now.keys, now.members.set_index("customer_id").account_id
    people_of, seen = (frame.assign(account_id=frame.customer_id.map(account)) for frame in (contacts, interactions))
    listed = set(managers.manager_id)
    named = [_manager_state(manager, listed).value for manager in keys.manager]
    roles = managers.drop_duplicates("manager_id").set_index("manager_id").role
    people = people_of.groupby("account_id").person.nunique()
    levels = people_of.groupby("account_id")["level"].nunique()
    is_visit = (seen.type == VISIT) & (seen.date < pd.Timestamp(calendar.as_of))
    visited = seen[is_visit].groupby("account_id").date.max()
    counted = people.reindex(keys.account_id, fill_value=0 if len(contacts) else None).to_numpy(dtype="float64")
    last_on = pd.Series(visited.reindex(keys.account_id).to_numpy(), index=keys.index)
    return KEY_CARE.conform(
        keys.assign(
            manager_state=named,
            role=roles.reindex(keys.manager).to_numpy(),
            people=counted,
            levels=levels.reindex(keys.account_id).to_numpy(),
            contacts=[None if pd.isna(number) else _contacts(float(number)).value for number in counted],
            last_visit_on=last_on,
            days_since_visit=(pd.Timestamp(calendar.as_of) - last_on).dt.days,
        )
    )


def _manager_state(manager: object, listed: set[str]) -> ManagerState:
    if not isinstance(manager, str):
        return ManagerState.NOBODY
    return ManagerState.NAMED if not listed or manager in listed else ManagerState.UNLISTED


def _contacts(number: float) -> Contacts:
    return Contacts.NONE if number < 1 else Contacts.ONE if number < 2 else Contacts.SEVERAL


@finds(KEY_CARE)
def key_care(
    now: KeyList,
    managers: pd.DataFrame,
    contacts: pd.DataFrame,
    interactions: pd.DataFrame,
    calendar: Calendar,
    rules: KeyClients,
) -> Finding:
    """Say which key clients hang on one person: on ours, on theirs, or on nobody.

    Absent when the data name neither a manager of a key client nor contact persons.

    Parameters
    ----------
    now, managers, contacts, interactions, calendar
        As in `care_of`.
    rules : KeyClients
        Days after which a visit is overdue.

    Notes
    -----
    Article C: the third mistake is that no special manager is assigned to a key client; the director knows and
    regularly visits the key clients; a file that holds one contact person is not good enough.
    """
    keys = now.keys
    table = _least_looked_after(care_of(now, managers, contacts, interactions, calendar), len(interactions) > 0, rules)
    question = say("Does every key client have its people?")
    if len(keys) and keys.manager.isna().all() and contacts.empty:
        absent = say("The source names no manager of a key client and holds no contact persons.")
        unknown = absent_numbers(["keys_without_named_manager", "keys_single_threaded"], "the source names nobody")
        return Finding("key_care", question, absent, table, unknown, absent=absent)
    unnamed = int((table.manager_state != ManagerState.NAMED).sum())
    thin = int(table.contacts.isin([Contacts.NONE, Contacts.ONE]).sum())
    numbers: dict[str, object] = {"keys_without_named_manager": unnamed, "keys_single_threaded": thin}
    if contacts.empty:
        numbers |= {"keys_single_threaded": None, "keys_single_threaded_absent": "the source holds no contacts"}
    shown: list[str | Show] = [
        "account_name",
        "manager",
        Show("manager_state", chip=True, strong=(ManagerState.NOBODY,)),
    ]
    shown += [Show("contacts", chip=True, strong=(Contacts.NONE, Contacts.ONE))] if len(contacts) else []
    shown += ["last_visit_on", "days_since_visit"] if len(interactions) else []
    return Finding(
        "key_care",
        question,
        _care_sentence(len(table), unnamed, None if contacts.empty else thin),
        table,
        numbers,
        sub=say("One person on either side who falls ill or changes the job takes the client's file along."),
        base=say("Key accounts: {n:count}. Contacts: different persons on record, by level.", n=len(table)),
        show=shown,
        most_rows=MOST_SHOWN,
        none=say("There is no key client."),
        caveats=_care_caveats(table, managers, contacts, interactions, rules) if len(table) else (),
    )


def _least_looked_after(table: pd.DataFrame, has_visits: bool, rules: KeyClients) -> pd.DataFrame:
    """Set the accounts that lack most first, largest first among equals."""
    lacks = (table.manager_state != ManagerState.NAMED).astype(int) + table.contacts.isin([Contacts.NONE, Contacts.ONE])
    lacks += has_visits & ~(table.days_since_visit <= rules.visit_days)
    return table.iloc[(-lacks).argsort(kind="stable")].reset_index(drop=True)


def _care_sentence(n: int, unnamed: int, thin: int | None) -> Message:
    if not n:
        return say("There is no key client to look after.")
    if thin is None and not unnamed:
        return say_n(
            "The only key client has a named manager; contact persons are not in the data.",
            "All {n:count} key clients have a named manager; contact persons are not in the data.",
            count="n",
            two="Both key clients have a named manager; contact persons are not in the data.",
            n=n,
        )
    if thin is None and n == 1:
        return say("The only key client has no named manager; contact persons are not in the data.")
    if thin is None:
        return say_n(
            "{k:count} of {n:count} key clients has no named manager; contact persons are not in the data.",
            "{k:count} of {n:count} key clients have no named manager; contact persons are not in the data.",
            count="k",
            k=unnamed,
            n=n,
        )
    if not thin:
        return say(
            "We know several contacts at every key client; without a named manager: {unnamed:count}.",
            unnamed=unnamed,
        )
    if n == 1:
        return say(
            "We know at most one contact at the only key client; without a named manager: {unnamed:count}.",
            unnamed=unnamed,
        )
    return say_n(
        "We know at most one contact at {k:count} of {n:count} key clients; without a named manager: {unnamed:count}.",
        "We know at most one contact at {k:count} of {n:count} key clients; without a named manager: {unnamed:count}.",
        count="k",
        k=thin,
        n=n,
        unnamed=unnamed,
    )


def _care_caveats(
    table: pd.DataFrame,
    managers: pd.DataFrame,
    contacts: pd.DataFrame,
    interactions: pd.DataFrame,
    rules: KeyClients,
) -> list[Caveat]:
    caveats = []
    unlisted = table[table.manager_state == ManagerState.UNLISTED]
    if len(unlisted):
        text = say(
            "These managers of key clients are not on the list of managers, perhaps because they left: {names:names}.",
            names=sorted(unlisted.manager.unique()),
        )
        caveats.append(Caveat(say("Managers who are not on the list"), text, Weight.RED))
    if len(interactions):
        overdue = table[~(table.days_since_visit <= rules.visit_days)]
        if len(overdue):
            text = say_n(
                "{n:count} key client was not visited in the last {days:count} days.",
                "{n:count} key clients were not visited in the last {days:count} days.",
                count="n",
                n=len(overdue),
                days=rules.visit_days,
            )
            caveats.append(Caveat(say("Visits"), text))
    missing = [
        name
        for name, frame in (
            (say("managers"), managers),
            (say("contact persons"), contacts),
            (say("visits"), interactions),
        )
        if frame.empty
    ]
    if missing:
        text = say("The source holds no table of: {names:names}.", names=missing)
        caveats.append(Caveat(say("What is not known of the care"), text, Weight.GREEN))
    return caveats
