"""What changed the margin of each account: price, cost, volume, mix; and who grows in sales and shrinks in margin."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Finding, Message, Show, absent_numbers, say
from kam_analysis.tables import Table, finds

MARGIN_CHANGE = Table(
    "margin_change",
    "one account with net sales and a cost in both of the last two years",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.OWNER("The account's manager."),
        col.money("margin_change", say("Margin change"), "On lines with a cost, last 12 months less the 12 before."),
        col.money("squeeze", say("At equal volume"), "Price, cost and mix effect together."),
        col.money("price_effect", say("Price"), "Σ q1·(p1 − p0) over the items of both years."),
        col.money("cost_effect", say("Cost"), "−Σ q1·(k1 − k0), k the cost of a unit."),
        col.MIX_EFFECT("Items with other margins; new and dropped items are part of it."),
        col.money("volume_effect", say("Volume"), "Old margin times the change of sales at old prices."),
        col.money("other_effect", say("Not explained"), "Lines without item or quantity, items returned on balance."),
        col.money("costed_before", say("Sales before"), "Net sales of lines with a cost, the 12 months before."),
        col.money("costed_after", say("Sales now"), "Net sales of lines with a cost, last 12 months."),
        col.money("margin_before", say("Margin before"), "Of these."),
        col.money("margin_after", say("Margin now"), "Of these."),
        col.flag("is_hollow_growth", say("Grows, earns less"), "More net sales and less margin than the year before."),
    ),
    ("account_id",),
)
NUMBERS = ("margin.accounts", "margin.change", "margin.price", "margin.cost", "margin.mix", "margin.volume",
           "margin.other", "margin.squeezed", "margin.squeeze", "margin.hollow")  # fmt: skip
EFFECTS = ("price_effect", "cost_effect", "mix_effect", "volume_effect", "other_effect")
MOST_ROWS = 5
YEAR = 12


@finds(MARGIN_CHANGE)
def margin_change(lines: Engine, accounts: pd.DataFrame, calendar: Calendar) -> Finding:
    """Where margin leaks: the change of each account's margin by price, cost, mix and volume, exact to the cent.

    On lines with a cost, the last 12 months (1) against the 12 before (0), by item and unit with quantity q, net price
    p and unit cost k. Price = Σ q1·(p1 − p0) and cost = −Σ q1·(k1 − k0) over items of both years; volume =
    M0·(Σ q1·p0/Σ q0·p0 − 1), M0 the old margin and p0 of a new item its p1; mix = what is left, so that the five
    effects sum to the change. At equal volume: price, cost and mix together.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``, and what `growth_accounts` left.
    accounts : DataFrame
        From `growth_accounts`.
    calendar : Calendar
        At the reference date; needs 24 months.

    Returns
    -------
    Finding
        Table ``margin_change``, the largest loss at equal volume first; numbers margin.accounts, margin.change,
        margin.price, margin.cost, margin.mix, margin.volume, margin.other, margin.squeezed (accounts that lose at equal
        volume), margin.squeeze (their loss), margin.hollow (that grow in sales and shrink in margin).
    """
    question = say("Where does margin leak?")
    before = add_months(calendar.as_of, -2 * YEAR)
    if calendar.first_order_on > before:
        reason = "under 24 months of history"
        return _absent(question, reason, say("Not measurable: it takes 24 months of history."))
    values = {"before": before, "start": calendar.year_ago, "as_of": calendar.as_of}
    for name in ("margin_products", "margin_change"):
        lines.materialise(name, statement(__file__, name), **values)
    found = lines.frame("margin_change")
    if found.empty:
        return _absent(
            question,
            "no account has lines with a cost in both years",
            say("Not measurable: no account has lines with item, quantity and cost in both of the last two years."),
        )
    amounts = [str(name) for name in found if name != "account_id"]
    exact = {name: pd.Series(money.exact(found[name]), found.index) for name in amounts}
    squeeze = exact["price_effect"] + exact["cost_effect"] + exact["mix_effect"]
    rows = found[["account_id"]].assign(
        **{name: values / money.SCALE for name, values in exact.items()},
        squeeze=squeeze / money.SCALE,
        margin_change=(exact["margin_after"] - exact["margin_before"]) / money.SCALE,
        is_hollow_growth=(exact["sales_after"] > exact["sales_before"])
        & (exact["margin_after"] < exact["margin_before"]),
    )
    rows = rows.rename(columns={"sales_before": "costed_before", "sales_after": "costed_after"})
    named = rows.merge(accounts[["account_id", "account_name", "manager"]], on="account_id")
    table = MARGIN_CHANGE.conform(named.sort_values(["squeeze", "account_id"], ignore_index=True))
    sums = [money.total(table[name]) for name in ("margin_change", *EFFECTS)]
    losing = table[table["squeeze"] < 0]
    hollow = int(table["is_hollow_growth"].sum())
    loss = money.total(losing["squeeze"])
    return Finding(
        MARGIN_CHANGE.name,
        question,
        _sentence(losing, loss, hollow),
        table,
        dict(zip(NUMBERS, (len(table), *sums, len(losing), loss, hollow), strict=True)),
        sub=say(
            "Lines with a cost, last 12 months against the 12 before; price, cost, mix and volume sum to the change"
        ),
        base=say("Accounts with a cost in both years: {n:count}.", n=len(table)),
        show=("account_name", "manager", "squeeze", "price_effect", "cost_effect", "mix_effect", "volume_effect",
              "margin_change", Show("is_hollow_growth")),
        most_rows=MOST_ROWS,
        marked_by="is_hollow_growth",
    )  # fmt: skip


def _absent(question: Message, reason: str, absent: Message) -> Finding:
    return Finding(
        MARGIN_CHANGE.name,
        question,
        say("Margin changes cannot be explained"),
        MARGIN_CHANGE.empty(),
        absent_numbers(NUMBERS, reason),
        absent=absent,
    )


def _sentence(losing: pd.DataFrame, loss: float, hollow: int) -> Message:
    if losing.empty:
        return say("No account earns less at equal volume than a year before")
    first = losing.iloc[0]
    return say(
        "At equal volume {n:count} accounts earn {money:money} less than a year before, most {first}; grow in sales "
        "and shrink in margin: {hollow:count}",
        n=len(losing),
        money=-loss,
        first=str(first["account_name"]),
        hollow=hollow,
    )
