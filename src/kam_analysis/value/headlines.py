"""Headline figures of value."""

from __future__ import annotations

from kam_analysis.findings import Finding, Tile, say, say_n
from kam_analysis.value.coming import CUSTOMER_VALUES, INTERVAL, MONTHS, TOTAL
from kam_analysis.value.formula import LTV_VARIANTS
from kam_analysis.value.spending import SPEND_MONTHS
from kam_analysis.vocabulary import LtvReading

GROWS = say("Grows with the time observed: not compared")


def headlines(worth: Finding, coming: Finding, brings: Finding, costs: Finding) -> list[Tile]:
    """Tiles of the page: expected lifetime value, cost of a new customer, sales predicted for the coming months.

    Net sales where no margin is known, and the tile says so; realised lifetime value where no spending is known.

    Parameters
    ----------
    worth, coming, brings, costs : Finding
        Of `what_is_a_buyer_worth`, `who_will_bring_most`, `what_a_new_customer_brings`, `what_a_new_customer_costs`.
    """
    second = _realised_tile(worth) if costs.absent else _cost_tile(costs)
    return [_expected_tile(worth, brings), second, _coming_tile(coming)]


def _cost_tile(costs: Finding) -> Tile:
    cac = costs.numbers["spend.cac_12m"]
    return Tile(
        name=say("Cost of a new customer"),
        value=None if cac is None else say("{cac:money}", cac=cac),
        n=say("new customers: {n:count}", n=costs.numbers["spend.new_customers_12m"]),
        definition=say("Spending to win customers over new customers, last 12 complete months."),
        key="cac",
        table=SPEND_MONTHS.name,
        absent=None if cac is not None else say("No new customer came."),
    )


def _expected_tile(worth: Finding, brings: Finding) -> Tile:
    numbers = worth.numbers
    in_sales = numbers["expected.P"] is None
    value, months = numbers["expected.sales" if in_sales else "expected.ltv"], numbers["expected.h"]
    return Tile(
        name=say("Expected lifetime sales") if in_sales else say("Expected lifetime value"),
        value=None if value is None else say("{value:money}", value=value),
        n=say("not known")
        if months is None
        else say_n("per new customer, {n:count} month", "per new customer, {n:count} months", count="n", n=months),
        definition=say("Net sales per order times the mean number of orders within the months; no margin known.")
        if in_sales
        else say("Net sales per order times margin share times the mean number of orders within the months, S·P·N."),
        key="ltv_expected",
        table=LTV_VARIANTS.name,
        absent=brings.absent,
        change=GROWS,
    )


def _realised_tile(worth: Finding) -> Tile:
    numbers = worth.numbers
    in_sales = numbers["realised.P"] is None
    value = numbers["realised.SCT" if in_sales else "realised.ltv"]
    row = worth.table[worth.table["reading"] == LtvReading.REALISED.value]
    return Tile(
        name=say("Realised lifetime sales") if in_sales else say("Realised lifetime value"),
        value=None if value is None else say("{value:money}", value=value),
        n=say_n("{n:count} buyer", "{n:count} buyers", count="n", n=int(row["buyers"].max()) if len(row) else 0),
        definition=say("Net sales per buyer so far, S·C·T; no margin known.")
        if in_sales
        else say("Margin money per buyer so far, S·C·P·T."),
        key="ltv_realised",
        table=LTV_VARIANTS.name,
        absent=None if value is not None else say("Nobody has ordered."),
        change=GROWS,
    )


def _coming_tile(coming: Finding) -> Tile:
    value, months = coming.numbers[TOTAL], coming.numbers[MONTHS]
    low, high = (coming.numbers[name] for name in INTERVAL)
    return Tile(
        name=say("Predicted sales")
        if months is None
        else say_n("Predicted sales, {n:count} month", "Predicted sales, {n:count} months", count="n", n=months),
        value=None if value is None else say("{value:money}", value=value),
        n=say("no new ones")
        if value is None
        else say_n("{n:count} buyer, no new ones", "{n:count} buyers, no new ones", count="n", n=len(coming.table))
        if low is None
        else say(
            "{low:money} to {high:money} (95 %); buyers: {n:count}, no new ones",
            low=low,
            high=high,
            n=len(coming.table),
        ),
        definition=say(
            "Net sales predicted from the buyers known today; buyers still to come are not in it. Interval by how far "
            "off earlier predictions were in total."
        ),
        key="predicted_sales",
        table=CUSTOMER_VALUES.name,
        absent=coming.absent,
    )
