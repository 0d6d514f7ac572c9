"""Every table that crosses a stage or a page: grain, columns, meaning, unit, bounds.

One description gives the checks on entry and exit, the header a person reads and the data dictionary. A table that a
room publishes stands in the module that computes it; the ones that several rooms read stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib import import_module
from pkgutil import walk_packages
from typing import TypeVar

import numpy as np
import pandas as pd

from kam_analysis.errors import Problem
from kam_analysis.findings import Message, say
from kam_analysis.vocabulary import (
    AbcClass,
    Band,
    ChanceBasis,
    ChanceModel,
    Criterion,
    DemandType,
    Flag,
    KeyLevel,
    KeyReason,
    Labelled,
    LadderStep,
    LifeCycle,
    Nomination,
    Rejection,
    RfmSegment,
    Sureness,
    Trigger,
    UnitColumn,
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
_OWN_BOUNDS: dict[Kind, tuple[float, float]] = {Kind.SHARE: (0.0, 1.0), Kind.POINTS: (-1.0, 1.0)}
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
        Inclusive bounds; shares have 0 and 1 by themselves, points −1 and 1.
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


def in_unit(value: float, kind: Kind) -> Message:
    """Give a number as a person reads it: money with its currency, a share in per cent, else plain.

    Examples
    --------
    >>> in_unit(0.08, Kind.SHARE).template
    '{value:share}'
    """
    units = {Kind.MONEY: say("{value:money_full}", value=value), Kind.SHARE: say("{value:share}", value=value)}
    return units.get(kind, say("{value:num}", value=value))


class ContractError(Exception):
    """A table does not hold what its contract says: a defect of the code, not of the input."""


@dataclass(frozen=True)
class Table:
    """Contract of a table.

    Parameters
    ----------
    name : str
        Name of the file and of the frame; it tells the grain.
    grain : str
        What one row is.
    columns : tuple of Column
        All columns, in order.
    key : tuple of str
        Columns that are unique together.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Column:
        """Give one column of the contract by its name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def empty(self) -> pd.DataFrame:
        """Give a frame without rows that keeps the contract."""
        return self.conform(pd.DataFrame({column.name: [] for column in self.columns}))

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Select the contract's columns in order, with their types; a new frame."""
        return pd.DataFrame({column.name: _typed(frame[column.name], column) for column in self.columns})

    def check(self, frame: pd.DataFrame, at: str = "") -> pd.DataFrame:
        """Return the frame when it keeps the contract.

        Raises
        ------
        ContractError
            With every violation: columns, types, missing values, bounds, members, repeated keys.
        """
        problems = self._problems(frame)
        if problems:
            head = f"table {self.name}" + (f" at {at}" if at else "")
            raise ContractError(head + ":\n" + "\n".join(f"- {problem}" for problem in problems))
        return frame

    def _problems(self, frame: pd.DataFrame) -> list[Problem]:
        if list(frame.columns) != self.names:
            missing = [name for name in self.names if name not in frame.columns]
            extra = [str(name) for name in frame.columns if name not in self.names]
            return [Problem(f"columns differ: missing {missing}, unexpected {extra}, order {list(frame.columns)}")]
        found = []
        for column in self.columns:
            values = frame[column.name]
            if not _type_fits(values, column):
                found.append(Problem(f"type {values.dtype} for {column.kind}", column.name))
                continue
            lacking = values.isna()
            has_gaps = bool(lacking.any())
            if has_gaps and not column.nullable:
                found.append(Problem("missing values", column.name, int(lacking.sum()), list(frame.index[lacking][:3])))
            present = values[~lacking] if has_gaps else values
            if outside := _outside(present, column):
                found.append(Problem("values outside the bounds", column.name, len(outside), outside))
        if self.key and (twice := frame.duplicated(list(self.key))).any():
            examples = frame.loc[twice, list(self.key)].head(3).values.tolist()
            found.append(Problem(f"key {self.key} repeats", "", int(twice.sum()), examples))
        return found


def _typed(values: pd.Series, column: Column) -> pd.Series:
    if column.kind in TEXTUAL:
        return values.astype("str")
    if column.kind in DATED:
        return pd.to_datetime(values).astype("datetime64[us]")
    if column.kind is Kind.FLAG:
        return values if values.isna().any() else values.astype("bool")
    numbers = values.astype("float64")
    if column.kind in WHOLE and not column.nullable and (numbers % 1 == 0).all():
        return values.astype("int64")
    return numbers


def _type_fits(values: pd.Series, column: Column) -> bool:
    if column.kind in TEXTUAL:
        return pd.api.types.is_string_dtype(values)
    if column.kind in DATED:
        return pd.api.types.is_datetime64_dtype(values)
    if column.kind is Kind.FLAG:
        return pd.api.types.is_bool_dtype(values)
    if column.kind in WHOLE and not column.nullable:
        return pd.api.types.is_integer_dtype(values)
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _outside(present: pd.Series, column: Column) -> list[object]:
    if column.kind in (Kind.MEMBER, Kind.MEMBERS) and column.members is not None:
        words = present if column.kind is Kind.MEMBER else present.str.split(" ").explode()
        is_known = words.isin([str(member) for member in column.members])
        return [] if is_known.all() else [str(value) for value in words[~is_known].unique()]
    if column.kind is Kind.MONTH:
        return [day.date().isoformat() for day in present[present.dt.day != 1]]
    if column.kind in TEXTUAL or column.kind in DATED or column.kind is Kind.FLAG:
        return []
    own_low, own_high = _OWN_BOUNDS.get(column.kind, (None, None))
    low = own_low if column.low is None else column.low
    high = own_high if column.high is None else column.high
    numbers = present.astype("float64").to_numpy()
    bad = ~np.isfinite(numbers)
    if column.kind in WHOLE:
        bad |= np.rint(numbers) != numbers
    if low is not None:
        bad |= numbers < low
    if high is not None:
        bad |= numbers > high
    return [float(value) for value in numbers[bad]]


def by_name(*tables: Table) -> dict[str, Table]:
    """Tables by their names.

    Examples
    --------
    >>> list(by_name(ORDER_LINES))
    ['order_lines']
    """
    return {table.name: table for table in tables}


_FOUND: dict[str, dict[str, Table]] = {}
_FINDERS: dict[str, str] = {}
Finder = TypeVar("Finder", bound=Callable[..., object])


def finds(*tables: Table, room: str | None = None) -> Callable[[Finder], Finder]:
    """Tables of the findings that a function gives: its room publishes them as ``reports/tables/<table>.csv``.

    Parameters
    ----------
    tables : Table
        Contracts of the findings, which bear their names.
    room : str, optional
        The room that shows them; by default that of the function.

    Raises
    ------
    ContractError
        When another function gives a finding of that name.
    """

    def register(function: Finder) -> Finder:
        name = f"{function.__module__}.{function.__qualname__}"
        for table in tables:
            if (other := _FINDERS.setdefault(table.name, name)) != name:
                raise ContractError(f"the finding {table.name} is given by {other} and by {name}")
            _FOUND.setdefault(room or name.split(".")[1], {})[table.name] = table
        return function

    return register


def published(room: str) -> dict[str, Table]:
    """Contracts of a room's findings by their names, as `finds` declares them.

    Examples
    --------
    >>> published("actions")["call_list"].key
    ('customer_id',)
    """
    package = import_module(f"kam_analysis.{room}")
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    return dict(_FOUND[room])


_C = Column
CUSTOMER_ID = _C(
    "customer_id", Kind.ID, say("Customer id"), "The customer's id, text exactly as in the source, trimmed."
)
CUSTOMER_NAME = _C(
    "customer_name",
    Kind.NAME,
    say("Customer"),
    "Name to show, with the id where several customers bear it; the id where the source has no name.",
)
NET_SALES_12M = _C(
    "net_sales_12m",
    Kind.MONEY,
    say("Net sales, 12 months"),
    "Net sales of the last 12 months before the reference date.",
)

_PLACE = (
    _C("file", Kind.TEXT, say("File"), "File or table the line was read from."),
    _C("sheet", Kind.TEXT, say("Sheet"), "Sheet of a workbook.", nullable=True),
    _C("row", Kind.COUNT, say("Row"), "Row in the file or sheet, the first row of the file is 1.", low=1),
)

_UNITS = (
    _C("manager", Kind.NAME, say("Manager"), "Manager on the line.", nullable=True),
    _C("department", Kind.NAME, say("Department"), "Department on the line.", nullable=True),
    _C("country", Kind.NAME, say("Country"), "Country on the line.", nullable=True),
    _C("region", Kind.NAME, say("Region"), "Region on the line.", nullable=True),
    _C("channel", Kind.NAME, say("Channel"), "Sales channel on the line.", nullable=True),
)

ORDER_LINES = Table(
    "order_lines",
    "one kept line of an order",
    (
        _C("line_no", Kind.COUNT, say("Line"), "Running number of the physical row over all files.", low=1),
        *_PLACE,
        _C("customer_id", Kind.ID, say("Customer"), "Customer id; missing where the line names nobody.", nullable=True),
        _C("customer_name", Kind.NAME, say("Customer"), "Customer's name on the line.", nullable=True),
        _C("order_id", Kind.ID, say("Order"), "Document number; missing where the source has none.", nullable=True),
        _C("ordered_on", Kind.DATE, say("Date"), "Calendar date of the line."),
        _C("sku", Kind.ID, say("Item code"), "Item code.", nullable=True),
        _C("item", Kind.NAME, say("Item"), "Item in words.", nullable=True),
        _C("category", Kind.NAME, say("Category"), "Item category.", nullable=True),
        _C("qty", Kind.NUMBER, say("Quantity"), "Quantity, negative for returns.", nullable=True),
        _C("unit", Kind.NAME, say("Unit"), "What the quantity counts, such as kg or pieces.", nullable=True),
        _C("unit_price", Kind.MONEY, say("Unit price"), "Price per unit before discount.", nullable=True),
        _C("net_sales", Kind.MONEY, say("Net sales"), "Signed, after discount, DECIMAL(18,4)."),
        _C("discount", Kind.MONEY, say("Discount"), "Taken off, signed like the line's net sales.", nullable=True),
        _C("cost", Kind.MONEY, say("Cost"), "Cost of the line, signed like its net sales.", nullable=True),
        *_UNITS,
        _C("status", Kind.TEXT, say("Status"), "Status of the line or order.", nullable=True),
        _C("is_service", Kind.FLAG, say("Service line"), "Postage, fees, corrections: sales, never a product."),
    ),
    ("line_no",),
)

REJECTED_LINES = Table(
    "rejected_lines",
    "one line that was not kept",
    (
        _C("line_no", Kind.COUNT, say("Line"), "Running number of the physical row over all files.", low=1),
        *_PLACE,
        _C("reason", Kind.MEMBER, say("Reason"), "Why it was not kept.", members=Rejection),
        _C("customer_id", Kind.ID, say("Customer"), "Customer id as read.", nullable=True),
        _C("order_id", Kind.ID, say("Order"), "Document number as read.", nullable=True),
        _C("ordered_on", Kind.DATE, say("Date"), "Date when it could be read.", nullable=True),
        _C("net_sales", Kind.MONEY, say("Net sales"), "Money when it could be read, else 0."),
    ),
    ("line_no",),
)

CUSTOMER_ORDERS = Table(
    "customer_orders",
    "one order of an identified customer before the reference date, with at least one line above 0",
    (
        CUSTOMER_ID,
        _C("order_id", Kind.ID, say("Order"), "Document number, or the day where there is none."),
        _C("ordered_on", Kind.DATE, say("Date"), "Date of the earliest line with net sales above 0."),
        _C("net_sales", Kind.MONEY, say("Net sales"), "Net sales of all lines of the order."),
        _C(
            "order_no", Kind.COUNT, say("Order no."), "1 for the customer's first order, by date, then order id.", low=1
        ),
    ),
    ("customer_id", "order_id"),
)

CUSTOMER_MONTHS = Table(
    "customer_months",
    "one identified customer and calendar month with a line or an order, before the reference date",
    (
        CUSTOMER_ID,
        _C("month", Kind.MONTH, say("Month"), "First day of the calendar month."),
        _C("net_sales", Kind.MONEY, say("Net sales"), "Net sales of the lines dated in the month."),
        _C("margin", Kind.MONEY, say("Margin"), "Margin of the lines with a cost.", nullable=True),
        _C("orders", Kind.COUNT, say("Orders"), "Orders dated in the month.", low=0),
    ),
    ("customer_id", "month"),
)

CUSTOMER_LIFE_MONTHS = Table(
    "customer_life_months",
    "one buyer and month of 30.4375 days since its first order with a line, before the reference date",
    (
        CUSTOMER_ID,
        _C("life_month", Kind.COUNT, say("Month"), "1 for the month that begins with the first order.", low=1),
        _C("orders", Kind.COUNT, say("Orders"), "Orders dated in the month.", low=0),
        _C("net_sales", Kind.MONEY, say("Net sales"), "Net sales of the lines dated in the month."),
        _C("margin", Kind.MONEY, say("Margin"), "Margin of the lines with a cost.", nullable=True),
        _C("margin_base", Kind.MONEY, say("Sales with a cost"), "Net sales of the lines with a cost."),
    ),
    ("customer_id", "life_month"),
)


def _facts(name: str, grain: str) -> Table:
    return Table(
        name,
        grain,
        (
            CUSTOMER_ID,
            CUSTOMER_NAME,
            _C("parent_id", Kind.ID, say("Parent group"), "Parent group; the customer itself where there is none."),
            _C("industry", Kind.NAME, say("Industry"), "Industry of the customer.", nullable=True),
            _C("size", Kind.NAME, say("Size"), "Size class of the customer.", nullable=True),
            _C("region", Kind.NAME, say("Region"), "Region: customers table, else most net sales.", nullable=True),
            _C("country", Kind.NAME, say("Country"), "Country: customers table, else most net sales.", nullable=True),
            _C(
                "manager",
                Kind.NAME,
                say("Manager"),
                "Most of the customer's net sales in the last 12 months, ties by the latest line, then name; "
                "the customers table where the lines name nobody.",
                nullable=True,
            ),
            _C("department", Kind.NAME, say("Department"), "Department, by the same rule.", nullable=True),
            _C("lines", Kind.COUNT, say("Lines"), "Kept lines.", low=1),
            _C("orders", Kind.COUNT, say("Orders"), "Orders with at least one line above 0.", low=0),
            _C("order_days", Kind.COUNT, say("Order days"), "Days with an order.", low=0),
            _C("first_order_on", Kind.DATE, say("First order"), "Date of the first order.", nullable=True),
            _C("last_order_on", Kind.DATE, say("Last order"), "Date of the last order.", nullable=True),
            _C("recency_days", Kind.DAYS, say("Days since last order"), "Last order to the reference date.", True, 1),
            _C("tenure_days", Kind.DAYS, say("Days since first order"), "First order to the reference date.", True, 1),
            _C("median_gap_days", Kind.DAYS, say("Usual gap, days"), "Median gap between order days.", True, 1),
            _C("products", Kind.COUNT, say("Products"), "Different items bought, service lines left out.", low=0),
            _C("net_sales", Kind.MONEY, say("Net sales"), "Net sales of all history."),
            _C("gross_sales", Kind.MONEY, say("Gross sales"), "Positive lines of all history.", low=0),
            _C("margin", Kind.MONEY, say("Margin"), "Margin of the lines with a cost, all history.", nullable=True),
            _C("margin_base", Kind.MONEY, say("Sales with a cost"), "Net sales of the lines with a cost."),
            _C("orders_12m", Kind.COUNT, say("Orders, 12 months"), "Orders of the last 12 months.", low=0),
            NET_SALES_12M,
            _C("gross_sales_12m", Kind.MONEY, say("Gross sales, 12 months"), "Positive lines, 12 months.", low=0),
            _C("margin_12m", Kind.MONEY, say("Margin, 12 months"), "Margin of lines with a cost, 12 months.", True),
            _C("margin_base_12m", Kind.MONEY, say("Sales with a cost, 12 months"), "Net sales of lines with a cost."),
            _C(
                "net_sales_before", Kind.MONEY, say("Net sales, 12 months before"), "Net sales of the 12 months before."
            ),
            _C(
                "gap_survival_probability",
                Kind.SHARE,
                say("Chance of such a silence"),
                "Probability that a customer with this rate is silent this long (gamma–Poisson); buyers only.",
                nullable=True,
            ),
            _C(
                "formula_ltv",
                Kind.MONEY,
                say("Lifetime value by the formula"),
                "S·C·P·T of the customer, margin money; net sales where no margin is known. Buyers only.",
                nullable=True,
            ),
        ),
        ("customer_id",),
    )


CUSTOMER_FACTS = _facts("customer_facts", "one customer with a line before the reference date")
CUSTOMER_FACTS_BEFORE = _facts(
    "customer_facts_before", "one customer with a line before the comparison date, as known on that date"
)


TRIGGERS = Table(
    "triggers",
    "one reason to call a customer; the latest of its kind",
    (
        CUSTOMER_ID,
        _C("trigger", Kind.MEMBER, say("Trigger"), "Why somebody should call.", members=Trigger),
        _C("triggered_on", Kind.DATE, say("Date"), "Day of the trigger; a contract's end may lie ahead."),
        _C(
            "cause", Kind.NAME, say("Cause"), "In the words of the source: a reason, result or category.", nullable=True
        ),
    ),
    ("customer_id", "trigger"),
)

_CHANCE = _C(
    "lost_chance",
    Kind.SHARE,
    say("Lost chance"),
    "Chance of no order day in the horizon, 90 days, from the reference date on; never exactly 0 or 1.",
)
_YEARS_VALUE = _C(
    "years_value",
    Kind.MONEY,
    say("A year's value"),
    "Margin of the lines in the 12 months that end with the last order; net sales where the source has no cost.",
    low=0,
)
_EXPECTED_LOSS = _C(
    "expected_loss",
    Kind.MONEY,
    say("Expected loss"),
    "Lost chance × a year's value × the share of it that a silence costs.",
    low=0,
)
_UNUSUAL = _C(
    "is_unusual_silence",
    Kind.FLAG,
    say("Unusual silence"),
    "Longer than the customer's own gaps let expect, beyond chance over all customers.",
)

_LIKELY = _C(
    "is_likely_silent",
    Kind.FLAG,
    say("Likely silent"),
    "Two order days and a lost chance of at least `facts.alarm`; where nobody can be ranked, silent beyond "
    "`facts.silent_gaps` times the own median gap.",
)

CUSTOMER_CHANCES = Table(
    "customer_chances",
    "one customer with an order in the last 12 months",
    (
        CUSTOMER_ID,
        _CHANCE,
        _C("basis", Kind.MEMBER, say("Where it comes from"), "What gives the lost chance.", members=ChanceBasis),
        _YEARS_VALUE,
        _EXPECTED_LOSS,
        _C("is_stopped", Kind.FLAG, say("Stopped"), "Lost chance of at least `facts.stopped_from`."),
        _C(
            "silence_p_value",
            Kind.SHARE,
            say("Chance of such a silence without leaving"),
            "Share of simulated open gaps that are as rare; customers with two order days only.",
            nullable=True,
        ),
        _UNUSUAL,
        _LIKELY,
    ),
    ("customer_id",),
)

CHANCE_SUMMARY = Table(
    "chance_summary",
    "one row: how the lost chance was learned and how it did on the last earlier day",
    (
        _C(
            "candidate",
            Kind.MEMBER,
            say("Method"),
            "What ranks the customers; missing where no earlier day has enough customers.",
            nullable=True,
            members=ChanceModel,
        ),
        _C("origins", Kind.COUNT, say("Earlier days"), "Earlier days with enough customers.", low=0),
        _C(
            "auc", Kind.SHARE, say("AUC"), "Area under the curve on the last earlier day; 0.5 is chance.", nullable=True
        ),
        _C("auc_low", Kind.SHARE, say("AUC from"), "Lower end of its interval at 95 %.", nullable=True),
        _C("auc_high", Kind.SHARE, say("AUC to"), "Upper end.", nullable=True),
        _C("auc_recency", Kind.SHARE, say("AUC of recency"), "Of days since the last order alone.", nullable=True),
        _C("predicted", Kind.SHARE, say("Expected"), "Mean lost chance on that day, by what was known.", nullable=True),
        _C("observed", Kind.SHARE, say("Observed"), "Share who then stayed away for the horizon.", nullable=True),
        _C("is_calibrated", Kind.FLAG, say("Calibrated"), "Whether earlier days set the slope as well as the level."),
        _C("is_ranking", Kind.FLAG, say("Can rank"), "Whether the interval of the AUC lies above 0.5."),
        _C(
            "loss_share",
            Kind.SHARE,
            say("Loss share"),
            "Share of a year's value lost with those who stay away; missing, then 1, without a day a year back.",
            nullable=True,
        ),
        _C("silence_shape", Kind.NUMBER, say("Shape of the gaps"), "1 is chance alone, above 1 more regular.", True, 0),
        _C("silence_tested", Kind.COUNT, say("Tested"), "Customers whose silence was tested.", low=0),
        _C("silence_marked", Kind.COUNT, say("Marked"), "Of these with an unusual silence.", low=0),
        _C("marked_before", Kind.COUNT, say("Marked before"), "Unusual silences on all earlier days.", low=0),
        _C("came_back", Kind.SHARE, say("Came back"), "Of these, ordered within the horizon.", nullable=True),
    ),
)

CHANCE_BACKTEST = Table(
    "chance_backtest",
    "one earlier day and method",
    (
        _C("origin_on", Kind.DATE, say("Checked on"), "What was known before this day ranks the customers."),
        _C("candidate", Kind.MEMBER, say("Method"), "What ranks them.", members=ChanceModel),
        _C("customers", Kind.COUNT, say("Customers"), "Customers with two order days.", low=1),
        _C("stayed_away", Kind.SHARE, say("Did not order"), "Share without an order day in the horizon."),
        _C("auc", Kind.SHARE, say("AUC"), "Area under the curve; 0.5 is chance."),
        _C("is_chosen", Kind.FLAG, say("Used"), "The method that the lost chance goes by."),
    ),
    ("origin_on", "candidate"),
)

CHANCE_RELIABILITY = Table(
    "chance_reliability",
    "one tenth of the customers of all earlier days, by lost chance",
    (
        _C("tenth", Kind.COUNT, say("Tenth"), "1 has the lowest chances.", low=1, high=10),
        _C("customers", Kind.COUNT, say("Customers"), "Customers of all earlier days in it.", low=1),
        _C("predicted", Kind.SHARE, say("Expected"), "Mean lost chance."),
        _C("observed", Kind.SHARE, say("Observed"), "Share who stayed away for the horizon."),
    ),
    ("tenth",),
)

ORIGIN_CHANCES = Table(
    "origin_chances",
    "one earlier day and customer, the 500 largest expected losses of each day",
    (
        _C("origin_on", Kind.DATE, say("Checked on"), "What was known before this day."),
        CUSTOMER_ID,
        _C("order_days", Kind.COUNT, say("Order days"), "Days with an order by then.", low=1),
        _CHANCE,
        _YEARS_VALUE,
        _EXPECTED_LOSS,
        _UNUSUAL,
        _LIKELY,
        _C("has_stayed_away", Kind.FLAG, say("Did not order"), "No order day in the horizon after it."),
    ),
    ("origin_on", "customer_id"),
)

LOST_CHANCE = by_name(CUSTOMER_CHANCES, CHANCE_SUMMARY, CHANCE_BACKTEST, CHANCE_RELIABILITY, ORIGIN_CHANCES)


def _optional(name: str, grain: str, *columns: Column, key: tuple[str, ...] = ()) -> Table:
    return Table(name, grain, columns, key)


def _o(name: str, kind: Kind, label: Message, meaning: str) -> Column:
    return _C(name, kind, label, meaning, nullable=True)


CUSTOMERS = _optional(
    "customers",
    "one customer",
    CUSTOMER_ID,
    _o("name", Kind.NAME, say("Name"), "Name."),
    _o("parent_id", Kind.ID, say("Parent group"), "Parent group."),
    _o("tax_id", Kind.ID, say("Tax id"), "Tax id."),
    _o("industry", Kind.NAME, say("Industry"), "Industry."),
    _o("size", Kind.NAME, say("Size"), "Size class."),
    _o("country", Kind.NAME, say("Country"), "Country."),
    _o("region", Kind.NAME, say("Region"), "Region."),
    _o("city", Kind.NAME, say("City"), "City."),
    _o("manager", Kind.NAME, say("Manager"), "Manager named in the customer's record."),
    _o("created", Kind.DATE, say("Created"), "Date of the record."),
    _o("updated_on", Kind.DATE, say("Updated"), "Date of the last change of the record."),
    _o("status", Kind.TEXT, say("Status"), "Status."),
    _o("consent", Kind.TEXT, say("Consent"), "Consent to be contacted."),
    _o("programme", Kind.TEXT, say("Loyalty programme"), "Level or card; empty or no where it is not a member."),
    _o("programme_since", Kind.DATE, say("Member since"), "Day of joining the loyalty programme."),
    _o("lost_on", Kind.DATE, say("Lost on"), "Date on which the customer was given up as lost."),
    _o("lost_reason", Kind.NAME, say("Reason of leaving"), "Why the customer left, in words."),
    _o("recoverable", Kind.TEXT, say("Recoverable"), "yes or no, as somebody judged it."),
    key=("customer_id",),
)
MANAGERS = _optional(
    "managers",
    "one manager",
    _C("manager_id", Kind.ID, say("Manager"), "The manager as on the order lines."),
    _o("name", Kind.NAME, say("Name"), "Name."),
    _o("department", Kind.NAME, say("Department"), "Department."),
    _o("capacity", Kind.NUMBER, say("Capacity"), "Key clients the manager can serve."),
    _o("plan", Kind.MONEY, say("Plan"), "Yearly plan."),
    _o("role", Kind.TEXT, say("Role"), "Role."),
    key=("manager_id",),
)
ASSESSMENT = _optional(
    "assessment",
    "one customer as the analyst rates it (the latest rating)",
    CUSTOMER_ID,
    _o("rated_on", Kind.DATE, say("Rated on"), "Date of the rating."),
    _o("potential", Kind.MONEY, say("Potential"), "Possible yearly purchases from us."),
    _o("wallet", Kind.MONEY, say("Wallet"), "Yearly purchases from all suppliers."),
    _o("strategic", Kind.NUMBER, say("Strategic importance"), "0–5."),
    _o("brand", Kind.NUMBER, say("Brand influence"), "0–5."),
    _o("well_known", Kind.TEXT, say("Image-maker"), "yes or no: a famous name."),
    _o("demanding", Kind.TEXT, say("Demanding expert"), "yes or no."),
    _o("confirmed", Kind.TEXT, say("Confirmed as key"), "yes or no: whether a flagged customer is to be a key client."),
    _o("can_dictate", Kind.TEXT, say("Can dictate terms"), "yes or no."),
    _o("reference_customer", Kind.TEXT, say("Reference"), "yes or no."),
    _o("referrals", Kind.NUMBER, say("Referrals"), "Customers it brought."),
    _o("relationship_strength", Kind.NUMBER, say("Relationship"), "0–5."),
    _o("growth_outlook", Kind.NUMBER, say("Growth outlook"), "0–5."),
    _o("expected_loss_prob", Kind.NUMBER, say("Probability of loss"), "The analyst's, 0–1."),
    key=("customer_id",),
)
SURVEY = _optional(
    "survey",
    "one answer",
    CUSTOMER_ID,
    _C("date", Kind.DATE, say("Date"), "Date of the answer."),
    _C("question", Kind.TEXT, say("Question"), "nps, csat or a question of one's own."),
    _C("score", Kind.NUMBER, say("Score"), "The answer."),
    _o("respondent", Kind.TEXT, say("Respondent"), "Who answered."),
    _o("wave", Kind.TEXT, say("Wave"), "Wave of the survey."),
    _o("theme", Kind.TEXT, say("Theme"), "Theme coded by a person."),
    _o("text", Kind.TEXT, say("Text"), "The answer in words."),
)
INTERACTIONS = _optional(
    "interactions",
    "one contact with a customer",
    CUSTOMER_ID,
    _C("date", Kind.DATE, say("Date"), "Date."),
    _C("type", Kind.TEXT, say("Type"), "visit, call, complaint, return, refusal, win-back."),
    _o("reason", Kind.TEXT, say("Reason"), "Reason."),
    _o("cost", Kind.MONEY, say("Cost"), "Cost of the contact."),
    _o("closed", Kind.DATE, say("Closed on"), "Date it was closed."),
    _o("result", Kind.TEXT, say("Result"), "Result."),
    _o("channel", Kind.TEXT, say("Channel"), "Channel."),
    _o("opened_at", Kind.DATE, say("Opened on"), "Date a complaint was opened; the date of the contact otherwise."),
    _o("answered_at", Kind.DATE, say("Answered on"), "Date of the first answer."),
)
SPEND = _optional(
    "spend",
    "one spending on customers",
    _C("date", Kind.DATE, say("Date"), "Date."),
    _C("kind", Kind.TEXT, say("Kind"), "acquisition or retention."),
    _C("amount", Kind.MONEY, say("Amount"), "Money spent."),
    _o("event", Kind.TEXT, say("Event"), "Event."),
    _o("channel", Kind.TEXT, say("Channel"), "Channel."),
    _o("segment", Kind.TEXT, say("Segment"), "Segment."),
    _o("hours", Kind.NUMBER, say("Hours"), "Hours of work."),
)
CONTRACTS = _optional(
    "contracts",
    "one contract",
    CUSTOMER_ID,
    _C("start", Kind.DATE, say("Start"), "First day."),
    _o("end", Kind.DATE, say("End"), "Last day; none for an open contract."),
    _o("value", Kind.MONEY, say("Value"), "Yearly value."),
    _o("notice", Kind.NUMBER, say("Notice, days"), "Notice in days."),
    _o("discount_tier", Kind.TEXT, say("Discount tier"), "Tier."),
    _o("exclusivity", Kind.TEXT, say("Exclusivity"), "yes or no."),
    _o("payment_days", Kind.NUMBER, say("Payment days"), "Days to pay."),
    _o("limit", Kind.MONEY, say("Credit limit"), "Credit limit."),
)
PURCHASE_TERMS = _optional(
    "purchase_terms",
    "one discount tier of a supplier",
    _C("supplier", Kind.NAME, say("Supplier"), "Supplier."),
    _C("tier_from", Kind.NUMBER, say("From"), "Yearly purchases from which the discount holds."),
    _C("discount", Kind.SHARE, say("Discount"), "Discount as a share."),
    _o("item", Kind.TEXT, say("Item"), "Item."),
)
CONTACTS = _optional(
    "contacts",
    "one contact person",
    CUSTOMER_ID,
    _C("person", Kind.NAME, say("Person"), "Name; private."),
    _o("role", Kind.TEXT, say("Role"), "Role."),
    _o("level", Kind.TEXT, say("Level"), "Level."),
    _o("influence", Kind.TEXT, say("Influence"), "Influence."),
    _o("birthday", Kind.DATE, say("Birthday"), "Private."),
    _o("preferences", Kind.TEXT, say("Preferences"), "Private."),
)
TASKS_DONE = _optional(
    "tasks_done",
    "one finished task",
    _C("task_id", Kind.ID, say("Task"), "Task."),
    _C("done_date", Kind.DATE, say("Done on"), "Date."),
    _o("result", Kind.TEXT, say("Result"), "Result."),
    _o("note", Kind.NAME, say("Note"), "Note."),
)
PAYMENTS = _optional(
    "payments",
    "one invoice or instalment",
    CUSTOMER_ID,
    _C("due_date", Kind.DATE, say("Due"), "Day until which to pay."),
    _C("amount", Kind.MONEY, say("Amount"), "To pay."),
    _o("invoice", Kind.ID, say("Invoice"), "Number of the invoice or order."),
    _o("paid_date", Kind.DATE, say("Paid on"), "Day of the payment; none while it is open."),
    _o("paid_amount", Kind.MONEY, say("Paid"), "Paid on that day; all of it where missing."),
)
CALL_PARTS = _optional(
    "call_parts",
    "one customer of a call list that `kam lists --control` parted by chance",
    CUSTOMER_ID,
    _C("drawn_on", Kind.DATE, say("Drawn on"), "Reference date of the call list."),
    _C("part", Kind.TEXT, say("Part"), "call, or control: kept uncalled."),
    key=("customer_id", "drawn_on"),
)

OPTIONAL = by_name(
    CUSTOMERS,
    MANAGERS,
    ASSESSMENT,
    SURVEY,
    INTERACTIONS,
    SPEND,
    CONTRACTS,
    PURCHASE_TERMS,
    CONTACTS,
    TASKS_DONE,
    PAYMENTS,
    CALL_PARTS,
)
ACCOUNT_ID = _C("account_id", Kind.ID, say("Account id"), "Id of the parent group, else of the customer.")
ACCOUNT_NAME = _C(
    "account_name", Kind.NAME, say("Account"), "Name of the member with the most net sales of the last 12 months."
)
MEMBERS = _C("members", Kind.COUNT, say("Members"), "Customers of the account with a line before the date.", low=1)
SHARE_12M = _C(
    "share_12m",
    Kind.SHARE,
    say("Share"),
    "Of the net sales of accounts above 0 in the last 12 months; missing for an account at 0 or below.",
    nullable=True,
)
MEMBERSHIP = _C(
    "membership",
    Kind.SHARE,
    say("Among the first"),
    "Share of random weightings in which the score puts the account among the first k; nothing about sampling.",
    nullable=True,
)
_SURENESS = _C("sureness", Kind.MEMBER, say("State"), "How sure the place by score is.", True, members=Sureness)
_MANAGER = _C(
    "manager",
    Kind.NAME,
    say("Manager"),
    "Most of the account's net sales of the last 12 months, ties by the latest line, then by name.",
    nullable=True,
)
_MONEY_OF_ACCOUNT = (
    _C("orders_12m", Kind.COUNT, say("Orders, 12 months"), "Orders of the members in the last 12 months.", low=0),
    NET_SALES_12M,
    SHARE_12M,
    _C("margin_12m", Kind.MONEY, say("Margin, 12 months"), "Margin of lines with a cost, 12 months.", True),
)
_RECENCY = _C("recency_days", Kind.DAYS, say("Days silent"), "Days since the last order of any member.", nullable=True)
ACCOUNTS = Table(
    "accounts",
    "one account: the customers of one parent group, or a customer without one",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        MEMBERS,
        _MANAGER,
        _C("department", Kind.NAME, say("Department"), "Department, by the same rule.", nullable=True),
        _C("managers", Kind.COUNT, say("Managers"), "Managers on the lines of the last 12 months.", low=0),
        *_MONEY_OF_ACCOUNT,
        _C("margin_base_12m", Kind.MONEY, say("Sales with a cost, 12 months"), "Net sales of lines with a cost."),
        _C("net_sales_before", Kind.MONEY, say("Net sales, 12 months before"), "Net sales of the 12 months before."),
        _C("formula_ltv", Kind.MONEY, say("Lifetime value by the formula"), "Sum over the members.", nullable=True),
        _RECENCY,
    ),
    ("account_id",),
)
KEYS = Table(
    "keys",
    "one key account at any date",
    (
        _C("order", Kind.COUNT, say("Place"), "Place on the list, by net sales of the last 12 months.", low=1),
        ACCOUNT_ID,
        ACCOUNT_NAME,
        MEMBERS,
        _C("level", Kind.MEMBER, say("Level"), "The first reason that holds.", members=KeyLevel),
        _C("reasons", Kind.MEMBERS, say("Why key"), "Every reason that holds.", members=KeyReason),
        *_MONEY_OF_ACCOUNT,
        _C("key_department", Kind.NAME, say("Key in"), "Department of its largest such share.", nullable=True),
        _C("department_share", Kind.SHARE, say("Of the department"), "Share of it.", nullable=True),
        _C("key_manager", Kind.NAME, say("Key for"), "Manager of its largest such share.", nullable=True),
        _C("manager_share", Kind.SHARE, say("Of the manager's sales"), "Share of them.", nullable=True),
        _MANAGER,
        _C("department", Kind.NAME, say("Department"), "Department, by the same rule.", nullable=True),
        _C("managers", Kind.COUNT, say("Managers"), "Managers on the lines of the last 12 months.", low=0),
        _C("score", Kind.SHARE, say("Score"), "Weighted sum of the criteria's scores.", nullable=True),
        _C("rank", Kind.COUNT, say("Rank by score"), "Among all accounts, ties by account id.", nullable=True, low=1),
        MEMBERSHIP,
        _SURENESS,
        _C(
            "growth_12m",
            Kind.MONEY,
            say("Change from the year before"),
            "Net sales of the last 12 months less the 12 before; needs 24 months.",
            nullable=True,
        ),
        _RECENCY,
    ),
    ("account_id",),
)
KEY_LIST = Table(
    "key_list",
    "one key account of the company",
    (
        *KEYS.columns,
        _C("group_of", Kind.COUNT, say("Members"), "Members, where there are several.", nullable=True, low=2),
        _C(
            "trend",
            Kind.SERIES,
            say("24 months"),
            "Net sales of the last 24 complete months, oldest first, in whole currency units.",
            nullable=True,
        ),
        *(replace(column, nullable=True) for column in (_CHANCE, _YEARS_VALUE, _EXPECTED_LOSS)),
        _C("is_stopped", Kind.FLAG, say("Stopped"), "Of the account: a lost chance from `stopped_from` on."),
    ),
    ("account_id",),
)
KEY_REASONS = Table(
    "key_reasons",
    "one reason for which an account is key, or one unit in which it is key by share",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        _C(
            "reason",
            Kind.MEMBER,
            say("Reason"),
            "Missing for a unit that admits nobody: a small one, or a column other than department and manager.",
            nullable=True,
            members=KeyReason,
        ),
        _C("unit_column", Kind.MEMBER, say("Level"), "Company or unit column.", members=UnitColumn),
        _C("unit", Kind.NAME, say("Unit"), "Value of the unit column; missing for the company.", nullable=True),
        _C("n", Kind.COUNT, say("Accounts"), "Accounts with net sales above 0 in the unit, 12 months.", low=0),
        _C("net_sales", Kind.MONEY, say("Net sales"), "Of the account in the unit, 12 months."),
        _C("share", Kind.SHARE, say("Share"), "Of the unit's accounts above 0.", nullable=True),
        _C("place", Kind.COUNT, say("Place"), "By volume or by score, for these reasons.", nullable=True, low=1),
    ),
)
KEY_MEMBERS = Table("key_members", "one customer of a key account", (ACCOUNT_ID, CUSTOMER_ID), ("customer_id",))
KEY_MEMBERS_BEFORE = Table(
    "key_members_before",
    "one customer of an account that was key at the comparison date",
    (ACCOUNT_ID, CUSTOMER_ID),
    ("customer_id",),
)
DEPENDENCE = Table(
    "dependence",
    "one unit (company, or one value of a unit column), last 12 months",
    (
        _C(
            "unit",
            Kind.NAME,
            say("Unit"),
            "Value on the order line; missing for the company.",
            nullable=True,
            absent=say("whole company"),
        ),
        _C("unit_column", Kind.MEMBER, say("Level"), "Which column.", members=UnitColumn),
        _C("n", Kind.COUNT, say("n"), "Customers with net sales above 0 in the unit.", low=0),
        _C("is_small", Kind.FLAG, say("Small"), "Fewer customers than key_clients.small_unit."),
        _C("net_sales", Kind.MONEY, say("Net sales"), "Base: customers above 0.", low=0),
        _C("largest_account_id", Kind.ID, say("Largest account"), "Ties by id.", nullable=True),
        _C("largest_account_name", Kind.NAME, say("Largest account"), "Its name.", nullable=True),
        _C("largest_share", Kind.SHARE, say("Its share"), "Of the base.", nullable=True),
        _C("band", Kind.MEMBER, say("Band"), "Dependence band; missing without positive sales.", True, members=Band),
        _C("band_before", Kind.MEMBER, say("Band before"), "At the comparison date.", nullable=True, members=Band),
        _C(
            "share_before",
            Kind.SHARE,
            say("Largest share before"),
            "Of the account that was the largest at the comparison date.",
            nullable=True,
        ),
        _C("key_clients", Kind.COUNT, say("Keys"), "Accounts that are key by share in this unit.", low=0),
        _C(
            "extra_sales_needed",
            Kind.MONEY,
            say("Extra sales needed"),
            "Sales from others with which the largest share falls to key_clients.target_share.",
            low=0,
        ),
    ),
    ("unit_column", "unit"),
)
NOMINATIONS = Table(
    "nominations",
    "one account that only an analyst's flag names",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        MEMBERS,
        NET_SALES_12M,
        SHARE_12M,
        _MANAGER,
        _C("flags", Kind.MEMBERS, say("Named as"), "Flags of its members.", members=Flag),
        _C("state", Kind.MEMBER, say("State"), "What became of it.", members=Nomination),
    ),
    ("account_id",),
)
_SCORES = tuple(
    _C(f"{name}_score", Kind.SHARE, label, f"Score of {what}, 0–1; missing where nobody has data.", nullable=True)
    for name, label, what in (
        ("volume", say("Volume"), "net sales of the last 12 months"),
        ("frequency", say("Frequency"), "orders of the last 12 months"),
        ("margin", say("Margin"), "margin money of the last 12 months"),
        ("growth", say("Growth potential"), "the analyst's potential or wallet"),
        ("lifetime", say("Lifetime value"), "the formula's lifetime value"),
        ("brand", say("Brand influence"), "the rating, else reference, referral, recommendation"),
        ("strategic", say("Strategic importance"), "the analyst's 0–5"),
    )
)
_POINTS = tuple(
    _C(
        f"{criterion.value}_points",
        Kind.SHARE,
        column.label,
        f"Points for {criterion.value}: weight used times `{column.name}`; missing where nobody has data.",
        nullable=True,
    )
    for criterion, column in zip(Criterion, _SCORES, strict=True)
)
ACCOUNT_SCORES = Table(
    "account_scores",
    "one account with net sales above 0 in the last 12 months",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        MEMBERS,
        NET_SALES_12M,
        SHARE_12M,
        *_SCORES,
        *_POINTS,
        _C("score", Kind.SHARE, say("Score"), "Weighted sum of the criteria's scores."),
        _C("rank", Kind.COUNT, say("Rank"), "By score, ties by account id.", low=1),
        _C(
            "criteria_without_data",
            Kind.COUNT,
            say("Criteria set to the median"),
            "Criteria scored by the median.",
            low=0,
        ),
        _C("filled_in", Kind.MEMBERS, say("Median used"), "These criteria.", nullable=True, members=Criterion),
        MEMBERSHIP,
        _SURENESS,
        _C("is_key", Kind.FLAG, say("Key"), "On the company's key list."),
    ),
    ("account_id",),
)
CUSTOMER_REGISTER = Table(
    "customer_register",
    "one customer after merging",
    (
        CUSTOMER_ID,
        _C("customer_name", Kind.NAME, say("Customer"), "Name; the id where the source has no name."),
        _C("latin_name", Kind.NAME, say("In Latin letters"), "The name by the table of its language."),
        _C("other_ids", Kind.TEXT, say("Merged ids"), "Ids that became this customer, separated by |.", nullable=True),
        _C("other_names", Kind.TEXT, say("Other spellings"), "Other names of it, separated by |.", nullable=True),
        _C("parent_id", Kind.ID, say("Parent group"), "Parent group.", nullable=True),
        _C("tax_id", Kind.ID, say("Tax id"), "Tax id.", nullable=True),
        _C("city", Kind.NAME, say("City"), "City.", nullable=True),
        _C("country", Kind.NAME, say("Country"), "Country.", nullable=True),
        _C("manager", Kind.NAME, say("Manager"), "Manager in the record.", nullable=True),
        _C(
            "first_line_on", Kind.DATE, say("First line"), "Date of the first line; missing without one.", nullable=True
        ),
        _C("last_line_on", Kind.DATE, say("Last line"), "Date of the last line; missing without one.", nullable=True),
    ),
    ("customer_id",),
)

CUSTOMER_SEGMENTS = Table(
    "customer_segments",
    "one customer with a line before the reference date",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        _C("r_score", Kind.COUNT, say("R"), "Recency score, the highest is best; buyers of the window.", True, 1, 5),
        _C("f_score", Kind.COUNT, say("F"), "Frequency score; buyers of the window.", True, 1, 5),
        _C("m_score", Kind.COUNT, say("M"), "Monetary score; buyers of the window.", True, 1, 5),
        _C("rfm_segment", Kind.MEMBER, say("RFM segment"), "Segment by R, F and M.", nullable=True, members=RfmSegment),
        _C("rf_segment", Kind.MEMBER, say("RF segment"), "Segment by R and F only.", nullable=True, members=RfmSegment),
        _C(
            "abc",
            Kind.MEMBER,
            say("ABC"),
            "Class by cumulated value; missing outside the window or without a known value.",
            nullable=True,
            members=AbcClass,
        ),
        _C("xyz", Kind.MEMBER, say("XYZ"), "Class by variation; buyers.", nullable=True, members=XyzClass),
        _C("is_inactive", Kind.FLAG, say("Inactive"), "No order in the last 12 months."),
        _C(
            "demand_type",
            Kind.MEMBER,
            say("Demand type"),
            "By interval and variation of active periods; missing where XYZ is n/a.",
            nullable=True,
            members=DemandType,
        ),
        _C("ladder", Kind.MEMBER, say("Ladder"), "Highest step reached; buyers.", nullable=True, members=LadderStep),
        _C("life_cycle", Kind.MEMBER, say("Life cycle"), "State; buyers.", nullable=True, members=LifeCycle),
        _C(
            "rfm_segment_before",
            Kind.MEMBER,
            say("RFM segment before"),
            "At the comparison date; buyers of the window then.",
            nullable=True,
            members=RfmSegment,
        ),
        _C("abc_before", Kind.MEMBER, say("ABC before"), "At the comparison date.", nullable=True, members=AbcClass),
        _C(
            "cluster",
            Kind.COUNT,
            say("Cluster"),
            "Number of the cluster, 1 has the highest median net sales of 12 months; missing without clusters.",
            nullable=True,
            low=1,
        ),
        _C(
            "need",
            Kind.COUNT,
            say("Need"),
            "Largest need by the product mix; missing where needs cannot be told apart.",
            nullable=True,
            low=1,
        ),
    ),
    ("customer_id",),
)

SHARED = (
    by_name(
        ORDER_LINES,
        REJECTED_LINES,
        CUSTOMER_REGISTER,
        KEY_LIST,
        KEY_MEMBERS,
        KEY_MEMBERS_BEFORE,
        DEPENDENCE,
        CUSTOMER_SEGMENTS,
        CUSTOMER_ORDERS,
        CUSTOMER_MONTHS,
        CUSTOMER_LIFE_MONTHS,
        CUSTOMER_FACTS,
        CUSTOMER_FACTS_BEFORE,
    )
    | LOST_CHANCE
    | OPTIONAL
)
