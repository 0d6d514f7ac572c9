"""Tables that the cleaning chapter publishes."""

from __future__ import annotations

from kam_analysis.findings import say
from kam_analysis.tables import CUSTOMER_ID, CUSTOMER_NAME, Column, Kind, Table
from kam_analysis.vocabulary import Labelled, Rejection


class LineStatus(Labelled):
    """What became of the physical rows."""

    READ = "read", say("read")
    KEPT = "kept", say("kept")
    REJECTED = "rejected", say("rejected")
    IDENTIFIED = "identified", say("kept, with a customer")
    WITHOUT_CUSTOMER = "without_customer", say("kept, without a customer")


class LineFlag(Labelled):
    """What a kept line may be, beside a plain sale."""

    NEGATIVE = "negative", say("returns and cancellations (money below 0)")
    CANCELLED = "cancelled", say("cancelled documents")
    CANCELLED_POSITIVE = "cancelled_positive", say("sales in cancelled documents (money above 0)")
    SERVICE = "service", say("service lines (postage, fees, corrections)")
    EXACT_DUPLICATE = "exact_duplicate", say("exact duplicates within one file")
    ZERO = "zero", say("free lines (money exactly 0)")
    WITHOUT_CUSTOMER = "without_customer", say("lines without a customer")


class Reversal(Labelled):
    """Whether a return or cancellation answers to a sale."""

    MATCHED = "matched", say("matched to an earlier sale")
    UNMATCHED = "unmatched", say("no such sale in the data")
    WITHOUT_CUSTOMER = "without_customer", say("without a customer")


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

    CUSTOMERS = "customers", say("no profile tables and no roll-up to parent groups: concentration may be understated")
    MANAGERS = "managers", say("no plan, role or capacity of managers")
    ASSESSMENT = "assessment", say("no growth potential, strategic importance or analyst's flags in the score")
    SURVEY = "survey", say("no recommendation score, no satisfaction, no advocates")
    INTERACTIONS = "interactions", say("no reasons of complaint or return, no cost to serve")
    SPEND = "spend", say("no cost of winning a customer")
    CONTRACTS = "contracts", say("no renewals")
    PURCHASE_TERMS = "purchase_terms", say("no supplier discount in the loss of a client")
    CONTACTS = "contacts", say("no check for a single contact person")
    TASKS_DONE = "tasks_done", say("no results of calls")
    PAYMENTS = "payments", say("no calls about overdue payments")
    CALL_PARTS = "call_parts", say("no measured effect of calls")


LINE_STATUS = Table(
    "line_status",
    "one status of the rows read, and one reason of rejection",
    (
        Column("status", Kind.MEMBER, say("Status"), "Read, kept or rejected.", members=LineStatus),
        Column(
            "reason",
            Kind.MEMBER,
            say("Reason"),
            "Reason of rejection; missing for the totals.",
            True,
            members=Rejection,
            absent=say("all"),
        ),
        Column("rows", Kind.COUNT, say("Rows"), "Physical rows.", low=0),
        Column("net_sales", Kind.MONEY, say("Net sales"), "Their money; unreadable money counts 0."),
        Column("rows_share", Kind.SHARE, say("Share of rows"), "Of the rows read."),
    ),
)

FILE_ROWS = Table(
    "file_rows",
    "one file or sheet",
    (
        Column("file", Kind.TEXT, say("File"), "File in data/raw."),
        Column("sheet", Kind.TEXT, say("Sheet"), "Sheet of a workbook.", nullable=True),
        Column("rows_read", Kind.COUNT, say("Rows read"), "Physical rows, without the header.", low=0),
        Column("rows_kept", Kind.COUNT, say("Rows kept"), "Rows kept.", low=0),
        Column("rows_rejected", Kind.COUNT, say("Rows rejected"), "Rows rejected.", low=0),
        Column("net_sales_read", Kind.MONEY, say("Net sales read"), "Kept plus rejected, exactly."),
        Column("net_sales_kept", Kind.MONEY, say("Net sales kept"), "Money of the rows kept."),
        Column("net_sales_rejected", Kind.MONEY, say("Net sales rejected"), "Money of the rows rejected."),
    ),
)

COMPANY_MONTHS = Table(
    "company_months",
    "one calendar month, identified customers",
    (
        Column("month", Kind.MONTH, say("Month"), "Calendar month."),
        Column("net_sales", Kind.MONEY, say("Net sales"), "Net sales of identified customers."),
        Column("margin", Kind.MONEY, say("Margin"), "Margin of the lines with a cost.", nullable=True),
        Column("orders", Kind.COUNT, say("Orders"), "Orders dated in the month.", low=0),
        Column("customers", Kind.COUNT, say("Active customers"), "Customers with an order in the month.", low=0),
        Column("days", Kind.COUNT, say("Days"), "Days of the month before the reference date.", low=1, high=31),
        Column("is_partial", Kind.FLAG, say("Partial"), "The month is not complete."),
    ),
    ("month",),
)

COLUMN_ROLES = Table(
    "column_roles",
    "one column of the order lines",
    (
        Column("role", Kind.MEMBER, say("Meaning"), "Standard name.", members=Meaning),
        Column("source_column", Kind.TEXT, say("Column in the export"), "Missing where not mapped.", nullable=True),
        Column("filled_rows", Kind.COUNT, say("Rows filled"), "Kept rows with a value.", low=0),
        Column("filled_share", Kind.SHARE, say("Filled"), "Share of kept rows with a value.", nullable=True),
        Column(
            "confidence", Kind.SHARE, say("Confidence"), "Of `kam map`; missing where a person wrote it.", nullable=True
        ),
        Column("guessed_by", Kind.TEXT, say("Mapped by"), "What `kam map` saw in the column.", nullable=True),
    ),
    ("role",),
)

INPUT_TABLES = Table(
    "input_tables",
    "one table of the input model",
    (
        Column("input", Kind.MEMBER, say("Table"), "Name in the source profile.", members=Input),
        Column("rows", Kind.COUNT, say("Rows"), "Rows read; 0 where the source has none.", low=0),
        Column("without_it", Kind.MEMBER, say("Without it"), "What is switched off.", members=MissingInput),
    ),
    ("input",),
)

LINE_FLAGS = Table(
    "line_flags",
    "one flag of kept lines that a reader should know",
    (
        Column("flag", Kind.MEMBER, say("Lines"), "What is counted.", members=LineFlag),
        Column("rows", Kind.COUNT, say("Rows"), "Kept rows with the flag.", low=0),
        Column("net_sales", Kind.MONEY, say("Net sales"), "Their money."),
    ),
    ("flag",),
)

REVERSALS = Table(
    "reversals",
    "one kind of negative kept lines",
    (
        Column("reversal", Kind.MEMBER, say("Returns and cancellations"), "Matched or not.", members=Reversal),
        Column("rows", Kind.COUNT, say("Rows"), "Negative kept lines.", low=0),
        Column("net_sales", Kind.MONEY, say("Net sales"), "Their money."),
    ),
    ("reversal",),
)

REVERSED_GIANTS = Table(
    "reversed_giants",
    "one customer among the twenty largest by gross sales of whom little is left net",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("gross_rank", Kind.COUNT, say("Rank by gross sales"), "1 for the largest.", low=1),
        Column("gross_sales", Kind.MONEY, say("Gross sales"), "Positive lines."),
        Column("net_sales", Kind.MONEY, say("Net sales"), "All lines."),
        Column("reversed_share", Kind.SHARE, say("Returned"), "Of the gross sales, 1 at most."),
    ),
    ("customer_id",),
)
