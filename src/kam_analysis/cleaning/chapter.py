"""What the cleaning chapter finds: what was read, kept and rejected, and how far it can be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.cleaning.losses import COUNTED_TWICE, large_losses
from kam_analysis.cleaning.source import OrderSpans
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, say, say_n
from kam_analysis.frames import rows
from kam_analysis.params import Cleaning
from kam_analysis.tables import OPTIONAL, Table, finds
from kam_analysis.vocabulary import Labelled, LineStatus, Rejection


class LineFlag(Labelled):
    """What a kept line may be, beside a plain sale."""

    NEGATIVE = "negative", say("returns and cancellations (money below 0)")
    CANCELLED = "cancelled", say("cancelled documents")
    CANCELLED_POSITIVE = "cancelled_positive", say("sales in cancelled documents (money above 0)")
    SERVICE = "service", say("service lines (postage, fees, corrections)")
    EXACT_DUPLICATE = "exact_duplicate", say("exact duplicates within one file")
    ZERO = "zero", say("free lines (money exactly 0)")
    WITHOUT_CUSTOMER = "without_customer", say("lines without a customer")


class Meaning(Labelled):
    """What a column of the order lines says."""

    CUSTOMER_ID = "customer_id", say("customer's code")
    CUSTOMER_NAME = "customer_name", say("customer's name")
    ORDER_ID = "order_id", say("number of the order or document")
    ORDER_DATE = "order_date", say("date of the sale")
    YEAR = "year", say("year of the sale")
    MONTH = "month", say("month of the sale")
    SKU = "sku", say("item code")
    ITEM = "item", say("item")
    CATEGORY = "category", say("category of the item")
    QTY = "qty", say("quantity")
    UNIT = "unit", say("unit of measure")
    UNIT_PRICE = "unit_price", say("price of a unit")
    AMOUNT = "amount", say("amount of the line")
    DISCOUNT = "discount", say("discount of the line")
    COST = "cost", say("cost")
    MARGIN = "margin", say("profit of the line")
    MANAGER = "manager", say("manager")
    DEPARTMENT = "department", say("department")
    COUNTRY = "country", say("country")
    REGION = "region", say("region")
    CHANNEL = "channel", say("sales channel")
    STATUS = "status", say("status of the order")


class Input(Labelled):
    """An optional table of the input model; in brackets its name in the source profile."""

    CUSTOMERS = "customers", say("customer records (customers)")
    MANAGERS = "managers", say("managers (managers)")
    ASSESSMENT = "assessment", say("analyst's ratings of customers (assessment)")
    SURVEY = "survey", say("survey of customers (survey)")
    INTERACTIONS = "interactions", say("visits, calls, complaints (interactions)")
    SPEND = "spend", say("spend on winning and keeping customers (spend)")
    CONTRACTS = "contracts", say("contracts (contracts)")
    PURCHASE_TERMS = "purchase_terms", say("discounts of suppliers (purchase_terms)")
    CONTACTS = "contacts", say("contact persons (contacts)")
    TASKS_DONE = "tasks_done", say("tasks done (tasks_done)")
    PAYMENTS = "payments", say("payments (payments)")
    CALL_PARTS = "call_parts", say("calls and control, parted by chance (call_parts)")


class MissingInput(Labelled):
    """What is switched off where the source lacks an optional table."""

    CUSTOMERS = (
        "customers",
        say(
            "no parent groups, so dependence may be understated; no industry, size, region, loyalty programme, "
            "consent or recorded loss"
        ),
    )
    MANAGERS = "managers", say("no plan, role or capacity of managers")
    ASSESSMENT = (
        "assessment",
        say("no potential, wallet or strategic importance; no nominations and no client types by the analyst"),
    )
    SURVEY = "survey", say("no recommendation score, satisfaction or comments")
    INTERACTIONS = (
        "interactions",
        say("no complaints, refusals, reasons of return or win-back; no effort and last contact per customer"),
    )
    SPEND = "spend", say("no cost of winning a customer")
    CONTRACTS = "contracts", say("no contracts that ended or end soon, neither to decide about nor among the calls")
    PURCHASE_TERMS = "purchase_terms", say("no supplier discount in the loss of a client")
    CONTACTS = "contacts", say("no contact person beside a call, no check for a single contact person")
    TASKS_DONE = "tasks_done", say("no results of calls")
    PAYMENTS = "payments", say("no calls about overdue payments")
    CALL_PARTS = "call_parts", say("no measured effect of calls")


LINE_STATUS = Table(
    "line_status",
    "one status of the rows read, and one reason of rejection",
    (
        col.member("status", say("Status"), "Read, kept or rejected.", LineStatus),
        col.REJECTION("Reason of rejection; missing for the totals.", nullable=True, absent=say("all")),
        col.ROWS("Physical rows."),
        col.NET_SALES("Their money; unreadable money counts 0."),
        col.share("rows_share", say("Share of rows"), "Of the rows read."),
    ),
)

FILE_ROWS = Table(
    "file_rows",
    "one file or sheet",
    (
        col.FILE("File in data/raw."),
        col.SHEET,
        col.count("rows_read", say("Rows read"), "Physical rows, without the header."),
        col.count("rows_kept", say("Rows kept"), "Rows kept."),
        col.count("rows_rejected", say("Rows rejected"), "Rows rejected."),
        col.money("net_sales_read", say("Net sales read"), "Kept plus rejected, exactly."),
        col.money("net_sales_kept", say("Net sales kept"), "Money of the rows kept."),
        col.money("net_sales_rejected", say("Net sales rejected"), "Money of the rows rejected."),
    ),
)

COMPANY_MONTHS = Table(
    "company_months",
    "one calendar month, identified customers",
    (
        col.MONTH("Calendar month."),
        col.NET_SALES("Net sales of identified customers."),
        col.MARGIN,
        col.ORDERS,
        col.count("customers", say("Active customers"), "Customers with an order in the month."),
        col.DAYS("Days of the month before the reference date.", low=1, high=31),
        col.flag("is_partial", say("Partial"), "The month is not complete."),
    ),
    ("month",),
)

COLUMN_ROLES = Table(
    "column_roles",
    "one column of the order lines",
    (
        col.member("role", say("Meaning"), "Standard name.", Meaning),
        col.text("source_column", say("Column in the export"), "Missing where not mapped.", nullable=True),
        col.count("filled_rows", say("Rows filled"), "Kept rows with a value."),
        col.share("filled_share", say("Filled"), "Share of kept rows with a value.", nullable=True),
        col.share("confidence", say("Confidence"), "Of `kam map`; missing where a person wrote it.", nullable=True),
        col.text("guessed_by", say("Mapped by"), "What `kam map` saw in the column.", nullable=True),
    ),
    ("role",),
)

INPUT_TABLES = Table(
    "input_tables",
    "one table of the input model",
    (
        col.member("input", say("Table"), "Name in the source profile.", Input),
        col.ROWS("Rows read; 0 where the source has none."),
        col.member("without_it", say("Without it"), "What is switched off.", MissingInput),
    ),
    ("input",),
)

LINE_FLAGS = Table(
    "line_flags",
    "one flag of kept lines that a reader should know",
    (
        col.member("flag", say("Lines"), "What is counted.", LineFlag),
        col.ROWS("Kept rows with the flag."),
        col.NET_SALES("Their money."),
    ),
    ("flag",),
)


FEWEST_MONTHS = 3
YEAR, SPANS = 12, (12, 3, 1)
SPANNING_LIMIT = 0.05


@finds(LINE_STATUS)
def line_status(status: pd.DataFrame, rules: Cleaning) -> Finding:
    """Say what became of every physical row, in rows and in money.

    Parameters
    ----------
    status : DataFrame
        Rows and money per file, sheet, reason and whether a customer is named (`Cleaned.line_status`).
    rules : Cleaning
        `large_loss`: a larger loss is what the finding says first.

    Returns
    -------
    Finding
        Table ``line_status``; numbers rows_in, rows_kept, rows_rejected and their net_sales, and each reason's.
    """
    kept, rejected = status[status.reason.isna()], status[status.reason.notna()]
    parts = [
        (LineStatus.READ, None, status),
        (LineStatus.REJECTED, None, rejected),
        *(
            (LineStatus.REJECTED, reason, rejected[rejected.reason == reason])
            for reason in Rejection
            if (rejected.reason == reason).any()
        ),
        (LineStatus.KEPT, None, kept),
        (LineStatus.IDENTIFIED, None, kept[kept.is_identified]),
        (LineStatus.WITHOUT_CUSTOMER, None, kept[~kept.is_identified]),
        *([(LineStatus.ANONYMOUS, None, kept[kept.is_nobody])] if kept.is_nobody.any() else []),
    ]
    rows_in = int(status.rows.sum())
    table = pd.DataFrame(
        [(one, reason, int(part.rows.sum()), money.total(part.net_sales)) for one, reason, part in parts],
        columns=["status", "reason", "rows", "net_sales"],
    )
    table = LINE_STATUS.conform(table.assign(rows_share=table.rows / rows_in))
    numbers: dict[str, int | float] = {
        "rows_in": rows_in,
        "rows_kept": int(kept.rows.sum()),
        "rows_rejected": int(rejected.rows.sum()),
        "net_sales_in": money.total(status.net_sales),
        "net_sales_kept": money.total(kept.net_sales),
        "net_sales_rejected": money.total(rejected.net_sales),
        "rows_without_customer": int(kept.rows[~kept.is_identified].sum()),
        "net_sales_without_customer": money.total(kept.net_sales[~kept.is_identified]),
        "rows_anonymous": int(kept.rows[kept.is_nobody].sum()),
        "net_sales_anonymous": money.total(kept.net_sales[kept.is_nobody]),
    }
    for reason in Rejection:
        part = rejected[rejected.reason == reason]
        numbers[f"rejected.{reason}.rows"] = int(part.rows.sum())
        numbers[f"rejected.{reason}.net_sales"] = money.total(part.net_sales)
    return Finding(
        "line_status",
        say("Which rows were kept, and which rejected?"),
        _loss_sentence(status, rules.large_loss) or _double_sentence(status) or _status_sentence(numbers, rejected),
        table,
        numbers,
        sub=say("Physical rows of all files and sheets, in rows and in money; read = kept + rejected, exactly."),
        base=say("Every rejected line is listed with its reason in rejected_lines."),
        show=("status", "reason", "rows", "rows_share", "net_sales"),
        drawing="cleaning.line_status",
    )


def _loss_sentence(status: pd.DataFrame, large_loss: float) -> Message | None:
    """The warning of the largest loss, None where no loss is large."""
    for loss in large_losses(status, large_loss)[:1]:
        if loss.is_nobody:
            return say(
                "Warning: {rows:count} lines with {net:money_full} ({share:share} of net sales) belong to anonymous "
                "buyers (walk-in, guest) and are in no customer figure.",
                rows=loss.rows,
                net=loss.net_sales,
                share=loss.net_sales_share,
            )
        if loss.reason is None:
            return say(
                "Warning: {rows:count} lines with {net:money_full} ({share:share} of net sales) name no customer and "
                "are in no customer figure.",
                rows=loss.rows,
                net=loss.net_sales,
                share=loss.net_sales_share,
            )
        return say(
            "Warning: {rows:count} rows ({share:share}) with {net:money_full} are not counted: {reason}.",
            rows=loss.rows,
            share=loss.rows_share,
            net=loss.net_sales,
            reason=loss.reason.label,
        )
    return None


def _double_sentence(status: pd.DataFrame) -> Message | None:
    """What stood twice and counts once, None where nothing did."""
    kept, twice = status[status.reason.isna()], status[status.reason.isin(COUNTED_TWICE)]
    if twice.empty:
        return None
    return say(
        "{net:money_full} in {rows:count} rows appear more than once in the files and are counted "
        "once; {kept:count} of {all:count} rows were kept.",
        net=money.total(twice.net_sales),
        rows=int(twice.rows.sum()),
        kept=int(kept.rows.sum()),
        all=int(status.rows.sum()),
    )


def _status_sentence(numbers: dict[str, int | float], rejected: pd.DataFrame) -> Message:
    if not numbers["rows_rejected"]:
        return say(
            "Every row read was kept: {rows:count}, with {net:money_full}.",
            rows=numbers["rows_in"],
            net=numbers["net_sales_in"],
        )
    totals = numbers[f"rejected.{Rejection.TOTALS_ROW}.rows"]
    if totals and totals == numbers["rows_rejected"]:
        return say(
            "{kept:count} of {rows:count} rows read were kept; the rest are totals of other rows.",
            kept=numbers["rows_kept"],
            rows=numbers["rows_in"],
        )
    if totals:
        return say(
            "{kept:count} of {rows:count} rows read were kept; {rejected:count} were rejected with "
            "{money:money_full}, and {totals:count} are totals of other rows.",
            kept=numbers["rows_kept"],
            rows=numbers["rows_in"],
            rejected=numbers["rows_rejected"] - totals,
            money=money.total(rejected.net_sales[rejected.reason != Rejection.TOTALS_ROW]),
            totals=totals,
        )
    return say(
        "{kept:count} of {rows:count} rows read were kept; {rejected:count} were rejected with {money:money_full}.",
        kept=numbers["rows_kept"],
        rows=numbers["rows_in"],
        rejected=numbers["rows_rejected"],
        money=numbers["net_sales_rejected"],
    )


@finds(FILE_ROWS)
def file_rows(status: pd.DataFrame) -> Finding:
    """Reconcile rows and money of every file: read = kept + rejected.

    Parameters
    ----------
    status : DataFrame
        `Cleaned.line_status`.
    """
    places = status[["file", "sheet"]].drop_duplicates(ignore_index=True)
    records = []
    for place in rows(places):
        is_here = (status.file == place.file) & (
            (status.sheet == place.sheet) | (status.sheet.isna() & pd.isna(place.sheet))
        )
        part = status[is_here]
        kept, rejected = part[part.reason.isna()], part[part.reason.notna()]
        sums = [int(one.rows.sum()) for one in (part, kept, rejected)]
        totals = [money.total(one.net_sales) for one in (part, kept, rejected)]
        records.append((place.file, place.sheet, *sums, *totals))
    table = FILE_ROWS.conform(pd.DataFrame(records, columns=FILE_ROWS.names))
    return Finding(
        "file_rows",
        say("Does every file reconcile?"),
        say("Rows and money of every file and sheet ({n:count}): read = kept + rejected.", n=len(table)),
        table,
        show=FILE_ROWS.names if table.sheet.notna().any() else [name for name in FILE_ROWS.names if name != "sheet"],
    )


@finds(COMPANY_MONTHS)
def company_months(months: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar, source: str) -> Finding:
    """Net sales, orders and active customers per month, partial months marked.

    Parameters
    ----------
    months : DataFrame
        ``customer_months``.
    orders : DataFrame
        ``customer_orders``.
    calendar : Calendar
        Window of the data.
    source : str
        Title of the source.
    """
    table = _by_month(months, orders, calendar)
    complete = table[~table.is_partial]
    return Finding(
        "company_months",
        say("How did sales develop?"),
        _months_sentence(complete),
        table,
        {},
        sub=say("Net sales per month of identified customers. Hatched: months that are not complete.")
        if table["is_partial"].any()
        else say("Net sales per month of identified customers."),
        base=say("Source: {source}, order lines before {as_of:date}.", source=source, as_of=calendar.as_of),
        drawing="cleaning.company_months",
        on_index=True,
        caveats=[*_monthly_caveats(orders), *_month_caveats(table, calendar)],
    )


def _monthly_caveats(orders: pd.DataFrame) -> list[Caveat]:
    days = pd.to_datetime(orders["ordered_on"])
    if days.nunique() < FEWEST_MONTHS or not days.dt.is_month_start.all():
        return []
    return [
        Caveat(
            say("The data are monthly"),
            say(
                "Every order is dated the first of its month: recency and frequency are known to the month "
                "only, and orders of one month without a number count as one."
            ),
            Weight.RED,
        )
    ]


def _by_month(months: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    span = pd.DataFrame(
        {"month": pd.date_range(months.month.min(), months.month.max(), freq="MS").astype("datetime64[us]")}
    )
    sums = (
        months.assign(exact=money.exact(months.net_sales), margin_exact=money.exact(months.margin.fillna(0)))
        .groupby("month")
        .agg(
            exact=("exact", "sum"),
            margin_exact=("margin_exact", "sum"),
            has_margin=("margin", "count"),
            orders=("orders", "sum"),
        )
    )
    active = orders.assign(month=orders.ordered_on.dt.to_period("M").dt.start_time.astype("datetime64[us]"))
    customers = active.groupby("month").customer_id.nunique().rename("customers")
    table = span.merge(sums, on="month", how="left").merge(customers, on="month", how="left")
    ends = [min(add_months(day.date(), 1), calendar.as_of) for day in table.month]
    complete = set(calendar.complete_months)
    return COMPANY_MONTHS.conform(
        table.assign(
            net_sales=table.exact.fillna(0) / money.SCALE,
            margin=(table.margin_exact / money.SCALE).where(table.has_margin > 0),
            orders=table.orders.fillna(0),
            customers=table.customers.fillna(0),
            days=[(end - day.date()).days for end, day in zip(ends, table.month, strict=True)],
            is_partial=[day.date() not in complete for day in table.month],
        )
    )


def _months_sentence(complete: pd.DataFrame) -> Message:
    if complete.empty:
        return say("The data hold no complete month.")
    best = complete.iloc[int(complete.net_sales.argmax())]
    last = complete.iloc[-1]
    if best.net_sales <= 0:
        return say(
            "No complete month has net sales above 0; the last one, {month:month}: {net:money}.",
            month=last.month,
            net=last.net_sales,
        )
    if best.month == last.month:
        return say(
            "{month:month}, the last complete month, was the best: net sales of {net:money}.",
            month=last.month,
            net=last.net_sales,
        )
    return say(
        "{month:month}: net sales of {net:money}; the best month was {best:month} with {most:money}.",
        month=last.month,
        net=last.net_sales,
        best=best.month,
        most=best.net_sales,
    )


def _month_caveats(table: pd.DataFrame, calendar: Calendar) -> list[Caveat]:
    caveats = []
    if len(calendar.complete_months) < 24:
        caveats.append(
            Caveat(
                say("Less than two years of data"),
                say(
                    "Complete months in the data: {n:count}; 24 are needed to tell growth from season.",
                    n=len(calendar.complete_months),
                ),
            )
        )
    last = table.iloc[-1]
    if last.is_partial and last.month.date() not in calendar.complete_months:
        caveats.append(
            Caveat(
                say("The last month is not over"),
                say_n(
                    "Only {days:count} day of {month:month} is in the data; comparisons leave the month out.",
                    "Only {days:count} days of {month:month} are in the data; comparisons leave the month out.",
                    count="days",
                    month=last.month,
                    days=last.days,
                ),
            )
        )
    empty = table[(table.orders == 0) & ~table.is_partial]
    if len(empty):
        caveats.append(
            Caveat(
                say("Months without an order"),
                say(
                    "Complete months without an order: {n:count}, the first is {month:month}.",
                    n=len(empty),
                    month=empty.month.iloc[0],
                ),
                Weight.RED,
            )
        )
    return caveats


@finds(LINE_FLAGS)
def line_flags(flags: pd.DataFrame, spans: OrderSpans) -> Finding:
    """Count kept lines that need a second look: returns, services, duplicates, free lines.

    Parameters
    ----------
    flags : DataFrame
        `Cleaned.line_flags`.
    spans : OrderSpans
        `Cleaned.order_spans`; with more than 5 % over 31 days the order id is probably no document number.
    """
    ordered = flags.set_index("flag").reindex([str(flag) for flag in LineFlag]).reset_index()
    negative = ordered.set_index("flag").loc["negative"]
    share = spans.over_31_days / spans.orders if spans.orders else None
    caveats = []
    if share is not None and share > SPANNING_LIMIT:
        caveats.append(
            Caveat(
                say("The order number may not be a document number"),
                say("{share:share} of the orders span more than 31 days.", share=share),
                Weight.RED,
            )
        )
    numbers: dict[str, object] = {f"kept.{row.flag}.rows": row.rows for row in rows(ordered)}
    numbers |= {"orders_over_several_days": spans.over_several_days, "orders_over_31_days_share": share}
    if share is None:
        numbers["orders_over_31_days_share_absent"] = "no order has a document number"
    return Finding(
        "line_flags",
        say("Which kept lines should be checked?"),
        say_n(
            "{rows:count} return or cancellation reduces sales by {money:money}.",
            "{rows:count} returns and cancellations reduce sales by {money:money}.",
            count="rows",
            rows=int(negative.rows),
            money=abs(negative.net_sales),
        )
        if negative.rows
        else say("No kept line is a return or a cancellation."),
        LINE_FLAGS.conform(ordered),
        numbers,
        sub=say("Kept lines; a line can have several flags."),
        show=("flag", "rows", "net_sales"),
        caveats=caveats,
    )


@finds(COLUMN_ROLES)
def column_roles(
    roles: pd.DataFrame, lacking: Sequence[tuple[str, str]] = (), units: Sequence[tuple[str, int]] = ()
) -> Finding:
    """Show which columns of the export are used, and how full they are.

    Parameters
    ----------
    roles : DataFrame
        `Cleaned.roles`.
    lacking : sequence of (str, str)
        `Cleaned.lacking`.
    units : sequence of (str, int)
        `Cleaned.units`.
    """
    mapped = roles[roles.source_column.notna()]
    return Finding(
        "column_roles",
        say("Which columns are used?"),
        say(
            "{n:count} columns of the export are used; {m:count} useful ones are not in it.",
            n=len(mapped),
            m=len(roles) - len(mapped),
        ),
        COLUMN_ROLES.conform(roles),
        sub=say("Mapping of the source profile. Filled: share of the kept rows with a value."),
        base=say("The CSV table gives the reason for each mapping.") if roles.confidence.notna().any() else None,
        show=COLUMN_ROLES.names[: 5 if roles.confidence.notna().any() else 4],
        caveats=[*_lacking_caveats(lacking), *_unit_caveats(units)],
    )


def _lacking_caveats(lacking: Sequence[tuple[str, str]]) -> list[Caveat]:
    if not lacking:
        return []
    return [
        Caveat(
            say("Some files lack columns of the others"),
            say(
                "These are read as blank: {names:names}.",
                names=[say("{column} in {file}", column=column, file=file) for file, column in lacking],
            ),
        )
    ]


def _unit_caveats(units: Sequence[tuple[str, int]]) -> list[Caveat]:
    if len(units) < 2:
        return []
    return [
        Caveat(
            say("Quantities are counted in several units"),
            say(
                "Lines per unit: {names:names}. Prices and volumes are compared within one unit; supplier "
                "volume discounts add all units up.",
                names=[say("{name} ({n:count})", name=name, n=lines) for name, lines in units],
            ),
        )
    ]


@finds(INPUT_TABLES)
def input_tables(
    inputs: pd.DataFrame, unread: Sequence[str] = (), blank: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Finding:
    """Show which optional tables the source has, and what is switched off without them.

    Parameters
    ----------
    inputs : DataFrame
        `Cleaned.inputs`.
    unread : sequence of str
        `Cleaned.unread`.
    blank : mapping of str to sequence of str
        `Cleaned.blank`.
    """
    absent = int((inputs.rows == 0).sum())
    return Finding(
        "input_tables",
        say("Which tables are missing?"),
        say("{n:count} of {m:count} optional tables are in this source.", n=len(inputs) - absent, m=len(inputs)),
        INPUT_TABLES.conform(inputs.assign(without_it=inputs.input)),
        {f"inputs.{row.input}.rows": row.rows for row in rows(inputs)},
        sub=say("Without a table only what its last column names is missing."),
        show=("input", "rows", Show("without_it", wide=True)),
        caveats=[*_unread_caveats(unread), *_blank_caveats(blank)],
    )


def _blank_caveats(blank: Mapping[str, Sequence[str]]) -> list[Caveat]:
    if not blank:
        return []
    return [
        Caveat(
            say("Some columns of the optional tables are empty"),
            say(
                "Results that need these columns are left out: {names:names}.",
                names=[
                    say(
                        "{table}: {columns:names}",
                        table=Input(table).label,
                        columns=[OPTIONAL[table][column].label for column in columns],
                    )
                    for table, columns in blank.items()
                ],
            ),
        )
    ]


def _unread_caveats(unread: Sequence[str]) -> list[Caveat]:
    if not unread:
        return []
    return [
        Caveat(
            say("Sensitive columns were not read"),
            say(
                "They are only read as salted hashes, and KAM_SALT is not set: {names:names}.",
                names=[say("{name}", name=name) for name in unread],
            ),
            Weight.RED,
        )
    ]


def base_numbers(facts: pd.DataFrame, calendar: Calendar, compare_as_of: dt.date | None) -> dict[str, object]:
    """Give the headline numbers of the base: identified customers before the reference date.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    calendar : Calendar
        Window of the data.
    compare_as_of : date or None
        Comparison date.
    """
    buyers = facts[facts.orders > 0]
    first, last = buyers.first_order_on.min(), buyers.last_order_on.max()
    numbers: dict[str, object] = {
        "customers": len(facts),
        "buyers": len(buyers),
        "orders": int(facts.orders.sum()),
        "net_sales": money.total(facts.net_sales),
        "first_order_on": None if pd.isna(first) else first.date().isoformat(),
        "last_order_on": None if pd.isna(last) else last.date().isoformat(),
        "as_of": calendar.as_of.isoformat(),
        "compare_as_of": compare_as_of.isoformat() if compare_as_of else None,
    }
    for name in ("first_order_on", "last_order_on"):
        if numbers[name] is None:
            numbers[f"{name}_absent"] = "no customer has an order"
    if compare_as_of is None:
        numbers["compare_as_of_absent"] = "the data do not reach back 3 months"
    return numbers


def identified_tile(numbers: dict[str, int | float]) -> Tile:
    """Share of the kept net sales that names a customer.

    Parameters
    ----------
    numbers : dict
        Numbers of `line_status`.
    """
    kept, nobody = numbers["net_sales_kept"], numbers["net_sales_without_customer"]
    definition = say("Net sales of the kept lines that name a customer, divided by the net sales of all kept lines.")
    n = say(
        "{identified:count} of {kept:count} kept lines",
        identified=numbers["rows_kept"] - numbers["rows_without_customer"],
        kept=numbers["rows_kept"],
    )
    name = say("Sales with a customer")
    if kept <= 0 or not 0 <= nobody <= kept:
        return Tile(
            name,
            None,
            n,
            definition,
            "identified_sales",
            table="line_status",
            absent=say("Net sales with or without a customer are below 0."),
        )
    return Tile(
        name, say("{share:share}", share=1 - nobody / kept), n, definition, "identified_sales", table="line_status"
    )


def compared_months(months: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Last complete months and the same months a year before: 12 where there are 24, else 3 or 1 that have them.

    Where no month has the same one a year before, the last 12, 3 or 1 complete months stand alone: months of another
    season are not compared.

    Parameters
    ----------
    months : DataFrame
        ``company_months``.
    """
    complete = months[~months.is_partial]
    for span in SPANS:
        if len(complete) >= YEAR + span:
            return complete.tail(span), complete.iloc[-YEAR - span : len(complete) - YEAR]
    span = next((span for span in SPANS if len(complete) >= span), 0)
    return complete.tail(span), complete.head(0)


def _span_of(months: pd.DataFrame) -> tuple[dt.date, dt.date]:
    return months.month.iloc[0].date(), add_months(months.month.iloc[-1].date(), 1) - dt.timedelta(days=1)


def sales_tile(months: pd.DataFrame) -> Tile:
    """Net sales of the last complete months against the same months a year before.

    Parameters
    ----------
    months : DataFrame
        ``company_months``.
    """
    definition = say("Sales to identified customers after discounts and returns.")
    return _money_tile(months, "net_sales", say("Net sales"), definition)


def margin_tile(months: pd.DataFrame) -> Tile:
    """Margin of the lines with a cost in the last complete months against as many before.

    Parameters
    ----------
    months : DataFrame
        ``company_months``.
    """
    name, definition = say("Margin"), say("Net sales less cost, of the lines with a cost.")
    if months["margin"].isna().all():
        absent = say("The source has no cost.")
        return Tile(name, None, say("no line has a cost"), definition, "margin", absent=absent)
    return _money_tile(months, "margin", name, definition)


def _money_tile(months: pd.DataFrame, column: str, name: Message, definition: Message) -> Tile:
    now, then = compared_months(months)
    if now.empty:
        absent = say("Needs a complete month.")
        return Tile(name, None, say("no complete month"), definition, column, absent=absent)
    amount, before = (money.total(part[column].fillna(0.0)) for part in (now, then))
    n = say_n("{orders:count} order, {period:period}", "{orders:count} orders, {period:period}", count="orders",
              orders=int(now.orders.sum()), period=_span_of(now))  # fmt: skip
    value = say("{net:money}", net=amount)
    if len(then) < len(now) or before <= 0:
        return Tile(name, value, n, definition, column, table="company_months")
    change = say(
        "{change:change} from {before:money} ({period:period})",
        change=amount / before - 1,
        before=before,
        period=_span_of(then),
    )
    return Tile(name, value, n, definition, column, change, amount > before, "company_months")


def active_tile(months: pd.DataFrame, orders: pd.DataFrame) -> Tile:
    """Customers with an order in the last complete months against the same months a year before.

    Parameters
    ----------
    months : DataFrame
        ``company_months``.
    orders : DataFrame
        ``customer_orders``.
    """
    now, then = compared_months(months)
    name, definition = say("Active customers"), say("Customers with at least one order in the period.")
    if now.empty:
        return Tile(
            name,
            None,
            say("no complete month"),
            definition,
            "active_customers",
            absent=say("Needs a complete month."),
        )
    active, before = _active(orders, now), _active(orders, then) if len(then) == len(now) else 0
    n = say("of {n:count} who ever ordered; {period:period}", n=orders.customer_id.nunique(), period=_span_of(now))
    value = say("{n:count}", n=active)
    if not before:
        return Tile(name, value, n, definition, "active_customers", table="company_months")
    change = say(
        "{change:change} from {before:count} ({period:period})",
        change=active / before - 1,
        before=before,
        period=_span_of(then),
    )
    return Tile(name, value, n, definition, "active_customers", change, active > before, "company_months")


def _active(orders: pd.DataFrame, months: pd.DataFrame) -> int:
    end = months.month.iloc[-1] + pd.DateOffset(months=1)
    return int(orders[(orders.ordered_on >= months.month.iloc[0]) & (orders.ordered_on < end)].customer_id.nunique())
