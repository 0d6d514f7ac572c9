"""Returns and cancellations matched to their sales, and customers whose large sales were taken back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.findings import Caveat, Finding, Weight, say, say_n
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class Reversal(Labelled):
    """Whether a return or cancellation answers to a sale."""

    MATCHED = "matched", say("matched to an earlier sale")
    UNMATCHED = "unmatched", say("no such sale in the data")
    WITHOUT_CUSTOMER = "without_customer", say("without a customer")


REVERSALS = Table(
    "reversals",
    "one kind of negative kept lines",
    (
        col.member("reversal", say("Returns and cancellations"), "Matched or not.", Reversal),
        col.ROWS("Negative kept lines."),
        col.NET_SALES("Their money."),
    ),
    ("reversal",),
)

HIGH_RETURN_CUSTOMERS = Table(
    "high_return_customers",
    "one customer among the twenty largest by gross sales of whom little is left net",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.count("gross_rank", say("Rank by gross sales"), "1 for the largest.", low=1),
        col.GROSS_SALES("Positive lines."),
        col.NET_SALES("All lines."),
        col.share("return_share", say("Returned"), "Of the gross sales, 1 at most."),
    ),
    ("customer_id",),
)


GIANTS = 20
LEFT_SHARE = 0.1


@dataclass(frozen=True)
class Reversals:
    """Rows and money of negative kept lines: matched to an earlier sale, not matched, without a customer."""

    rows: dict[Reversal, int]
    net_sales: dict[Reversal, float]


def match_reversals(engine: Engine) -> Reversals:
    """Match every negative line to the latest earlier sale of the same customer, item and size that is not yet taken.

    Lines of one day count as sold before taken back. Money is compared exactly.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    """
    scale = money.SCALE
    rows, units = dict.fromkeys(Reversal, 0), dict.fromkeys(Reversal, 0)
    engine.materialise("reversible", statement(__file__, "reversible"))
    for key, lines in groupby(engine.rows("SELECT * FROM reversible"), key=lambda row: row[:3]):
        open_sales = 0
        for *_, is_sale in lines:
            if is_sale:
                open_sales += 1
                continue
            kind = Reversal.MATCHED if open_sales else Reversal.UNMATCHED
            open_sales = max(open_sales - 1, 0)
            rows[kind] += 1
            units[kind] -= int(key[2] * scale)
    nobody, amount = engine.rows(
        "SELECT count(*), coalesce(sum(net_sales), 0) FROM order_lines WHERE customer_id IS NULL AND net_sales < 0"
    )[0]
    rows[Reversal.WITHOUT_CUSTOMER], units[Reversal.WITHOUT_CUSTOMER] = nobody, int(amount * scale)
    return Reversals(rows, {kind: value / scale for kind, value in units.items()})


@finds(REVERSALS)
def reversals(found: Reversals) -> Finding:
    """Say how many returns and cancellations answer to a sale that the data hold.

    Parameters
    ----------
    found : Reversals
        `Cleaned.reversals`.

    Returns
    -------
    Finding
        Table ``reversals``; numbers ``reversals.{matched,unmatched,without_customer}.{rows,net_sales}``.
    """
    table = REVERSALS.conform(
        pd.DataFrame([(kind, found.rows[kind], found.net_sales[kind]) for kind in Reversal], columns=REVERSALS.names)
    )
    total = sum(found.rows.values())
    numbers: dict[str, float] = {}
    for kind in Reversal:
        numbers |= {f"reversals.{kind}.rows": found.rows[kind], f"reversals.{kind}.net_sales": found.net_sales[kind]}
    return Finding(
        REVERSALS.name,
        say("Do returns match earlier sales?"),
        say("No kept line is a return or a cancellation.")
        if not total
        else say(
            "Returns and cancellations: {total:count}; {matched:count} match an earlier sale, "
            "{rest:count} with {money:money_full} do not.",
            matched=found.rows[Reversal.MATCHED],
            total=total,
            rest=total - found.rows[Reversal.MATCHED],
            money=-found.net_sales[Reversal.UNMATCHED] - found.net_sales[Reversal.WITHOUT_CUSTOMER],
        ),
        table,
        numbers,
        sub=say("A return is matched to the latest earlier sale of the same customer, item and amount."),
        base=say("Unmatched: another quantity or price, or a sale before the data begin. All stay as negative lines."),
        show=REVERSALS.names,
    )


@finds(HIGH_RETURN_CUSTOMERS)
def high_return_customers(facts: pd.DataFrame) -> Finding:
    """List customers among the twenty largest by gross sales of whom less than a tenth is left net.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.

    Returns
    -------
    Finding
        Table ``high_return_customers``; numbers gross_sales, high_return_customers.
    """
    ranked = facts[facts["gross_sales"] > 0].sort_values(["gross_sales", "customer_id"], ascending=[False, True])
    ranked = ranked.head(GIANTS).assign(
        gross_rank=range(1, min(GIANTS, len(ranked)) + 1),
        return_share=1 - ranked["net_sales"].clip(lower=0) / ranked["gross_sales"],
    )
    is_left = money.exceeds(
        money.exact(ranked["net_sales"]), money.exact(ranked["gross_sales"]), LEFT_SHARE, inclusive=True
    )
    giants = ranked[~is_left]
    table = HIGH_RETURN_CUSTOMERS.conform(giants.reset_index(drop=True))
    gross = money.total(facts["gross_sales"])
    return Finding(
        HIGH_RETURN_CUSTOMERS.name,
        say("Were large sales cancelled?"),
        say_n(
            "{n:count} of the {most:count} largest customers by gross sales is worth almost nothing net.",
            "{n:count} of the {most:count} largest customers by gross sales are worth almost nothing net.",
            count="n",
            n=len(table),
            most=len(ranked),
        )
        if len(table)
        else say_n(
            "The only customer keeps at least a tenth of its gross sales.",
            "None of the {most:count} largest customers by gross sales is worth almost nothing net.",
            count="most",
            most=len(ranked),
        ),
        table,
        {"gross_sales": gross, "high_return_customers": len(table)},
        sub=say("Gross sales: positive lines only. Almost nothing: less than a tenth of them is left."),
        base=say(
            "All customers: gross sales {gross:money_full}, net sales {net:money_full}.",
            gross=gross,
            net=money.total(facts["net_sales"]),
        ),
        show=HIGH_RETURN_CUSTOMERS.names[1:],
        caveats=[
            Caveat(
                say("Large cancelled sales"),
                say("By gross sales these customers would look like key clients; all figures here are net of returns."),
                Weight.RED,
            )
        ]
        if len(table)
        else [],
    )
