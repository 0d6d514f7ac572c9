"""Exceptions: key accounts about which somebody must decide, each with its money, causes, owner and day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.consent import consent_of
from kam_analysis.findings import Finding, Message, Show, Tile, Words, say, say_n
from kam_analysis.params import Params
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Band, Consent, Decision, Trigger

EXCEPTIONS = Table(
    "exceptions",
    "one key account about which somebody must decide",
    (
        col.PLACE("By the value touched, ties by account id."),
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MEMBERS,
        col.SHARE_12M,
        col.OWNER("Manager with most of its net sales."),
        col.MANAGERS("Managers on its lines of the last 12 months."),
        col.money(
            "value_touched",
            say("A year's value"),
            "Margin of a year (net sales without a cost) of the members concerned.",
            low=0,
        ),
        col.LOST_CHANCE("Of the account; missing a year after its last order."),
        col.EXPECTED_LOSS("Of the account.", nullable=True),
        col.date("stopped_on", say("Stopped"), "Last order of an account that has stopped.", nullable=True),
        col.date("silent_on", say("Silent since"), "Last order of a member silent for too long.", nullable=True),
        col.date("contract_ended_on", say("Contract ended"), "Earliest end, where it is past.", nullable=True),
        col.date("contract_ends_on", say("Contract ends"), "Earliest end, where it lies ahead.", nullable=True),
        col.count("contracts", say("Contracts due"), "Where several end, ended or want notice.", nullable=True, low=2),
        col.date("refused_on", say("Refused"), "Latest refusal.", nullable=True),
        col.value("refusal_reason", say("Reason of the refusal"), "In the words of the source.", nullable=True),
        col.date("complained_on", say("Complained"), "Latest complaint.", nullable=True),
        col.value("complaint_reason", say("Reason of the complaint"), "In the words of the source.", nullable=True),
        col.date("win_back_on", say("Win-back failed"), "Latest failed win-back.", nullable=True),
        col.value("win_back_result", say("Result of the win-back"), "In the words of the source.", nullable=True),
        col.date("category_on", say("Category silent since"), "Last order of the category.", nullable=True),
        col.name("category", say("Silent category"), "No longer bought.", nullable=True),
        col.date("overdue_on", say("Payment due"), "Due date of the latest payment overdue.", nullable=True),
        col.date("declined_on", say("Declining since"), "First day of the quarter of the decline.", nullable=True),
        col.name("band_unit", say("More dependent unit"), "Missing for the company.", nullable=True),
        col.BAND_BEFORE("Of this unit."),
        col.member(
            "band_now",
            say("Band"),
            "Where a unit whose largest account it is moved up by a band or more.",
            Band,
            nullable=True,
        ),
        col.share("band_share_before", say("Largest share before"), "In this unit.", nullable=True),
        col.share("band_share", say("Its share"), "Of this unit's net sales.", nullable=True),
        col.date("contacted_on", say("Last contact"), "Latest visit or call to a member.", nullable=True),
        col.date(
            "no_contact_since",
            say("No contact since"),
            "Last contact, else the first day with one on record, where that is too long ago.",
            nullable=True,
        ),
        col.flag("has_refused_contact", say("Refuses contact"), "A member refused to be contacted."),
        col.member("decision", say("Decide"), "What is to be decided.", Decision),
        col.date("plan_due_on", say("Plan overdue since"), "Earliest day that passed undone.", nullable=True),
        col.text("plan_what", say("Overdue in the plan"), "The action, or the figure of the goal.", nullable=True),
        col.DUE_ON("Day by which to decide."),
    ),
    ("account_id",),
)


CONTACTS = ("visit", "call")
SILENT = (Trigger.UNUSUAL_SILENCE.value, Trigger.LIKELY_SILENT.value)
DATED = {
    Trigger.CONTRACT.value: "contract_ends_on",
    Trigger.REFUSAL.value: "refused_on",
    Trigger.COMPLAINT.value: "complained_on",
    Trigger.WIN_BACK.value: "win_back_on",
    Trigger.CATEGORY.value: "category_on",
    Trigger.PAYMENT.value: "overdue_on",
    Trigger.DECLINE.value: "declined_on",
}
CAUSES = {
    Trigger.REFUSAL.value: "refusal_reason",
    Trigger.COMPLAINT.value: "complaint_reason",
    Trigger.WIN_BACK.value: "win_back_result",
    Trigger.CATEGORY.value: "category",
}


def exceptions(
    keys: pd.DataFrame,
    members: pd.DataFrame,
    chances: pd.DataFrame,
    triggers: pd.DataFrame,
    dependence: pd.DataFrame,
    facts: pd.DataFrame,
    interactions: pd.DataFrame,
    customers: pd.DataFrame,
    calendar: Calendar,
    rules: Params,
    plans: pd.DataFrame,
) -> pd.DataFrame:
    """List the key accounts with an exception, from the tables that the stages before left.

    Parameters
    ----------
    keys, members : DataFrame
        ``key_list``, ``key_members``.
    chances : DataFrame
        ``customer_chances``.
    triggers, dependence : DataFrame
        ``triggers``, ``dependence``.
    facts : DataFrame
        ``customer_facts``.
    interactions, customers : DataFrame
        Optional tables; empty where the source has none.
    calendar : Calendar
        Its `as_of` is the first day not analysed.
    rules : Params
        `actions` and ``key_clients.visit_days``.
    plans : DataFrame
        From `plan_overdue`.

    Returns
    -------
    DataFrame
        ``exceptions``, see `account_exceptions`.
    """
    as_of, calls = calendar.as_of, rules.actions
    return account_exceptions(
        keys,
        members,
        chances,
        triggers,
        dependence,
        facts,
        interactions,
        customers,
        as_of,
        calls.contract_days,
        rules.key_clients.visit_days,
        calls.due_days[0],
        plans,
    )


def account_exceptions(
    keys: pd.DataFrame,
    members: pd.DataFrame,
    chances: pd.DataFrame,
    triggers: pd.DataFrame,
    dependence: pd.DataFrame,
    facts: pd.DataFrame,
    interactions: pd.DataFrame,
    customers: pd.DataFrame,
    as_of: dt.date,
    contract_days: int,
    visit_days: int,
    due_days: int,
    plans: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """List the key accounts with an exception, by the value of a year that it touches, ties by account id.

    An exception is: the account has *stopped* (``key_list``), a member is unusually or likely silent, its contract
    ends or ended, it refused, complained, withstood a win-back, pays late, buys less or no longer from a category,
    a larger unit whose largest account it is moved up by a dependence band or more, its plan is overdue, or
    nobody has visited or called any member for more than `visit_days` (counted from the first contact on record where
    none is with it).

    Value touched = a year's value of the members concerned: all of them where the account has stopped, a unit depends
    on it more, or nobody is in contact, else those with a trigger.

    Parameters
    ----------
    keys, members : DataFrame
        ``key_list``, ``key_members``.
    chances : DataFrame
        ``customer_chances``.
    triggers, dependence : DataFrame
        ``triggers``, ``dependence``.
    facts : DataFrame
        ``customer_facts``: last_order_on.
    interactions, customers : DataFrame
        Optional tables. Without interactions nothing is said about contact; without consent nobody has refused it.
    as_of : date
        First day not analysed.
    contract_days : int
        A contract that ended longer ago is a cause, no exception by itself; exactly so many days ago still is one.
    visit_days : int
        ``key_clients.visit_days``; exactly so many days is no exception.
    due_days : int
        Days to decide.
    plans : DataFrame, optional
        From `plan_overdue`: the earliest day of each account's plan is a cause.

    Returns
    -------
    DataFrame
        ``exceptions``; without a row where no key account has one.
    """
    account_of = members.set_index("customer_id")["account_id"]
    rows = (
        keys.set_index("account_id").join(_latest(triggers, account_of)).join(_contact(interactions, account_of, as_of))
    )
    last = facts.set_index("customer_id")["last_order_on"]
    last_order_on = last.reindex(account_of.index).groupby(account_of).max()
    rows["stopped_on"] = last_order_on.where(rows["is_stopped"])
    rows["silent_on"] = rows["silent_on"].mask(rows["is_stopped"])
    rows = rows.join(_more_dependent(dependence))
    known_on = rows["contacted_on"].fillna(_contacts(interactions, as_of)["date"].min())
    rows["no_contact_since"] = known_on.where((pd.Timestamp(as_of) - known_on).dt.days > visit_days)
    refused = {customer for customer, said in _consents(customers).items() if said is Consent.REFUSED}
    rows["has_refused_contact"] = pd.Series(account_of.index.isin(refused), account_of.index).groupby(account_of).any()
    overdue = plans.drop_duplicates("account_id").set_index("account_id") if plans is not None else pd.DataFrame()
    for column in ("due_on", "what"):
        rows[f"plan_{column}"] = overdue[column].reindex(rows.index) if len(overdue) else None
    rows["value_touched"] = _touched(rows, chances, triggers, account_of)
    long_ended = rows["contract_ends_on"] < pd.Timestamp(as_of) - pd.Timedelta(days=contract_days)
    dates = rows[["stopped_on", "silent_on", "no_contact_since", *DATED.values()]]
    has_one = dates.assign(contract_ends_on=dates["contract_ends_on"].mask(long_ended)).notna().any(axis=1)
    found = rows[has_one | rows["band_now"].notna() | rows["plan_due_on"].notna()].assign(decision=_decisions)
    is_past = found["contract_ends_on"] < pd.Timestamp(as_of)
    found = found.assign(
        contract_ended_on=found["contract_ends_on"].where(is_past),
        contract_ends_on=found["contract_ends_on"].mask(is_past),
        contracts=found["contracts"].where(found["contracts"] > 1),
    )
    ordered = found.rename_axis("account_id").reset_index()
    ordered = ordered.sort_values(["value_touched", "account_id"], ascending=[False, True], ignore_index=True)
    due_on = pd.Timestamp(as_of) + pd.Timedelta(days=due_days)
    return EXCEPTIONS.conform(ordered.assign(place=np.arange(1, len(ordered) + 1), due_on=due_on))


def _latest(triggers: pd.DataFrame, account_of: pd.Series) -> pd.DataFrame:
    """Dates and causes of the latest trigger of each kind per account; of contracts the earliest end and how many."""
    known = triggers.assign(account_id=triggers["customer_id"].map(account_of)).dropna(subset=["account_id"])
    known = known.sort_values(["triggered_on", "customer_id"], kind="stable")
    latest = known.groupby(["account_id", "trigger"]).tail(1).set_index("account_id")
    is_contract = known["trigger"] == Trigger.CONTRACT.value
    contracts = known[is_contract].groupby("account_id")["triggered_on"].agg(["min", "size"])
    columns: dict[str, pd.Series] = {}
    for trigger, column in DATED.items():
        one = latest[latest["trigger"] == trigger]
        columns[column] = contracts["min"] if trigger == Trigger.CONTRACT.value else one["triggered_on"]
        if trigger in CAUSES:
            columns[CAUSES[trigger]] = one["cause"]
    silent = known[known["trigger"].isin(SILENT)].groupby("account_id")["triggered_on"].max()
    index = pd.Index(sorted(set(known["account_id"])), name="account_id")
    table = pd.DataFrame({name: values.reindex(index) for name, values in columns.items()}, index=index)
    return table.assign(silent_on=silent.reindex(index), contracts=contracts["size"].reindex(index))


def _more_dependent(dependence: pd.DataFrame) -> pd.DataFrame:
    """Of every account the larger unit with most of its sales that moved up by a band; ties by unit."""
    height = {band.value: place for place, band in enumerate(Band)}
    rises = dependence[
        ~dependence["is_small"] & (dependence["band"].map(height) > dependence["band_before"].map(height))
    ]
    ordered = rises.assign(sales=rises["net_sales"] * rises["largest_share"]).sort_values(
        ["sales", "unit_column", "unit"], ascending=[False, True, True]
    )
    first = ordered.drop_duplicates("largest_account_id").set_index("largest_account_id")
    names = {
        "unit": "band_unit",
        "band": "band_now",
        "largest_share": "band_share",
        "share_before": "band_share_before",
    }
    return first.rename(columns=names)[["band_unit", "band_before", "band_now", "band_share_before", "band_share"]]


def _contacts(interactions: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    return interactions[interactions["type"].isin(CONTACTS) & (interactions["date"] < pd.Timestamp(as_of))]


def _contact(interactions: pd.DataFrame, account_of: pd.Series, as_of: dt.date) -> pd.DataFrame:
    known = _contacts(interactions, as_of)
    last = known["date"].groupby(known["customer_id"].map(account_of)).max()
    return pd.DataFrame({"contacted_on": last})


def _consents(customers: pd.DataFrame) -> dict[str, Consent]:
    return {
        customer: consent_of(said)
        for customer, said in zip(customers["customer_id"], customers["consent"], strict=True)
    }


def _touched(rows: pd.DataFrame, chances: pd.DataFrame, triggers: pd.DataFrame, account_of: pd.Series) -> pd.Series:
    value = chances.set_index("customer_id")["years_value"].reindex(account_of.index).fillna(0.0)
    exact = pd.Series(money.exact(value), index=account_of.index)
    of_account = rows["is_stopped"] | rows["no_contact_since"].notna() | rows["band_now"].notna()
    of_account |= rows["plan_due_on"].notna()
    is_whole = account_of.map(of_account).astype(bool)
    concerned = is_whole | account_of.index.isin(triggers["customer_id"])
    return exact.where(concerned, 0).groupby(account_of).sum().reindex(rows.index, fill_value=0) / money.SCALE


def _decisions(rows: pd.DataFrame) -> pd.Series:
    """What is to be decided: the first that fits."""
    stopped = rows["stopped_on"].notna()
    choices = {
        Decision.WRITTEN_OFFER: rows["has_refused_contact"] & (stopped | rows["silent_on"].notna()),
        Decision.NEW_OFFER: stopped & (rows["refused_on"].notna() | rows["win_back_on"].notna()),
        Decision.VISIT: stopped,
        Decision.ONE_OWNER: rows["contract_ends_on"].notna() & (rows["managers"] > 1) & (rows["members"] > 1),
        Decision.RENEWAL: rows["contract_ends_on"].notna(),
        Decision.NEW_OFFER_NOW: rows["refused_on"].notna() | rows["win_back_on"].notna(),
        Decision.ANSWER: rows["complained_on"].notna(),
        Decision.CREDIT: rows["overdue_on"].notna(),
        Decision.CALL: rows["silent_on"].notna(),
        Decision.ASK_WHY: rows["declined_on"].notna() | rows["category_on"].notna(),
        Decision.BROADEN: rows["band_now"].notna(),
        Decision.PLAN: rows["plan_due_on"].notna(),
    }
    words = np.select([is_so.to_numpy(dtype=bool) for is_so in choices.values()], list(choices), Decision.VISIT.value)
    return pd.Series(words, index=rows.index)


HAPPENED = Words(
    say("What happened"),
    [
        [say("stopped on {stopped_on:date}"), say("last order on {silent_on:date}, later than usual")],
        [
            say("{contracts:count} contracts ended or end, the first on {contract_ended_on:date}"),
            say("{contracts:count} contracts end, the first on {contract_ends_on:date}"),
            say("contract ended on {contract_ended_on:date}"),
            say("contract ends on {contract_ends_on:date}"),
        ],
        [say("refused on {refused_on:date} ({refusal_reason:value})"), say("refused on {refused_on:date}")],
        [say("win-back of {win_back_on:date}: {win_back_result:value}"), say("win-back of {win_back_on:date} failed")],
        [
            say("complained on {complained_on:date} ({complaint_reason:value})"),
            say("complained on {complained_on:date}"),
        ],
        [say("payment due on {overdue_on:date} is open")],
        [say("no longer buys {category} (last on {category_on:date})")],
        [say("buys less since {declined_on:date}")],
        [
            say("dependence of {band_unit} up from {band_share_before:share0} to {band_share:share0}"),
            say("dependence of the company up from {band_share_before:share0} to {band_share:share0}"),
        ],
        [say("no visit or call since {no_contact_since:date}")],
        [say("plan overdue since {plan_due_on:date}: {plan_what:value}")],
    ],
)


@finds(EXCEPTIONS)
def to_decide(table: pd.DataFrame, keys: int, has_margin: bool) -> Finding:
    """Say about which key accounts somebody must decide, and how much of a year's value that touches.

    Parameters
    ----------
    table : DataFrame
        From `exceptions`.
    keys : int
        Accounts on the key list.
    has_margin : bool
        Whether the source holds cost, so that values are margin.
    """
    stopped = table[table["stopped_on"].notna()]
    none = say("No key account needs a decision.")
    return Finding(
        "exceptions",
        say("What must be decided about key accounts?"),
        _sentence(table, stopped) if len(table) else none,
        table,
        {
            "exceptions": len(table),
            "exceptions.stopped": len(stopped),
            "exceptions.value": money.total(table["value_touched"]),
        },
        sub=say("A year's value: margin of the 12 months to the last order, of the members concerned.")
        if has_margin
        else say("A year's value: net sales of the 12 months to the last order, of the members concerned."),
        base=say("Key accounts: {n:count}; to decide by {day:date}.", n=keys, day=table["due_on"].max())
        if len(table)
        else say("Key accounts: {n:count}.", n=keys),
        show=(
            "account_name",
            Show("happened", words=HAPPENED, is_detail=True),
            Show("decision", wide=True),
            "value_touched",
            "manager",
        ),
        most_rows=8,
        cards=True,
        none=none,
        absent=None if keys else say("There is no key account."),
    )


def _sentence(table: pd.DataFrame, stopped: pd.DataFrame) -> Message:
    if len(stopped):
        return say_n(
            "{n:count} key account has stopped ordering, worth {money:money} a year.",
            "{n:count} key accounts have stopped ordering, worth {money:money} a year.",
            count="n",
            n=len(stopped),
            money=money.total(stopped["value_touched"]),
        )
    return say_n(
        "{n:count} key account needs a decision, worth {money:money} a year.",
        "{n:count} key accounts need a decision, worth {money:money} a year.",
        count="n",
        n=len(table),
        money=money.total(table["value_touched"]),
    )


def expected_loss_tile(chances: pd.DataFrame, members: pd.DataFrame, has_margin: bool) -> Tile:
    """What the company is expected to lose with all customers who are not lost yet, and how much of it key accounts.

    Parameters
    ----------
    chances, members : DataFrame
        ``customer_chances``, ``key_members``.
    has_margin : bool
        Whether a year's value is margin.

    Examples
    --------
    >>> chances = pd.DataFrame({"customer_id": ["a", "b"], "expected_loss": [5.0, 2.0]})
    >>> expected_loss_tile(chances, chances.head(1), True).n.values
    {'keys': 5.0}
    """
    name = say("Expected loss")
    definition = (
        say("Chance of no order in the horizon × a year's margin × the share of it that such a silence costs.")
        if has_margin
        else say("Chance of no order in the horizon × a year's net sales × the share of it that such a silence costs.")
    )
    if chances.empty:
        absent = say("No earlier day tells how many customers stay away.")
        return Tile(name, None, say("n {n:count}", n=0), definition, "expected_loss", absent=absent)
    of_keys = money.total(chances["expected_loss"][chances["customer_id"].isin(members["customer_id"])])
    value = say("{money:money}", money=money.total(chances["expected_loss"]))
    return Tile(name, value, say("{keys:money} of it key accounts", keys=of_keys), definition, "expected_loss")
