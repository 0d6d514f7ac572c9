"""Every table that crosses a stage or a page: grain, columns, meaning, unit, bounds.

One description gives the checks on entry and exit, the header a person reads and the data dictionary. A table that a
room publishes stands in the module that computes it; the ones that several rooms read stand here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages
from typing import TypeVar

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.columns import DATED, OWN_BOUNDS, TEXTUAL, WHOLE, Column, Kind
from kam_analysis.errors import Problem
from kam_analysis.findings import say
from kam_analysis.vocabulary import (
    AbcClass,
    ChanceBasis,
    Criterion,
    DeclineSign,
    Flag,
    GapKind,
    KeyReason,
    LadderStep,
    LifeCycle,
    Nomination,
    RfmSegment,
)


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
    own_low, own_high = OWN_BOUNDS.get(column.kind, (None, None))
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


_PLACE = (
    col.FILE("File or table the line was read from."),
    col.SHEET,
    col.count("row", say("Row"), "Row in the file or sheet, the first row of the file is 1.", low=1),
)

_UNITS = (
    col.MANAGER("Manager on the line."),
    col.DEPARTMENT("Department on the line."),
    col.COUNTRY("Country on the line."),
    col.REGION("Region on the line."),
    col.name("channel", say("Channel"), "Sales channel on the line.", nullable=True),
)

ORDER_LINES = Table(
    "order_lines",
    "one kept line of an order",
    (
        col.LINE_NO,
        *_PLACE,
        col.LINE_CUSTOMER("Customer id; missing where the line names nobody."),
        col.CUSTOMER_NAME("Customer's name on the line.", nullable=True),
        col.ORDER_ID("Document number; missing where the source has none."),
        col.ORDERED_ON("Calendar date of the line."),
        col.ident("sku", say("Item code"), "Item code.", nullable=True),
        col.ITEM(nullable=True),
        col.CATEGORY("Item category.", nullable=True),
        col.QTY("Quantity, negative for returns.", nullable=True),
        col.UNIT("What the quantity counts, such as kg or pieces."),
        col.money("unit_price", say("Unit price"), "Price per unit before discount.", nullable=True),
        col.NET_SALES("Signed, after discount, DECIMAL(18,4)."),
        col.DISCOUNT("Taken off, signed like the line's net sales.", nullable=True),
        col.COST("Cost of the line, signed like its net sales."),
        *_UNITS,
        col.STATUS("Status of the line or order."),
        col.flag("is_service", say("Service line"), "Postage, fees, corrections: sales, never a product."),
    ),
    ("line_no",),
)

REJECTED_LINES = Table(
    "rejected_lines",
    "one line that was not kept",
    (
        col.LINE_NO,
        *_PLACE,
        col.REJECTION("Why it was not kept."),
        col.LINE_CUSTOMER("Customer id as read."),
        col.ORDER_ID("Document number as read."),
        col.ORDERED_ON("Date when it could be read.", nullable=True),
        col.NET_SALES("Money when it could be read, else 0."),
    ),
    ("line_no",),
)

CUSTOMER_ORDERS = Table(
    "customer_orders",
    "one order of an identified customer before the reference date, with at least one line above 0",
    (
        col.CUSTOMER_ID,
        col.ORDER_ID("Document number, or the day where there is none.", nullable=False),
        col.ORDERED_ON("Date of the earliest line with net sales above 0."),
        col.NET_SALES("Net sales of all lines of the order."),
        col.count("order_no", say("Order no."), "1 for the customer's first order, by date, then order id.", low=1),
    ),
    ("customer_id", "order_id"),
)

CUSTOMER_MONTHS = Table(
    "customer_months",
    "one identified customer and calendar month with a line or an order, before the reference date",
    (
        col.CUSTOMER_ID,
        col.MONTH("First day of the calendar month."),
        col.NET_SALES("Net sales of the lines dated in the month."),
        col.MARGIN,
        col.ORDERS,
    ),
    ("customer_id", "month"),
)

CUSTOMER_LIFE_MONTHS = Table(
    "customer_life_months",
    "one buyer and month of 30.4375 days since its first order with a line, before the reference date",
    (
        col.CUSTOMER_ID,
        col.count("life_month", say("Month"), "1 for the month that begins with the first order.", low=1),
        col.ORDERS,
        col.NET_SALES("Net sales of the lines dated in the month."),
        col.MARGIN,
        col.MARGIN_BASE,
    ),
    ("customer_id", "life_month"),
)


def _facts(name: str, grain: str) -> Table:
    return Table(
        name,
        grain,
        (
            col.CUSTOMER_ID,
            col.CUSTOMER_NAME,
            col.PARENT_ID("Parent group; the customer itself where there is none.", nullable=False),
            col.INDUSTRY("Industry of the customer."),
            col.SIZE("Size class of the customer."),
            col.REGION("Region: customers table, else most net sales."),
            col.COUNTRY("Country: customers table, else most net sales."),
            col.MANAGER(
                "Most of the customer's net sales in the last 12 months, ties by the latest line, then name; "
                "the customers table where the lines name nobody."
            ),
            col.DEPARTMENT("Department, by the same rule."),
            col.count("lines", say("Lines"), "Kept lines.", low=1),
            col.ORDERS("Orders with at least one line above 0."),
            col.ORDER_DAYS,
            col.date("first_order_on", say("First order"), "Date of the first order.", nullable=True),
            col.LAST_ORDER_ON,
            col.days("recency_days", say("Days since last order"), "Last order to the reference date.", True, 1),
            col.days("tenure_days", say("Days since first order"), "First order to the reference date.", True, 1),
            col.MEDIAN_GAP_DAYS(nullable=True),
            col.count("products", say("Products"), "Different items bought, service lines left out."),
            col.NET_SALES("Net sales of all history."),
            col.GROSS_SALES("Positive lines of all history.", low=0),
            col.MARGIN("Margin of the lines with a cost, all history."),
            col.MARGIN_BASE,
            col.ORDERS_12M,
            col.NET_SALES_12M,
            col.money("gross_sales_12m", say("Gross sales, 12 months"), "Positive lines, 12 months.", low=0),
            col.MARGIN_12M("Margin of lines with a cost, 12 months."),
            col.MARGIN_BASE_12M,
            col.NET_SALES_YEAR_BEFORE,
            col.share(
                "gap_survival_probability",
                say("Chance of such a silence"),
                "Probability that a customer with this rate is silent this long (gamma–Poisson); buyers only.",
                nullable=True,
            ),
            col.FORMULA_LTV("S·C·P·T of the customer, margin money; net sales where no margin is known. Buyers only."),
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
        col.CUSTOMER_ID,
        col.TRIGGER("Why somebody should call."),
        col.date("triggered_on", say("Date"), "Day of the trigger; a contract's end may lie ahead."),
        col.name("cause", say("Cause"), "In the words of the source: a reason, result or category.", nullable=True),
    ),
    ("customer_id", "trigger"),
)

_CHANCE = col.LOST_CHANCE(
    "Chance of no order day in the horizon, 90 days, from the reference date on; never exactly 0 or 1.", nullable=False
)
_YEARS_VALUE = col.money(
    "years_value",
    say("A year's value"),
    "Margin of the lines in the 12 months that end with the last order; net sales where the source has no cost.",
    low=0,
)
_EXPECTED_LOSS = col.EXPECTED_LOSS("Lost chance × a year's value × the share of it that a silence costs.")
_UNUSUAL = col.flag(
    "is_unusual_silence",
    say("Unusual silence"),
    "Longer than the customer's own gaps let expect, beyond chance over all customers.",
)

_LIKELY = col.flag(
    "is_likely_silent",
    say("Likely silent"),
    "Two order days and a lost chance of at least `facts.alarm`; where nobody can be ranked, silent beyond "
    "`facts.silent_gaps` times the own median gap.",
)

CUSTOMER_CHANCES = Table(
    "customer_chances",
    "one customer with an order in the last 12 months",
    (
        col.CUSTOMER_ID,
        _CHANCE,
        col.member("basis", say("Where it comes from"), "What gives the lost chance.", ChanceBasis),
        _YEARS_VALUE,
        _EXPECTED_LOSS,
        col.IS_STOPPED("Lost chance of at least `facts.stopped_from`."),
        col.share(
            "silence_p_value",
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
        col.CANDIDATE("What ranks the customers; missing where no earlier day has enough customers.", nullable=True),
        col.count("origins", say("Earlier days"), "Earlier days with enough customers."),
        col.AUC("Area under the curve on the last earlier day; 0.5 is chance.", nullable=True),
        col.share("auc_low", say("AUC from"), "Lower end of its interval at 95 %.", nullable=True),
        col.share("auc_high", say("AUC to"), "Upper end.", nullable=True),
        col.share("auc_recency", say("AUC of recency"), "Of days since the last order alone.", nullable=True),
        col.PREDICTED("Mean lost chance on that day, by what was known.", nullable=True),
        col.OBSERVED("Share who then stayed away for the horizon.", nullable=True),
        col.flag("is_calibrated", say("Calibrated"), "Whether earlier days set the slope as well as the level."),
        col.flag("is_ranking", say("Can rank"), "Whether the interval of the AUC lies above 0.5."),
        col.share(
            "loss_share",
            say("Loss share"),
            "Share of a year's value lost with those who stay away; missing, then 1, without a day a year back.",
            nullable=True,
        ),
        col.number("silence_shape", say("Shape of the gaps"), "1 is chance alone, above 1 more regular.", True, 0),
        col.count("silence_tested", say("Tested"), "Customers whose silence was tested."),
        col.count("silence_marked", say("Marked"), "Of these with an unusual silence."),
        col.count("marked_before", say("Marked before"), "Unusual silences on all earlier days."),
        col.share("came_back", say("Came back"), "Of these, ordered within the horizon.", nullable=True),
    ),
)

CHANCE_BACKTEST = Table(
    "chance_backtest",
    "one earlier day and method",
    (
        col.ORIGIN_ON("What was known before this day ranks the customers."),
        col.CANDIDATE("What ranks them."),
        col.CUSTOMERS("Customers with two order days.", low=1),
        col.share("stayed_away", say("Did not order"), "Share without an order day in the horizon."),
        col.AUC("Area under the curve; 0.5 is chance."),
        col.flag("is_chosen", say("Used"), "The method that the lost chance goes by."),
    ),
    ("origin_on", "candidate"),
)

CHANCE_RELIABILITY = Table(
    "chance_reliability",
    "one tenth of the customers of all earlier days, by lost chance",
    (
        col.TENTH("1 has the lowest chances."),
        col.CUSTOMERS("Customers of all earlier days in it.", low=1),
        col.PREDICTED("Mean lost chance."),
        col.OBSERVED("Share who stayed away for the horizon."),
    ),
    ("tenth",),
)

ORIGIN_CHANCES = Table(
    "origin_chances",
    "one earlier day and customer, the 500 largest expected losses of each day",
    (
        col.ORIGIN_ON("What was known before this day."),
        col.CUSTOMER_ID,
        col.ORDER_DAYS("Days with an order by then.", low=1),
        _CHANCE,
        _YEARS_VALUE,
        _EXPECTED_LOSS,
        _UNUSUAL,
        _LIKELY,
        col.flag("has_stayed_away", say("Did not order"), "No order day in the horizon after it."),
    ),
    ("origin_on", "customer_id"),
)

LOST_CHANCE = by_name(CUSTOMER_CHANCES, CHANCE_SUMMARY, CHANCE_BACKTEST, CHANCE_RELIABILITY, ORIGIN_CHANCES)


def _optional(name: str, grain: str, *columns: Column, key: tuple[str, ...] = ()) -> Table:
    return Table(name, grain, columns, key)


CUSTOMERS = _optional(
    "customers",
    "one customer",
    col.CUSTOMER_ID,
    col.NAME,
    col.PARENT_ID,
    col.TAX_ID,
    col.INDUSTRY("Industry."),
    col.SIZE("Size class."),
    col.COUNTRY,
    col.REGION("Region."),
    col.CITY,
    col.MANAGER("Manager named in the customer's record."),
    col.date("created", say("Created"), "Date of the record.", nullable=True),
    col.date("updated_on", say("Updated"), "Date of the last change of the record.", nullable=True),
    col.STATUS("Status."),
    col.text("consent", say("Consent"), "Consent to be contacted.", nullable=True),
    col.text("programme", say("Loyalty programme"), "Level or card; empty or no where it is not a member.", True),
    col.date("programme_since", say("Member since"), "Day of joining the loyalty programme.", nullable=True),
    col.date("lost_on", say("Lost on"), "Date on which the customer was given up as lost.", nullable=True),
    col.name("lost_reason", say("Reason of leaving"), "Why the customer left, in words.", nullable=True),
    col.text("recoverable", say("Recoverable"), "yes or no, as somebody judged it.", nullable=True),
    key=("customer_id",),
)
MANAGERS = _optional(
    "managers",
    "one manager",
    col.ident("manager_id", say("Manager"), "The manager as on the order lines."),
    col.NAME,
    col.DEPARTMENT("Department."),
    col.number("capacity", say("Capacity"), "Key clients the manager can serve.", nullable=True),
    col.PLAN("Yearly plan."),
    col.ROLE_TEXT,
    key=("manager_id",),
)
ASSESSMENT = _optional(
    "assessment",
    "one customer as the analyst rates it (the latest rating)",
    col.CUSTOMER_ID,
    col.date("rated_on", say("Rated on"), "Date of the rating.", nullable=True),
    col.POTENTIAL,
    col.money("wallet", say("Wallet"), "Yearly purchases from all suppliers.", nullable=True),
    col.number("strategic", say("Strategic importance"), "0–5.", nullable=True),
    col.number("brand", say("Brand influence"), "0–5.", nullable=True),
    col.text("well_known", say("Image-maker"), "yes or no: a famous name.", nullable=True),
    col.text("demanding", say("Demanding expert"), "yes or no.", nullable=True),
    col.text(
        "confirmed",
        say("Confirmed as key"),
        "yes or no: whether a flagged customer is to be a key client.",
        nullable=True,
    ),
    col.text("can_dictate", say("Can dictate terms"), "yes or no.", nullable=True),
    col.text("reference_customer", say("Reference"), "yes or no.", nullable=True),
    col.number("referrals", say("Referrals"), "Customers it brought.", nullable=True),
    col.number("relationship_strength", say("Relationship"), "0–5.", nullable=True),
    col.number("growth_outlook", say("Growth outlook"), "0–5.", nullable=True),
    col.number("expected_loss_prob", say("Probability of loss"), "The analyst's, 0–1.", nullable=True),
    key=("customer_id",),
)
SURVEY = _optional(
    "survey",
    "one answer",
    col.CUSTOMER_ID,
    col.DATE("Date of the answer."),
    col.text("question", say("Question"), "nps, csat or a question of one's own."),
    col.number("score", say("Score"), "The answer."),
    col.text("respondent", say("Respondent"), "Who answered.", nullable=True),
    col.text("wave", say("Wave"), "Wave of the survey.", nullable=True),
    col.text("theme", say("Theme"), "Theme coded by a person.", nullable=True),
    col.WORDS("The answer in words.", nullable=True),
)
INTERACTIONS = _optional(
    "interactions",
    "one contact with a customer",
    col.CUSTOMER_ID,
    col.DATE,
    col.text("type", say("Type"), "visit, call, complaint, return, refusal, win-back."),
    col.text("reason", say("Reason"), "Reason.", nullable=True),
    col.COST("Cost of the contact."),
    col.date("closed", say("Closed on"), "Date it was closed.", nullable=True),
    col.RESULT,
    col.CHANNEL,
    col.date("opened_at", say("Opened on"), "Date a complaint was opened; the date of the contact otherwise.", True),
    col.date("answered_at", say("Answered on"), "Date of the first answer.", nullable=True),
)
SPEND = _optional(
    "spend",
    "one spending on customers",
    col.DATE,
    col.KIND_TEXT("acquisition or retention."),
    col.AMOUNT,
    col.text("event", say("Event"), "Event.", nullable=True),
    col.CHANNEL,
    col.SEGMENT("Segment.", nullable=True),
    col.HOURS("Hours of work."),
)
CONTRACTS = _optional(
    "contracts",
    "one contract",
    col.CUSTOMER_ID,
    col.date("start", say("Start"), "First day."),
    col.date("end", say("End"), "Last day; none for an open contract.", nullable=True),
    col.money("value", say("Value"), "Yearly value.", nullable=True),
    col.number("notice", say("Notice, days"), "Notice in days.", nullable=True),
    col.text("discount_tier", say("Discount tier"), "Tier.", nullable=True),
    col.text("exclusivity", say("Exclusivity"), "yes or no.", nullable=True),
    col.number("payment_days", say("Payment days"), "Days to pay.", nullable=True),
    col.money("limit", say("Credit limit"), "Credit limit.", nullable=True),
)
PURCHASE_TERMS = _optional(
    "purchase_terms",
    "one discount tier of a supplier",
    col.name("supplier", say("Supplier"), "Supplier."),
    col.number("tier_from", say("From"), "Yearly purchases from which the discount holds."),
    col.share("discount", say("Discount"), "Discount as a share."),
    col.text("item", say("Item"), "Item.", nullable=True),
)
CONTACTS = _optional(
    "contacts",
    "one contact person",
    col.CUSTOMER_ID,
    col.name("person", say("Person"), "Name; private."),
    col.ROLE_TEXT,
    col.text("level", say("Level"), "Level.", nullable=True),
    col.text("influence", say("Influence"), "Influence.", nullable=True),
    col.date("birthday", say("Birthday"), "Private.", nullable=True),
    col.text("preferences", say("Preferences"), "Private.", nullable=True),
)
TASKS_DONE = _optional(
    "tasks_done",
    "one task of a work list",
    col.TASK_ID("Task; several in one cell, parted by blanks, are several tasks."),
    col.DONE_DATE("Date; a task without one is open."),
    col.RESULT,
    col.DONE,
    col.name("note", say("Note"), "Note.", nullable=True),
)
PAYMENTS = _optional(
    "payments",
    "one invoice or instalment",
    col.CUSTOMER_ID,
    col.date("due_date", say("Due"), "Day until which to pay."),
    col.AMOUNT("To pay."),
    col.ident("invoice", say("Invoice"), "Number of the invoice or order.", nullable=True),
    col.date("paid_date", say("Paid on"), "Day of the payment; none while it is open.", nullable=True),
    col.money("paid_amount", say("Paid"), "Paid on that day; all of it where missing.", nullable=True),
)
CALL_PARTS = _optional(
    "call_parts",
    "one customer of a call list that `kam lists --control` parted by chance",
    col.CUSTOMER_ID,
    col.date("drawn_on", say("Drawn on"), "Reference date of the call list."),
    col.text("part", say("Part"), "call, or control: kept uncalled."),
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
_SURENESS = col.SURENESS("How sure the place by score is.", nullable=True)
_MANAGER = col.MANAGER("Most of the account's net sales of the last 12 months, ties by the latest line, then by name.")
_MONEY_OF_ACCOUNT = (
    col.ORDERS_12M("Orders of the members in the last 12 months."),
    col.NET_SALES_12M,
    col.SHARE_12M,
    col.MARGIN_12M("Margin of lines with a cost, 12 months."),
)
_RECENCY = col.DAYS_SILENT("Days since the last order of any member.", nullable=True)
ACCOUNTS = Table(
    "accounts",
    "one account: the customers of one parent group, or a customer without one",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MEMBERS,
        _MANAGER,
        col.DEPARTMENT("Department, by the same rule."),
        col.MANAGERS,
        *_MONEY_OF_ACCOUNT,
        col.MARGIN_BASE_12M,
        col.NET_SALES_YEAR_BEFORE,
        col.FORMULA_LTV("Sum over the members."),
        _RECENCY,
    ),
    ("account_id",),
)
KEYS = Table(
    "keys",
    "one key account at any date",
    (
        col.count("order", say("Place"), "Place on the list, by net sales of the last 12 months.", low=1),
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MEMBERS,
        col.LEVEL,
        col.members("reasons", say("Why key"), "Every reason that holds.", KeyReason),
        *_MONEY_OF_ACCOUNT,
        col.name("key_department", say("Key in"), "Department of its largest such share.", nullable=True),
        col.share("department_share", say("Of the department"), "Share of it.", nullable=True),
        col.name("key_manager", say("Key for"), "Manager of its largest such share.", nullable=True),
        col.share("manager_share", say("Of the manager's sales"), "Share of them.", nullable=True),
        _MANAGER,
        col.DEPARTMENT("Department, by the same rule."),
        col.MANAGERS,
        col.SCORE(nullable=True),
        col.count("rank", say("Rank by score"), "Among all accounts, ties by account id.", nullable=True, low=1),
        col.MEMBERSHIP,
        _SURENESS,
        col.money(
            "growth_12m",
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
        col.count("group_of", say("Members"), "Members, where there are several.", nullable=True, low=2),
        col.series(
            "trend",
            say("24 months"),
            "Net sales of the last 24 complete months, oldest first, in whole currency units.",
            nullable=True,
        ),
        *(column(nullable=True) for column in (_CHANCE, _YEARS_VALUE, _EXPECTED_LOSS)),
        col.IS_STOPPED("Of the account: a lost chance from `stopped_from` on."),
    ),
    ("account_id",),
)
KEY_REASONS = Table(
    "key_reasons",
    "one reason for which an account is key, or one unit in which it is key by share",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.member(
            "reason",
            say("Reason"),
            "Missing for a unit that admits nobody: a small one, or a column other than department and manager.",
            KeyReason,
            nullable=True,
        ),
        col.UNIT_COLUMN("Company or unit column."),
        col.UNIT("Value of the unit column; missing for the company."),
        col.count("n", say("Accounts"), "Accounts with net sales above 0 in the unit, 12 months."),
        col.NET_SALES("Of the account in the unit, 12 months."),
        col.SHARE("Of the unit's accounts above 0."),
        col.PLACE("By volume or by score, for these reasons.", nullable=True),
    ),
)
KEY_MEMBERS = Table("key_members", "one customer of a key account", (col.ACCOUNT_ID, col.CUSTOMER_ID), ("customer_id",))
KEY_MEMBERS_BEFORE = Table(
    "key_members_before",
    "one customer of an account that was key at the comparison date",
    (col.ACCOUNT_ID, col.CUSTOMER_ID),
    ("customer_id",),
)
DEPENDENCE = Table(
    "dependence",
    "one unit (company, or one value of a unit column), last 12 months",
    (
        col.UNIT("Value on the order line; missing for the company.", absent=say("whole company")),
        col.UNIT_COLUMN,
        col.N("Customers with net sales above 0 in the unit."),
        col.flag("is_small", say("Small"), "Fewer customers than key_clients.small_unit."),
        col.NET_SALES("Base: customers above 0.", low=0),
        col.ident("largest_account_id", say("Largest account"), "Ties by id.", nullable=True),
        col.name("largest_account_name", say("Largest account"), "Its name.", nullable=True),
        col.LARGEST_SHARE("Of the base.", nullable=True),
        col.BAND("Dependence band; missing without positive sales.", nullable=True),
        col.BAND_BEFORE("At the comparison date."),
        col.share(
            "share_before",
            say("Largest share before"),
            "Of the account that was the largest at the comparison date.",
            nullable=True,
        ),
        col.count("key_clients", say("Keys"), "Accounts that are key by share in this unit."),
        col.money(
            "extra_sales_needed",
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
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MEMBERS,
        col.NET_SALES_12M,
        col.SHARE_12M,
        _MANAGER,
        col.members("flags", say("Named as"), "Flags of its members.", Flag),
        col.member("state", say("State"), "What became of it.", Nomination),
    ),
    ("account_id",),
)
_SCORES = tuple(
    col.share(f"{one.value}_score", one.head, f"Score of {one.of}, 0–1; missing where nobody has data.", nullable=True)
    for one in Criterion
)
_POINTS = tuple(
    col.share(
        f"{one.value}_points",
        one.head,
        f"Points for {one.value}: weight used times `{one.value}_score`; missing where nobody has data.",
        nullable=True,
    )
    for one in Criterion
)
ACCOUNT_SCORES = Table(
    "account_scores",
    "one account with net sales above 0 in the last 12 months",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.MEMBERS,
        col.NET_SALES_12M,
        col.SHARE_12M,
        *_SCORES,
        *_POINTS,
        col.SCORE,
        col.RANK("By score, ties by account id."),
        col.count("criteria_without_data", say("Criteria set to the median"), "Criteria scored by the median."),
        col.members("filled_in", say("Median used"), "These criteria.", Criterion, nullable=True),
        col.MEMBERSHIP,
        _SURENESS,
        col.IS_KEY,
    ),
    ("account_id",),
)
CUSTOMER_REGISTER = Table(
    "customer_register",
    "one customer after merging",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME("Name; the id where the source has no name."),
        col.name("latin_name", say("In Latin letters"), "The name by the table of its language."),
        col.text("other_ids", say("Merged ids"), "Ids that became this customer, separated by |.", nullable=True),
        col.text("other_names", say("Other spellings"), "Other names of it, separated by |.", nullable=True),
        col.PARENT_ID,
        col.TAX_ID,
        col.CITY,
        col.COUNTRY,
        col.MANAGER("Manager in the record."),
        col.date("first_line_on", say("First line"), "Date of the first line; missing without one.", nullable=True),
        col.date("last_line_on", say("Last line"), "Date of the last line; missing without one.", nullable=True),
    ),
    ("customer_id",),
)

CUSTOMER_SEGMENTS = Table(
    "customer_segments",
    "one customer with a line before the reference date",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.R_SCORE("Recency score, the highest is best; buyers of the window.", nullable=True),
        col.F_SCORE("Frequency score; buyers of the window.", nullable=True),
        col.count("m_score", say("M"), "Monetary score; buyers of the window.", nullable=True, low=1, high=5),
        col.RFM_SEGMENT(nullable=True),
        col.RF_SEGMENT("Segment by R and F only.", nullable=True),
        col.ABC("Class by cumulated value; missing outside the window or without a known value.", nullable=True),
        col.XYZ("Class by variation; buyers.", nullable=True),
        col.flag("is_inactive", say("Inactive"), "No order in the last 12 months."),
        col.DEMAND_TYPE("By interval and variation of active periods; missing where XYZ is n/a.", nullable=True),
        col.member("ladder", say("Ladder"), "Highest step reached; buyers.", LadderStep, nullable=True),
        col.member("life_cycle", say("Life cycle"), "State; buyers.", LifeCycle, nullable=True),
        col.member(
            "rfm_segment_before",
            say("RFM segment before"),
            "At the comparison date; buyers of the window then.",
            RfmSegment,
            nullable=True,
        ),
        col.member("abc_before", say("ABC before"), "At the comparison date.", AbcClass, nullable=True),
        col.CLUSTER(
            "Number of the cluster, 1 has the highest median net sales of 12 months; missing without clusters.",
            nullable=True,
        ),
        col.NEED("Largest need by the product mix; missing where needs cannot be told apart.", nullable=True),
    ),
    ("customer_id",),
)

WHITE_SPACE = Table(
    "white_space",
    "one account and category that its peers buy and it does not, or buys much less of",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.OWNER("Manager with most of the account's net sales."),
        col.CATEGORY("Bought by at least half of the peers."),
        col.member("kind", say("Bought so far"), "How it is missing.", GapKind),
        col.money("gap", say("Gap a year"), "Median share of the peers times own sales, less own sales of it.", low=0),
        col.money("net_sales", say("Bought, 12 months"), "Net sales of the category, last 12 months."),
        col.LAST_BOUGHT_ON("Last line above 0 of the category.", nullable=True),
        col.share("share", say("Own share"), "Of the account's net sales of products in 12 months."),
        col.share("peer_share", say("Median share of peers"), "Those without the category count as 0."),
        col.LIKENESS("What the peers have in common with it."),
        col.PEERS("Other accounts it is compared with."),
        col.count("buyers", say("Of these buyers"), "Peers that buy the category."),
    ),
    ("account_id", "category"),
)
PRICE_GAPS = Table(
    "price_gaps",
    "one account and item that it buys clearly below the median price of its buyers",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.OWNER("Manager with most of the account's net sales."),
        col.ident("product", say("Item code"), "Item code, or the item where there is none."),
        col.ITEM,
        col.UNIT("What the quantity counts."),
        col.count("qty_from", say("Lines from"), "Lower end of the band of a line's quantity; 0: below 2."),
        col.money("price", say("Own price"), "Net sales over quantity, last 12 months.", low=0),
        col.money("median_price", say("Median price"), "Over all accounts that buy the item in this band.", low=0),
        col.share("below", say("Below median"), "1 − own price over median price."),
        col.QTY("Bought by the account in this band.", low=0),
        col.money("price_gap", say("Gap a year"), "Median price less own price, times own quantity.", low=0),
        col.BUYERS("Accounts that buy the item in this band.", low=1),
    ),
    ("account_id", "product", "unit", "qty_from"),
)
LOST_ITEMS = Table(
    "lost_items",
    "one customer who still orders and an item that it significantly no longer buys",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.OWNER("The customer's manager."),
        PRICE_GAPS["product"],
        col.ITEM,
        col.money("lost_sales", say("Sold in its last year"), "Net sales of the item, 12 months up to its last day."),
        col.money("lost_margin", say("Margin of it"), "Of the same, on lines with a cost.", nullable=True),
        col.LAST_BOUGHT_ON("Last order day with the item."),
        col.count("item_days", say("Bought on order days"), "Order days with the item.", low=1),
        col.count("days_without", say("Missing since, order days"), "Order days since the last one with it.", low=1),
    ),
    ("customer_id", "product"),
)
QUIET_DECLINE = Table(
    "quiet_decline",
    "one customer who still orders and declines significantly",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.OWNER("The customer's manager."),
        col.members("signs", say("What declines"), "Every sign that is significant.", DeclineSign),
        col.date("since_on", say("Since"), "First day of the quarter in which it was first found."),
        col.count("recent_days", say("Order days"), "In the horizon, the last 90 days."),
        col.number(
            "expected_days",
            say("Expected"),
            "Order days by the own rate of the 12 months before, shrunk to that of all, and the company's own change.",
            nullable=True,
            low=0,
        ),
        col.money("recent_sales", say("Net sales"), "In the horizon."),
        col.money(
            "expected_sales",
            say("Expected net sales"),
            "Of the 12 months before by day, times the horizon and the company's own change.",
            nullable=True,
        ),
        col.money("shortfall", say("Shortfall"), "Expected less actual net sales, at least 0.", nullable=True, low=0),
    ),
    ("customer_id",),
)

_PLAN_PLACE = col.count("place", say("Number"), "In the order of the plan.", low=1)
PLANS = Table(
    "plans",
    "one plan of an account",
    (
        col.ACCOUNT_ID,
        col.text("value_proposition", say("Why it buys from us"), "In the plan's words.", nullable=True),
        col.text("channels", say("Channels"), "How it is served.", nullable=True),
        col.flag("is_known", say("Known account"), "A customer or parent group of the source."),
    ),
    ("account_id",),
)
PLAN_GOALS = Table(
    "plan_goals",
    "one goal of a plan",
    (
        col.ACCOUNT_ID,
        _PLAN_PLACE,
        col.text("metric", say("Figure"), "Column of the key list."),
        col.TARGET("In the unit of the figure."),
        col.DUE_ON("Day by which to reach it."),
    ),
    ("account_id", "place"),
)
PLAN_ACTIONS = Table(
    "plan_actions",
    "one action of a plan",
    (
        col.ACCOUNT_ID,
        _PLAN_PLACE,
        col.text("what", say("Action"), "In the plan's words."),
        col.NAMED_OWNER("Who does it."),
        col.DUE_ON("Day by which to do it."),
        col.DONE_ON("Missing while it is open.", nullable=True),
    ),
    ("account_id", "place"),
)
PLAN_LOG = Table(
    "plan_log",
    "one decision or meeting of a plan",
    (
        col.ACCOUNT_ID,
        _PLAN_PLACE,
        col.KIND_TEXT("decision or meeting."),
        col.date("held_on", say("Day"), "Of the decision or meeting."),
        col.WORDS("In the plan's words."),
        col.name("who", say("Who"), "Who decided, or was met.", nullable=True),
    ),
    ("account_id", "kind", "place"),
)
PLAN_TABLES = by_name(PLANS, PLAN_GOALS, PLAN_ACTIONS, PLAN_LOG)

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
        WHITE_SPACE,
        PRICE_GAPS,
        LOST_ITEMS,
        QUIET_DECLINE,
        CUSTOMER_ORDERS,
        CUSTOMER_MONTHS,
        CUSTOMER_LIFE_MONTHS,
        CUSTOMER_FACTS,
        CUSTOMER_FACTS_BEFORE,
    )
    | LOST_CHANCE
    | OPTIONAL
    | PLAN_TABLES
)
