"""The source profile: which files hold which table, and which column plays which role."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote_plus, urlsplit

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kam_analysis.columns import TEXTUAL
from kam_analysis.engine import Engine
from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.dates import EXCEL
from kam_analysis.tables import OPTIONAL

ORDER_ROLES = (
    "customer_id",
    "customer_name",
    "order_id",
    "line_id",
    "parent_line_id",
    "order_date",
    "year",
    "month",
    "sku",
    "item",
    "category",
    "qty",
    "unit",
    "unit_price",
    "amount",
    "discount",
    "order_discount",
    "refund",
    "order_refund",
    "cost",
    "margin",
    "manager",
    "department",
    "country",
    "region",
    "channel",
    "status",
    "kind",
    "currency",
)
BESIDE_LINES = ("order_discount", "refund", "order_refund")
MONEY_ROLES = ("unit_price", "amount", "discount", *BESIDE_LINES, "cost", "margin")
NUMERIC_ROLES = ("qty", *MONEY_ROLES)
LEVEL_ROLES = (
    *("customer_id", "customer_name", "order_id", "order_date", "month", "sku", "item", "category", "manager"),
    *("department", "country", "region", "channel"),
)
DOCUMENT_ROLES = ("order_id", "order_date", "kind")
LEVELS = (*LEVEL_ROLES, "document", "line", "other")
MADE = "_"  # before the role: columns made of the groups and documents that one text names
HEAD, TWIN = "_is_head", "_twin"  # of a report with levels: whether a row heads others; which of equal rows it is
REFUND_ROLES = ("order_id", "customer_id", "date", "amount", "item", "reason")
PATTERNS = ("nobody", "services", "tests", "cancelled", "no_sales", "returns")
DATE_PARTS = (("Y", "y"), ("m", "b", "B", "j"), ("d", "j"))
HIDDEN_TITLE = "Company"  # of a source whose names are hidden


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class FileTable(_Section):
    """A table in files: where it is and how it is read.

    `date_format` is a format in which ``%b`` and ``%B`` are a month's name in any of many languages, or "excel" for day
    numbers of a spreadsheet. `swapped_days` undoes what a spreadsheet of another country did: it exchanged day and
    month wherever the day is up to 12. `unit` is a text, or a list of texts, beside numbers that is left out when read,
    as in "1 200 руб."; `empty` is a text, or a list of texts, that stands for an empty cell, as "NULL" in exports of
    databases. `combine` makes a column of others, their texts parted by blanks: a first and a last name.
    `delimiter: blanks` means runs of blanks; without it, the sign that stands most often in the first line is taken.
    `header: false` names the columns "1", "2", …; `sheet` is a name, or "*" for all sheets. `head_row` is the row in
    which the head stands where it is not the first filled one; a head of `head_rows` rows is read as one, with the
    words of a merged cell over all columns it covers. `sensitive` are columns of text in an optional table that are
    read as hashes salted by the environment's ``KAM_SALT``, and not at all without it.
    """

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    columns: dict[str, str] = {}
    sheet: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    unit: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    empty: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    combine: dict[str, Annotated[tuple[str, ...], Field(min_length=2)]] = {}
    date_format: str | None = None
    swapped_days: bool = False
    header: bool = True
    sensitive: tuple[str, ...] = ()
    head_row: Annotated[int, Field(ge=1)] | None = None
    head_rows: Annotated[int, Field(ge=1, le=4)] = 1

    @field_validator("files", "unit", "empty", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("files")
    @classmethod
    def _inside(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not Path(name).name or Path(name).is_absolute() or ".." in Path(name).parts:
                raise ValueError(f"{name!r}: files lie in the source's own folder")
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_sign(cls, value: str | None) -> str | None:
        if value is not None and value != "blanks" and (len(value) != 1 or value in '"\r\n'):
            raise ValueError(f"{value!r}: one sign, or the word blanks")
        return value

    @field_validator("date_format")
    @classmethod
    def _names_a_day(cls, value: str | None) -> str | None:
        if value is None or value == EXCEL:
            return value
        given = re.findall("%-?([A-Za-z])", value)
        if not all(set(part) & set(given) for part in DATE_PARTS) or _refused("try_strptime('', $text)", value):
            raise ValueError(f"{value!r} names no day; write year, month and day as in %d.%m.%Y, or {EXCEL}")
        return value

    @model_validator(mode="after")
    def _marks(self) -> FileTable:
        if self.thousands == self.decimal:
            raise ValueError("decimal and thousands are the same sign")
        return self


class Join(FileTable):
    """A table that order lines refer to by a key; its columns are called "NAME.column" under `orders.columns`."""

    name: Annotated[str, Field(min_length=1)]
    on: Annotated[dict[str, str], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_word(cls, values: Any) -> Any:
        """YAML reads a bare `on` as true."""
        return (
            {"on" if key is True else key: value for key, value in values.items()}
            if isinstance(values, dict)
            else values
        )


class Orders(FileTable):
    """Order lines: the roles of their columns and what the money means.

    `joins` are tables that the lines refer to; `on` names a column of the lines (or "NAME.column" of an earlier join)
    and the column of the table. `months` are the columns of a wide table, each with its month: every filled cell is
    then a line of that month; `month_quantities` are the columns that hold the quantities of these months. A column
    mapped as `month`, with one mapped as `year` where it does not tell it, stands for the date: the first of the month.
    A column mapped both as `qty` and as `unit` holds them in one cell, as in "5 kg"; the key `unit` lists these texts.
    `scale` is what a column's numbers are multiplied by, by role: 1000 for an amount in thousands, 0.001 to state it in
    them. `group` is a column in which a row without a date heads the rows below; its text is there as the column
    "group". With `levels` it is a column in which groups stand under one another, the outermost first: roles, or
    "document" for a text with number and date, "line" for rows with a date of their own below the groups, "other" for
    a group that plays no role. They are roles of the lines without being named under `columns`; a subtotal may be off
    the sum of its rows by `subtotals_within`. `document` is a column of lines whose texts name number and date of a
    document; they give order_id, order_date and kind likewise. `fill_down` are columns whose empty cells mean the value
    of the nearest filled cell above, as in pivots and in documents whose first line alone bears number and date; a row
    that holds nothing but numbers beside them is left as it is. A row whose `parent_line_id` is the `line_id` of
    another row of its order is a part of what that row sells, as in sets: its money counts where the other row has
    none. An `order_discount` is money taken off a whole order, once on one of its lines or alike on all: it is shared
    out over them by their money. `refund` is money given back for a line, `order_refund` for a whole order likewise: a
    negative line of its own, no larger than what it takes back. `hidden_rows` says whether rows that a workbook hides
    count; without it they stop the run. The last six keys are regular expressions by role: rows whose customer names no
    one buyer (walk-in, guest, 0: their money is without a customer), rows of services, of tests, of orders called off,
    of what is no sale (drafts, quotations, open deals, payments, balances carried forward), and of returns, whose
    positive quantities and amounts are taken as negative.
    """

    joins: tuple[Join, ...] = ()
    months: dict[str, Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]] = {}
    month_quantities: dict[str, Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]] = {}
    scale: dict[str, Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0)]] = {}
    group: str | None = None
    levels: tuple[str, ...] = ()
    subtotals_within: Annotated[float, Field(ge=0)] = 0
    document: str | None = None
    fill_down: tuple[str, ...] = ()
    hidden_rows: Literal["keep", "drop"] | None = None
    amount: Literal["net", "gross"] = "net"
    discount: Literal["rate", "percent", "money"] | None = None
    cost: Literal["line", "unit"] = "line"
    nobody: dict[str, str] = {}
    services: dict[str, str] = {}
    tests: dict[str, str] = {}
    cancelled: dict[str, str] = {}
    no_sales: dict[str, str] = {}
    returns: dict[str, str] = {}

    @field_validator(*PATTERNS)
    @classmethod
    def _patterns(cls, value: dict[str, str]) -> dict[str, str]:
        wrong = [
            f"{role}: {pattern!r} is no regular expression ({reason})"
            for role, pattern in value.items()
            if (reason := _refused("regexp_matches('', $text)", pattern))
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return value

    @model_validator(mode="before")
    @classmethod
    def _made_columns_play_roles(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        levels = values.get("levels")
        made = _made_by([str(level) for level in levels] if isinstance(levels, list | tuple) else [])
        made += DOCUMENT_ROLES if values.get("document") else ()
        columns = values.get("columns")
        if not made or not isinstance(columns, dict | None):
            return values
        return {**values, "columns": {role: f"{MADE}{role}" for role in made} | (columns or {})}

    def made_columns(self) -> tuple[str, ...]:
        """Columns made of the levels, or of the names of documents."""
        roles = _made_by(self.levels) if self.levels else DOCUMENT_ROLES if self.document else ()
        return tuple(f"{MADE}{role}" for role in roles)

    @model_validator(mode="after")
    def _roles(self) -> Orders:
        if wrong := _wrong_roles(self):
            raise ValueError("; ".join(wrong))
        return self


def _wrong_roles(orders: Orders) -> list[str]:
    mapped, wrong = set(orders.columns), []
    if unknown := sorted(mapped - set(ORDER_ROLES)):
        wrong.append(f"columns: unknown roles {', '.join(unknown)}; allowed: {', '.join(ORDER_ROLES)}")
    if not mapped & {"customer_id", "customer_name"}:
        wrong.append("columns: customer_id or customer_name is needed")
    if orders.months and mapped & {"order_date", "amount", "year", "month"}:
        wrong.append("months: a wide table has neither order_date nor amount, year or month")
    if orders.months and orders.month_quantities and "qty" in mapped:
        wrong.append("month_quantities: a wide table with quantities in its months has no other qty")
    if set(orders.month_quantities.values()) - set(orders.months.values()):
        wrong.append("month_quantities: quantities of months that are not among `months`")
    if not mapped & {"order_date", "month"} and not orders.months:
        wrong.append("columns: order_date is needed, or month with year")
    if "order_date" in mapped and mapped & {"year", "month"}:
        wrong.append("columns: order_date, or month with year, not both")
    if "year" in mapped and "month" not in mapped:
        wrong.append("columns: year needs month")
    money = {*mapped, *(("amount",) if orders.months else ())} & set(MONEY_ROLES)
    if unscaled := sorted(set(orders.scale) - money):
        wrong.append(f"scale: {', '.join(unscaled)} is no column of money that is mapped")
    wrong += _wrong_levels(orders)
    if orders.group is not None and not orders.levels and "order_date" not in mapped:
        wrong.append("group: rows that head others are told by their missing order_date")
    if orders.group is not None and orders.columns.get("order_date") in orders.fill_down:
        wrong.append("fill_down: the date cannot be carried down where rows that head others are told by missing it")
    if monthly := sorted(set(orders.fill_down) & set(orders.months)):
        wrong.append(f"fill_down: {', '.join(monthly)} holds amounts of a month")
    if "amount" not in mapped and not orders.months and not {"qty", "unit_price"} <= mapped:
        wrong.append("columns: amount, or qty and unit_price, are needed")
    if "discount" in mapped and orders.discount is None:
        wrong.append("discount: say whether the discount column is a rate, a percent or money")
    if {"cost", "margin"} <= mapped:
        wrong.append("columns: map cost or margin, not both")
    if "order_id" not in mapped and (of_orders := sorted(mapped & {"order_discount", "order_refund"})):
        wrong.append(f"columns: {', '.join(of_orders)} needs order_id; money given back for a line is a refund")
    if orders.months and (beside := sorted(mapped & set(BESIDE_LINES))):
        wrong.append(f"months: a wide table has no {', '.join(beside)}")
    if "parent_line_id" in mapped and "line_id" not in mapped:
        wrong.append("columns: parent_line_id needs line_id, the column that it refers to")
    if "cost" in mapped and orders.cost == "unit" and "qty" not in mapped:
        wrong.append("columns: a cost per unit needs qty")
    for kind in PATTERNS:
        if unmapped := sorted(set(getattr(orders, kind)) - mapped):
            wrong.append(f"{kind}: {', '.join(unmapped)} is not mapped under columns")
    return wrong


def _made_by(levels: Iterable[str]) -> tuple[str, ...]:
    made = [
        DOCUMENT_ROLES if level == "document" else (level,) for level in levels if level in (*LEVEL_ROLES, "document")
    ]
    return tuple(dict.fromkeys(role for roles in made for role in roles))


def _wrong_levels(orders: Orders) -> list[str]:
    levels = orders.levels
    if not levels:
        return ["subtotals_within: only a report with levels has subtotals"] if orders.subtotals_within else []
    wrong = ["document: in a report with levels a document is one of them"] if orders.document is not None else []
    if unknown := [level for level in levels if level not in LEVELS]:
        wrong.append(f"levels: unknown {', '.join(unknown)}; allowed: {', '.join(LEVELS)}")
    if orders.group is None:
        wrong.append("levels: name the column in which they stand under `group`")
    if len(levels) < 2:
        wrong.append("levels: two at least; one alone is a column like any other")
    told = [role for level in levels for role in _made_by([level])]
    if twice := sorted({role for role in told if told.count(role) > 1 or orders.columns[role] != f"{MADE}{role}"}):
        wrong.append(f"levels: {', '.join(twice)} is named twice, or under columns too")
    if "line" in levels[:-1] or ("line" in levels and orders.columns.get("order_date") in (None, f"{MADE}order_date")):
        wrong.append("levels: line is the last one, of rows whose date is mapped under columns")
    return wrong


class Refunds(FileTable):
    """Money given back in files of their own: every row is a negative line of its order's customer.

    `columns` are `amount`, and `order_id` or `customer_id`; `date` where it is not the day of the order, `item` and
    `reason`.
    """

    @model_validator(mode="after")
    def _roles(self) -> Refunds:
        if unknown := sorted(set(self.columns) - set(REFUND_ROLES)):
            raise ValueError(f"columns: unknown roles {', '.join(unknown)}; allowed: {', '.join(REFUND_ROLES)}")
        if "amount" not in self.columns or not {"order_id", "customer_id"} & set(self.columns):
            raise ValueError("columns: amount is needed, and order_id or customer_id")
        if "order_id" not in self.columns and "date" not in self.columns:
            raise ValueError("columns: date is needed where no order_id tells the day")
        return self


class Guess(_Section):
    """Why a column plays a role: what `kam map` saw; it changes nothing in how the source is read."""

    table: str
    role: str
    column: str
    confidence: Annotated[float, Field(ge=0, le=1)]
    reason: str


def _refused(expression: str, text: str) -> str:
    with Engine() as engine:
        try:
            engine.rows(f"SELECT {expression}", text=text)
        except duckdb.Error as error:
            return str(error).splitlines()[0].partition("Error: ")[2]
    return ""


_SECRET = re.compile(r"(?i)pass|pwd|secret|token|credential|signature|^(sas|sig)$|(?<!ssl)key$")


def _names(url: str) -> list[str]:
    """Names of all options of an address, also of those that stand within one (``odbc_connect=…;PWD=…``)."""
    return re.findall(r"([\w.-]+)\s*=", unquote_plus(url))


class Database(_Section):
    """Where the tables of a source come from: `kam get NAME` reads them into ``data/raw/NAME`` as Parquet files.

    `url` is any address that SQLAlchemy takes, without a password: that stands in the environment variable
    `password_env`. `tables` name the files, each with a table (or schema.table) or one SELECT.
    """

    url: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*://")]
    password_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    tables: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$")], Annotated[str, Field(min_length=1)]],
        Field(min_length=1),
    ]

    @field_validator("url")
    @classmethod
    def _holds_no_password(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.password is not None or any(map(_SECRET.search, _names(value))):
            raise ValueError("holds a password; delete it there and name a variable under password_env")
        return value

    @field_validator("tables")
    @classmethod
    def _only_reads(cls, value: dict[str, str]) -> dict[str, str]:
        for name, asked in value.items():
            if ";" in asked.rstrip().rstrip(";"):
                raise ValueError(f"{name}: one table or one SELECT, without a semicolon inside")
        return value


class Profile(_Section):
    """``sources/NAME.yaml``.

    Examples
    --------
    >>> Profile.model_validate({"title": "Acme", "orders": {"files": "sales.csv", "columns": {
    ...     "customer_id": "Customer", "order_date": "Date", "amount": "Amount"}}}).orders.files
    ('sales.csv',)
    """

    title: str
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    vat: Literal["included", "excluded", "unknown"] = "unknown"
    mapping: tuple[Guess, ...] = ()
    database: Database | None = None
    orders: Orders
    refunds: Refunds | None = None
    customers: FileTable | None = None
    managers: FileTable | None = None
    assessment: FileTable | None = None
    survey: FileTable | None = None
    interactions: FileTable | None = None
    spend: FileTable | None = None
    contracts: FileTable | None = None
    purchase_terms: FileTable | None = None
    contacts: FileTable | None = None
    tasks_done: FileTable | None = None
    payments: FileTable | None = None
    call_parts: FileTable | None = None

    @model_validator(mode="after")
    def _optional_columns(self) -> Profile:
        wrong = [
            f"{name}.columns: unknown roles {', '.join(unknown)}; allowed: {', '.join(OPTIONAL[name].names)}"
            for name, given in self.optional().items()
            if (unknown := sorted(set(given.columns) - set(OPTIONAL[name].names)))
        ]
        wrong += [
            f"{name}.sensitive: {role} is no column of text of this table"
            for name, given in self.optional().items()
            for role in given.sensitive
            if role not in OPTIONAL[name].names or OPTIONAL[name][role].kind not in TEXTUAL
        ]
        if self.orders.sensitive:
            wrong.append("orders.sensitive: only optional tables can have sensitive columns")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def optional(self) -> dict[str, FileTable]:
        """Give the optional tables that the source has, by name."""
        return {name: given for name in OPTIONAL if (given := getattr(self, name)) is not None}

    def sensitive(self) -> tuple[str, ...]:
        """Give the sensitive columns of the optional tables, as ``table.column``."""
        return tuple(f"{name}.{column}" for name, given in self.optional().items() for column in given.sensitive)


def load_profile(path: Path) -> Profile:
    """Read a source profile.

    Raises
    ------
    UserError
        When the file is missing or wrong; one problem per key.
    """
    where = f"sources/{path.name}"
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = sorted(other.stem for other in path.parent.glob("*.yaml"))
        raise UserError(
            Problem("no such source", where, examples=known, cure="write the profile, or `kam use` another source")
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(Problem(f"not readable as YAML: {' '.join(str(error).split())}", where)) from None
    if not isinstance(values, dict):
        raise UserError(Problem("should be keys with values", where))
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        raise UserError(
            [
                Problem(
                    "unknown key" if detail["type"] == "extra_forbidden" else _plain(detail["msg"]),
                    ", ".join(part for part in (where, ".".join(str(key) for key in detail["loc"])) if part),
                )
                for detail in error.errors()
            ]
        ) from None


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
