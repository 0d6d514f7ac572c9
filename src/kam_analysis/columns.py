"""Columns of tables: what a column holds, and every column that several tables have, declared once.

A table lists columns: ``col.CUSTOMER_ID`` as it stands here, ``col.CUSTOMERS("With an order.", low=1)`` with what it
means in that table, and ``col.count("silent", say("Silent"), "Without an order.")`` where no other table has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any

from kam_analysis.findings import Message, say
from kam_analysis.vocabulary import (
    AbcClass,
    Band,
    BridgeStep,
    ChanceModel,
    Consent,
    Criterion,
    DemandType,
    GrowthGroup,
    KeyLevel,
    Labelled,
    Leaver,
    Likeness,
    Rejection,
    RfmSegment,
    StayGrouping,
    Sureness,
    Trigger,
    UnitColumn,
    UnitVerdict,
    XyzClass,
)


class Kind(StrEnum):
    """What a column holds: its type in a frame and how a person reads it."""

    ID = "id"  # text, never a number
    NAME = "name"  # text from the source, hostile until escaped
    VALUE = "value"  # one of a few texts of the source (industry, reason): in the reader's language where it is known
    TEXT = "text"  # text of ours, or free text
    MEMBER = "member"  # value of an enum of the vocabulary
    MEMBERS = "members"  # values of an enum, separated by blanks
    SERIES = "series"  # numbers separated by blanks, oldest first; a person sees a curve
    DATE = "date"
    MONTH = "month"  # first day of a calendar month
    COUNT = "count"
    MONEY = "money"  # currency units, nearest float64 to an exact decimal with four places
    SHARE = "share"  # 0–1
    POINTS = "points"  # a difference of shares, −1 to 1; a person reads it times 100
    RATIO = "ratio"  # any real number, two decimals
    NUMBER = "number"  # any real number, one decimal
    DAYS = "days"
    MONTHS = "months"
    FLAG = "flag"


TEXTUAL = (Kind.ID, Kind.NAME, Kind.VALUE, Kind.TEXT, Kind.MEMBER, Kind.MEMBERS, Kind.SERIES)
DATED = (Kind.DATE, Kind.MONTH)
WHOLE = (Kind.COUNT,)
OWN_BOUNDS: dict[Kind, tuple[float, float]] = {
    Kind.SHARE: (0.0, 1.0),
    Kind.POINTS: (-1.0, 1.0),
    Kind.COUNT: (0.0, float("inf")),
}
DUCKDB_TYPES = {
    **dict.fromkeys(TEXTUAL, "VARCHAR"),
    **dict.fromkeys(DATED, "DATE"),
    Kind.COUNT: "BIGINT",
    Kind.MONEY: "DECIMAL(38,4)",
    Kind.FLAG: "BOOLEAN",
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name, kind
        Name and what it holds.
    label : Message
        The head a person reads.
    meaning : str
        One sentence for the data dictionary.
    nullable : bool
        Whether a value may be missing.
    low, high : float, optional
        Inclusive bounds; shares have 0 and 1 by themselves, points −1 and 1, counts 0.
    members : type of Labelled, optional
        The enum of a MEMBER column.
    absent : Message, optional
        How a missing value reads; by default "not in the data" for words and a dash for numbers.
    by : str, optional
        The column whose value says, by `kinds`, how a person reads the number of its row; `kind` where it says nothing.
    kinds : mapping of str to Kind
    """

    name: str
    kind: Kind
    label: Message
    meaning: str
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    members: type[Labelled] | None = None
    absent: Message | None = None
    by: str | None = None
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def __call__(self, meaning: str | None = None, nullable: bool | None = None, **more: Any) -> Column:
        """Give the column as one table has it: what it means there, whether a value may be missing, its bounds.

        Examples
        --------
        >>> CUSTOMERS("With an order.", low=1).meaning, CUSTOMERS.low
        ('With an order.', None)
        """
        may_miss = self.nullable if nullable is None else nullable
        return replace(self, meaning=self.meaning if meaning is None else meaning, nullable=may_miss, **more)


def in_unit(value: float, kind: Kind) -> Message:
    """Give a number as a person reads it: money with its currency, a share in per cent, else plain.

    Examples
    --------
    >>> in_unit(0.08, Kind.SHARE).template
    '{value:share}'
    """
    units = {Kind.MONEY: say("{value:money_full}", value=value), Kind.SHARE: say("{value:share}", value=value)}
    return units.get(kind, say("{value:num}", value=value))


def _column(
    kind: Kind,
    name: str,
    label: Message,
    meaning: str = "",
    nullable: bool = False,
    low: float | None = None,
    high: float | None = None,
    **more: Any,
) -> Column:
    return Column(name, kind, label, meaning, nullable, low, high, **more)


def _members(
    kind: Kind,
    name: str,
    label: Message,
    meaning: str = "",
    members: type[Labelled] | None = None,
    nullable: bool = False,
    absent: Message | None = None,
) -> Column:
    return Column(name, kind, label, meaning, nullable, members=members, absent=absent)


ident = partial(_column, Kind.ID)
name = partial(_column, Kind.NAME)
value = partial(_column, Kind.VALUE)
text = partial(_column, Kind.TEXT)
member = partial(_members, Kind.MEMBER)
members = partial(_members, Kind.MEMBERS)
series = partial(_column, Kind.SERIES)
date = partial(_column, Kind.DATE)
month = partial(_column, Kind.MONTH)
count = partial(_column, Kind.COUNT)
money = partial(_column, Kind.MONEY)
share = partial(_column, Kind.SHARE)
change = partial(_column, Kind.SHARE, low=-1e9, high=1e9)  # a share that may pass 0 and 1
points = partial(_column, Kind.POINTS)
ratio = partial(_column, Kind.RATIO)
number = partial(_column, Kind.NUMBER)
days = partial(_column, Kind.DAYS)
months = partial(_column, Kind.MONTHS)
flag = partial(_column, Kind.FLAG)

ABC = member("abc", say("ABC"), members=AbcClass)
ACCOUNT_GROUP = member("group", say("Accounts"), members=GrowthGroup)
ACCOUNT_ID = ident("account_id", say("Account id"), "Id of the parent group, else of the customer.")
ACCOUNT_NAME = name("account_name", say("Account"), "Name of the member with the most net sales of the last 12 months.")
AMOUNT = money("amount", say("Amount"), "Money spent.")
ASK_FOR = name("person", say("Ask for"), "Contact person with most influence.", nullable=True)
AUC = share("auc", say("AUC"))
BAND = member("band", say("Band"), members=Band)
BAND_BEFORE = member("band_before", say("Band before"), members=Band, nullable=True)
BASE_BUYERS = count("base_buyers", say("Buyers before"))
BUYERS = count("buyers", say("Buyers"))
BUYERS_BEFORE = count("buyers_before", say("Buyers then"), low=1)
BUYERS_OF_BASE = count("buyers", say("Buyers before"), low=1)
CANDIDATE = member("candidate", say("Method"), members=ChanceModel)
CATEGORY = name("category", say("Category"))
CHANGE = share("change", say("Change"), high=1e9)
CHANGE_POINTS = points("change", say("Change, points"))
CHANNEL = text("channel", say("Channel"), "Channel.", nullable=True)
CITY = name("city", say("City"), "City.", nullable=True)
CLUSTER = count("cluster", say("Cluster"), low=1)
CONSENT = member("consent", say("Consent"), members=Consent)
CONTACTS = count("contacts", say("Contacts"), "Of the last 12 months.")
COST = money("cost", say("Cost"), nullable=True)
COUNTRY = name("country", say("Country"), "Country.", nullable=True)
CRITERION = member("criterion", say("Criterion"), members=Criterion)
CUSTOMERS = count("customers", say("Customers"))
CUSTOMERS_BEFORE = count("customers_before", say("Customers before"))
CUSTOMER_ID = ident("customer_id", say("Customer id"), "The customer's id, text exactly as in the source, trimmed.")
CUSTOMER_NAME = name(
    "customer_name",
    say("Customer"),
    "Name to show, with the id where several customers bear it; the id where the source has no name.",
)
DATE = date("date", say("Date"), "Date.")
DAYS = count("days", say("Days"))
DAYS_SILENT = days("recency_days", say("Days silent"))
DAYS_WITHOUT_ORDER = days("recency_days", say("Days without an order"), "Last order to the reference date.", low=1)
DEMAND_TYPE = member("demand_type", say("Demand type"), members=DemandType)
DEPARTMENT = name("department", say("Department"), nullable=True)
DISCOUNT = money("discount", say("Discount"))
DONE = text("done", say("Done"), "A tick.", nullable=True)
DONE_DATE = date("done_date", say("Done on"), nullable=True)
DONE_ON = date("done_on", say("Done on"))
DUE_ON = date("due_on", say("Due"))
ENTER = name("enter", say("Would enter"), nullable=True, absent=say("nobody"))
EVENT = value("event", say("Event"))
EXPECTED_LOSS = money("expected_loss", say("Expected loss"), low=0)
FILE = text("file", say("File"))
FORMULA_LTV = money("formula_ltv", say("Lifetime value by the formula"), nullable=True)
F_SCORE = count("f_score", say("F"), low=1, high=5)
GROSS_SALES = money("gross_sales", say("Gross sales"))
GROUP = value("group", say("Group"))
GROUPING = member("grouping", say("By"), "By what the buyers are grouped.", StayGrouping)
GROUPS = count("groups", say("Groups"), low=1)
HHI_AFTER = share("hhi_after", say("HHI after"), "Of what remains.", nullable=True)
HIGH = share("high", say("To"), "Upper end of the 95 % Wilson interval.", nullable=True)
HIGH_MONEY = money("high", say("To"), "Upper bound of the same.")
HOURS = number("hours", say("Hours"), nullable=True)
INDUSTRY = name("industry", say("Industry"), nullable=True)
IS_CHOSEN = flag("is_chosen", say("Chosen"))
IS_KEY = flag("is_key", say("Key"), "On the company's key list.")
IS_REVERSED = flag("is_reversed", say("Reversed"))
IS_STOPPED = flag("is_stopped", say("Stopped"))
IS_USED = flag("is_used", say("Used here"), "The way the classes of this page were computed.")
KEY_CLIENTS = count("key_clients", say("Key clients"))
ITEM = name("item", say("Item"), "Item in words.")
KIND_TEXT = text("kind", say("Kind"))
LARGEST_SHARE = share("largest_share", say("Its share"))
LARGEST_SHARE_AFTER = share("largest_share_after", say("Largest share after"), "Of what remains.", nullable=True)
LAST_BOUGHT_ON = date("last_on", say("Last bought"))
LAST_ORDER_ON = date("last_order_on", say("Last order"), "Date of the last order.", nullable=True)
LEAVE = name("leave", say("Would leave"), nullable=True, absent=say("nobody"))
LEAVER = member("leaver", say("List of key clients"), "Client, parent group or all key clients.", Leaver)
LEAVER_NAME = name("name", say("If this client leaves"), nullable=True, absent=say("all key accounts"))
LEVEL = member("level", say("Level"), "The first reason that holds.", KeyLevel)
LIKENESS = member("likeness", say("Peers by"), members=Likeness)
LINE_CUSTOMER = ident("customer_id", say("Customer"), nullable=True)
LINE_NO = count("line_no", say("Line"), "Running number of the physical row over all files.", low=1)
LOST_CHANCE = share("lost_chance", say("Lost chance"), nullable=True)
LOW = share("low", say("From"), "Lower end of the 95 % Wilson interval.", nullable=True)
LOW_MONEY = money("low", say("From"), "Lower bound of the 95 % interval.")
MANAGER = name("manager", say("Manager"), nullable=True)
MANAGERS = count("managers", say("Managers"), "Managers on the lines of the last 12 months.")
MARGIN = money("margin", say("Margin"), "Margin of the lines with a cost.", nullable=True)
MARGIN_12M = money("margin_12m", say("Margin, 12 months"), "Margin of lines with a cost.", nullable=True)
MARGIN_BASE = money("margin_base", say("Sales with a cost"), "Net sales of the lines with a cost.")
MARGIN_BASE_12M = money("margin_base_12m", say("Sales with a cost, 12 months"), "Net sales of lines with a cost.")
MARGIN_SHARE = share("margin_share", say("Margin share"))
MEAN_ORDERS = number("orders", say("Orders"), nullable=True, low=0)
MEDIAN_DAYS = days("median_days", say("Median, days"), nullable=True)
MEDIAN_GAP_DAYS = days("median_gap_days", say("Usual gap, days"), "Median gap between order days.", low=1)
MEMBERS = count("members", say("Members"), "Customers of the account with a line before the date.", low=1)
MEMBERSHIP = share(
    "membership",
    say("Among the first"),
    "Share of random weightings in which the score puts the account among the first k; nothing about sampling.",
    nullable=True,
)
MIX_EFFECT = money("mix_effect", say("Mix"))
MONTH = month("month", say("Month"))
N = count("n", say("n"))
NAME = name("name", say("Name"), "Name.", nullable=True)
NEED = count("need", say("Need"), low=1)
NET_SALES = money("net_sales", say("Net sales"))
NET_SALES_12M = money(
    "net_sales_12m", say("Net sales, 12 months"), "Net sales of the last 12 months before the reference date."
)
NET_SALES_BEFORE = money("net_sales_before", say("Net sales before"))
NET_SALES_LOST = money("net_sales_lost", say("Net sales lost"), low=0)
NET_SALES_NOW = money("net_sales_now", say("Net sales now"), "Last 12 months.")
NET_SALES_SHARE = share("net_sales_share", say("Share of net sales"), nullable=True)
NET_SALES_YEAR = money("net_sales_year", say("Net sales, last year"))
NET_SALES_YEAR_BEFORE = money(
    "net_sales_before", say("Net sales, 12 months before"), "Net sales of the 12 months before."
)
NEW_CUSTOMERS = count("new_customers", say("New customers"), "With their first order then.")
NEW_ITEMS = count("new_items", say("New items"))
OBSERVED = share("observed", say("Observed"))
ON = date("on", say("Day"))
ORDERED = count("ordered", say("Ordered"))
ORDERED_ON = date("ordered_on", say("Date"))
ORDERS = count("orders", say("Orders"), "Orders dated in the month.")
ORDERS_12M = count("orders_12m", say("Orders, 12 months"), "Orders of the last 12 months.")
ORDER_DAYS = count("order_days", say("Order days"), "Days with an order.")
ORDER_ID = ident("order_id", say("Order"), nullable=True)
ORIGIN_ON = date("origin_on", say("Checked on"))
OTHERS_SHARE = share("others_share", say("Of the others"), nullable=True)
OWNER = name("manager", say("Owner"), nullable=True)
P90_DAYS = days("p90_days", say("Nine of ten, days"), nullable=True)
PARENT_ID = ident("parent_id", say("Parent group"), "Parent group.", nullable=True)
PEERS = count("peers", say("Peers"), low=1)
PLACE = count("place", say("Place"), low=1)
PLAN = money("plan", say("Plan"), nullable=True)
NAMED_OWNER = name("owner", say("Owner"), nullable=True)
POTENTIAL = money("potential", say("Potential"), "Possible yearly purchases from us.", nullable=True)
PREDICTED = share("predicted", say("Expected"))
QTY = number("qty", say("Quantity"))
RANK = count("rank", say("Rank"), low=1)
REASON = value("reason", say("Reason"), nullable=True)
REGION = name("region", say("Region"), nullable=True)
REJECTION = member("reason", say("Reason"), members=Rejection)
RESULT = text("result", say("Result"), "Result.", nullable=True)
RETAINED_BUYERS = count("retained_buyers", say("Stayed"), "Buyers of the base with an order in the period.")
RETAINED_SHARE = share("retained_share", say("Retained share"), nullable=True)
RFM_SEGMENT = member("rfm_segment", say("RFM segment"), "Segment by R, F and M.", RfmSegment)
RF_SEGMENT = member("rf_segment", say("RF segment"), members=RfmSegment)
ROLE = value("role", say("Role"), nullable=True)
ROLE_TEXT = text("role", say("Role"), "Role.", nullable=True)
ROWS = count("rows", say("Rows"))
R_SCORE = count("r_score", say("R"), low=1, high=5)
SALES_PER_ORDER = money("sales_per_order", say("Net sales per order (S)"), "Net sales over orders.")
SALES_SHARE = share("sales_share", say("Of net sales"), nullable=True)
SCORE = share("score", say("Score"), "Weighted sum of the criteria's scores.")
SEGMENT = text("segment", say("Segment"))
SHARE = share("share", say("Share"), nullable=True)
SHARE_12M = share(
    "share_12m",
    say("Share"),
    "Of the net sales of accounts above 0 in the last 12 months; missing for an account at 0 or below.",
    nullable=True,
)
SHARE_LOST = share("share_lost", say("Share"))
SHEET = text("sheet", say("Sheet"), "Sheet of a workbook.", nullable=True)
SILHOUETTE = ratio("silhouette", say("Silhouette"))
SIZE = name("size", say("Size"), nullable=True)
STATUS = text("status", say("Status"), nullable=True)
STEP = member("step", say("Step"), "Step of the bridge.", BridgeStep)
SURENESS = member("sureness", say("State"), members=Sureness)
TARGET = number("target", say("Goal"))
TASK_ID = ident("task_id", say("Task"))
TAX_ID = ident("tax_id", say("Tax id"), "Tax id.", nullable=True)
TENTH = count("tenth", say("Tenth"), low=1, high=10)
TRIGGER = member("trigger", say("Trigger"), "Why the call was made.", Trigger)
UNIT = name("unit", say("Unit"), nullable=True)
UNIT_COLUMN = member("unit_column", say("Level"), "Which column.", UnitColumn)
VARIATION = ratio("variation", say("Variation"), nullable=True, low=0)
VERDICT = member("verdict", say("Against the rest"), "Beyond chance, over all groups.", UnitVerdict)
WEIGHT_USED = share("weight_used", say("Weight used"))
WINDOW_MONTHS = count("window_months", say("Window, months"), "Length of the rolling window.", low=1)
WORDS = text("text", say("Text"))
XYZ = member("xyz", say("XYZ"), members=XyzClass)
