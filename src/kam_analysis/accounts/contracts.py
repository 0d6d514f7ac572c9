"""Contracts of each account: when they end or ask for notice, and what was bought against what was agreed."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.triggers import latest_contracts
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, say, say_n
from kam_analysis.tables import CONTRACTS, Table, finds
from kam_analysis.vocabulary import Labelled

AHEAD_MONTHS = 6
YEAR_DAYS = 365


class ContractDate(Labelled):
    """What happens with a contract on a day ahead."""

    NOTICE = "notice", say("last day to give notice")
    END = "end", say("contract ends")


ACCOUNT_CONTRACTS = Table(
    "account_contracts",
    "one contract of a customer with a dossier; of several the one with the latest end",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        CONTRACTS["start"],
        CONTRACTS["end"],
        col.date("notice_on", say("Last day of notice"), "End less the days of notice; missing without these.", True),
        CONTRACTS["value"],
        col.money(
            "net_sales_bought", say("Bought"), "Net sales from the first day to the last, or to the last day analysed."
        ),
        col.money(
            "agreed",
            say("Agreed for this time"),
            "Yearly value times the days that have passed over 365; missing without a value or before the start.",
            nullable=True,
        ),
        col.change("met", say("Bought of agreed"), "Missing where nothing is agreed.", nullable=True),
        CONTRACTS["discount_tier"],
        CONTRACTS["exclusivity"],
        CONTRACTS["payment_days"],
        CONTRACTS["limit"],
    ),
    ("customer_id",),
)

CONTRACT_DATES = Table(
    "contract_dates",
    "one day of the next six months on which a contract ends or notice must be given",
    (
        col.ON("From the reference date on."),
        col.member("what", say("What"), "End, or last day of notice.", ContractDate),
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.MANAGER("The customer's manager."),
        CONTRACTS["value"],
        ACCOUNT_CONTRACTS["met"],
    ),
    ("on", "what", "customer_id"),
)


@finds(ACCOUNT_CONTRACTS)
def account_contracts(
    lines: Engine, contracts: pd.DataFrame, members: pd.DataFrame, heads: pd.DataFrame, calendar: Calendar
) -> Finding:
    """Compare what the customers of each account bought with what their contracts agree, pro rata.

    Agreed = yearly value · days passed / 365, days from the first to the last day of the contract, at most to the last
    day analysed, both counted. A contract that ends before it starts is left out and counted.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``.
    contracts : DataFrame
        ``contracts``; empty where the source has none.
    members, heads : DataFrame
        ``account_members``, ``account_pages``.
    calendar : Calendar
        At the reference date.

    Returns
    -------
    Finding
        Table ``account_contracts``, least bought of what is agreed first; numbers ``contracts.accounts``,
        ``contracts.wrong`` (of all contracts) and ``contracts.below``.
    """
    wrong = contracts[contracts["end"] < contracts["start"]]
    own = latest_contracts(contracts).merge(members[["account_id", "customer_id", "customer_name"]], on="customer_id")
    own = own.merge(heads[["account_id", "account_name"]], on="account_id").reset_index(drop=True)
    as_of = pd.Timestamp(calendar.as_of)
    until = (own["end"] + pd.Timedelta(days=1)).fillna(as_of)
    until = until.where(until < as_of, as_of)
    notice_on = own["end"] - pd.to_timedelta(own["notice"].astype("float64"), unit="D")
    days = (until - own["start"]).dt.days.clip(lower=0)
    agreed = (own["value"] * days / YEAR_DAYS).where(days > 0).round(4)
    asked = own.assign(contract=own.index, from_on=own["start"], until=until)
    lines.put("contract_days", asked[["contract", "customer_id", "from_on", "until"]].astype({"customer_id": "str"}))
    lines.materialise("contract_sales", statement(__file__, "contract_sales"))
    bought = lines.frame("contract_sales").set_index("contract")["bought"].reindex(own.index)
    rows = own.assign(
        notice_on=notice_on, net_sales_bought=bought, agreed=agreed, met=bought / agreed.where(agreed > 0)
    )
    ordered = rows.sort_values(["met", "customer_id"], na_position="last", ignore_index=True)
    table = ACCOUNT_CONTRACTS.conform(ordered)
    below = int((table["met"] < 1).sum())
    none = say("The source has no contract of an account with a dossier.")
    return Finding(
        ACCOUNT_CONTRACTS.name,
        say("Is as much bought as the contracts agree?"),
        none if table.empty else _sentence(table, below),
        table,
        {"contracts.accounts": len(table), "contracts.below": below, "contracts.wrong": len(wrong)},
        sub=say("Yearly value of the contract times the days passed, against net sales in these days."),
        show=("customer_name", "start", "end", "agreed", "net_sales_bought", Show("met", write="share0")),
        most_rows=10,
        caveats=_wrong(wrong),
        absent=none if table.empty else None,
    )


def _sentence(table: pd.DataFrame, below: int) -> Message:
    return say(
        "Contracts under which less is bought than agreed: {below:count} of {n:count}.", below=below, n=len(table)
    )


def _wrong(wrong: pd.DataFrame) -> list[Caveat]:
    if wrong.empty:
        return []
    text = say_n(
        "{n:count} contract ends before it starts and is left out: customer {ids:names}.",
        "{n:count} contracts end before they start and are left out: customers {ids:names}.",
        count="n",
        n=len(wrong),
        ids=sorted(set(wrong["customer_id"]))[:5],
    )
    return [Caveat(say("Contracts with a wrong date"), text, Weight.AMBER)]


@finds(CONTRACT_DATES)
def contract_dates(contracts: Finding, members: pd.DataFrame, calendar: Calendar) -> Finding:
    """List the days of the next six months on which a contract ends or notice must be given, the nearest first.

    Parameters
    ----------
    contracts : Finding
        Result of `account_contracts`.
    members : DataFrame
        ``account_members``.
    calendar : Calendar
        The six months begin at the reference date.
    """
    from_on, until = pd.Timestamp(calendar.as_of), pd.Timestamp(add_months(calendar.as_of, AHEAD_MONTHS))
    named = contracts.table.merge(members[["customer_id", "manager"]], on="customer_id")
    parts = [
        named.assign(on=named[column], what=what.value)
        for what, column in ((ContractDate.END, "end"), (ContractDate.NOTICE, "notice_on"))
    ]
    rows = pd.concat(parts)
    rows = rows[(rows["on"] >= from_on) & (rows["on"] < until)].sort_values(["on", "what", "customer_id"])
    table = CONTRACT_DATES.conform(rows.reset_index(drop=True))
    ends = int((table["what"] == ContractDate.END.value).sum())
    none = say("No contract of an account with a dossier ends within six months.")
    return Finding(
        CONTRACT_DATES.name,
        say("Which contracts end or ask for notice within six months?"),
        say_n(
            "{n:count} contract ends within six months.",
            "{n:count} contracts end within six months.",
            count="n",
            n=ends,
        )
        if ends
        else none,
        table,
        {"contracts.ending": ends},
        show=("on", "what", "customer_name", "manager", "value", Show("met", write="share0")),
        most_rows=10,
        caveats=contracts.caveats,
        none=none,
        absent=contracts.absent,
    )
