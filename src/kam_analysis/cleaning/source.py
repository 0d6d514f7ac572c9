"""A source's files become trusted tables: one call from raw exports to facts per customer."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from kam_analysis.cleaning.lines import classify_lines
from kam_analysis.cleaning.plans import put_plans
from kam_analysis.cleaning.pseudonyms import CALLED, hide_names, pseudonym, salt_of
from kam_analysis.cleaning.reversals import Reversals, match_reversals
from kam_analysis.customers import Settled, settle
from kam_analysis.engine import Engine, quoted, statement
from kam_analysis.errors import Problem, UserError
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.customer_chances import make_chance_tables
from kam_analysis.facts.customers import customer_facts, make_customer_tables, order_values, sum_lines
from kam_analysis.params import Params
from kam_analysis.sources.lines import SALT_VARIABLE, read_lines, read_optional
from kam_analysis.sources.profile import Profile
from kam_analysis.tables import CUSTOMER_FACTS, CUSTOMER_FACTS_BEFORE, OPTIONAL, ORDER_LINES

USEFUL_ROLES = ("order_id", "sku", "qty", "cost", "manager", "department", "country")


@dataclass(frozen=True)
class OrderSpans:
    """Orders with a document number, those whose lines have several dates, and those that span more than 31 days."""

    orders: int
    over_several_days: int
    over_31_days: int


@dataclass(frozen=True)
class Cleaned:
    """What a source became.

    Parameters
    ----------
    calendar : Calendar
        First order and first day not analysed; the first line where there is no order.
    compare_as_of : date, optional
        Comparison date, None where the data do not reach back.
    line_status : DataFrame
        Rows and money per file, sheet, reason and whether a customer is named.
    line_flags : DataFrame
        Rows and money of cancelled, negative, service, duplicate, zero and unidentified kept lines.
    roles : DataFrame
        Mapped columns and how many kept rows have a value.
    inputs : DataFrame
        Rows of every optional table.
    order_spans : OrderSpans
        How long the lines of one document reach.
    settled : Settled
        Who is who.
    reversals : Reversals
        How many returns and cancellations answer to a sale.
    unread : tuple of str
        Sensitive columns that were not read, for want of a salt.
    lacking : tuple of (str, str)
        Files of order lines that lack a column which others have, each with the column.
    units : tuple of (str, int)
        What quantities count, with the kept lines of each.
    """

    calendar: Calendar
    compare_as_of: dt.date | None
    line_status: pd.DataFrame
    line_flags: pd.DataFrame
    roles: pd.DataFrame
    inputs: pd.DataFrame
    order_spans: OrderSpans
    settled: Settled
    reversals: Reversals
    unread: tuple[str, ...]
    lacking: tuple[tuple[str, str], ...]
    blank: Mapping[str, tuple[str, ...]]
    units: tuple[tuple[str, int], ...]


def clean_source(engine: Engine, profile: Profile, folder: Path, params: Params) -> Cleaned:
    """Read, judge and sum up a source; the engine then holds every table that later rooms read.

    Parameters
    ----------
    engine : Engine
        Receives ``order_lines``, ``rejected_lines``, ``customer_register``, the optional tables, ``customer_orders``,
        ``customer_months``, ``customer_life_months``, ``customer_facts``, ``customer_facts_before`` and the tables of
        the lost chance.
    profile : Profile
        The source's profile.
    folder : Path
        The source's files; they are only read.
    params : Params
        Reference dates and the rules of cleaning and facts.

    Raises
    ------
    UserError
        For everything in the input or the profile that a person has to mend, and for pseudonyms without a salt.
    """
    salt = salt_of() if params.report.pseudonyms else ""
    with tempfile.TemporaryDirectory() as scratch:
        parts = read_lines(engine, profile, folder, Path(scratch))
        read_optional(engine, profile, folder, Path(scratch), os.environ)
    as_of = classify_lines(engine, params.cleaning, params.as_of)
    if salt:
        hide_names(engine, salt)
    settled = settle(engine, folder, partial(pseudonym, salt, CALLED["customer_id"]) if salt else str)
    put_plans(engine, folder, salt)
    sum_lines(engine)
    make_customer_tables(engine, as_of)
    calendar = _calendar(engine, as_of, params.facts.censored_months)
    compare_as_of = _compare_as_of(engine, calendar, params.compare_as_of)
    _put_facts(engine, params, as_of, compare_as_of)
    make_chance_tables(engine, as_of, params.facts)
    engine.materialise("line_flags", statement(__file__, "line_flags"))
    return Cleaned(
        calendar,
        compare_as_of,
        line_status_of(engine),
        engine.frame("line_flags").astype({"net_sales": "float64"}),
        _roles(engine, profile),
        pd.DataFrame(
            {"input": list(OPTIONAL), "rows": [engine.rows(f"SELECT count(*) FROM {name}")[0][0] for name in OPTIONAL]}
        ),
        OrderSpans(*engine.rows(statement(__file__, "order_spans"))[0]),
        settled,
        match_reversals(engine),
        () if os.environ.get(SALT_VARIABLE) else profile.sensitive(),
        tuple(
            (pseudonym(salt, "File", part.where) if salt else part.where, column)
            for part in parts
            for column in part.lacking
        ),
        _blank(engine, profile),
        tuple(
            engine.rows(
                "SELECT unit, count(*) FROM order_lines WHERE unit IS NOT NULL AND qty IS NOT NULL GROUP BY unit "
                "ORDER BY count(*) DESC, unit"
            )
        ),
    )


def line_status_of(engine: Engine) -> pd.DataFrame:
    """Rows and money per file, sheet, reason and whether a customer is named, of judged lines."""
    engine.materialise("line_status", statement(__file__, "line_status"))
    return engine.frame("line_status").astype({"net_sales": "float64", "reason": "str"})


def _calendar(engine: Engine, as_of: dt.date, censored_months: int) -> Calendar:
    first_order_on, first_line_on = engine.rows(
        "SELECT (SELECT min(ordered_on) FROM customer_orders), (SELECT min(ordered_on) FROM order_lines)"
    )[0]
    return Calendar(first_order_on or first_line_on, as_of, censored_months)


def _compare_as_of(engine: Engine, calendar: Calendar, wanted: dt.date | None) -> dt.date | None:
    if wanted is None:
        return calendar.default_compare_as_of()
    first_on = engine.rows("SELECT min(ordered_on) FROM order_lines WHERE customer_id IS NOT NULL")[0][0]
    if not first_on < wanted < calendar.as_of:
        what = f"must be after the first line ({first_on}) and before as_of ({calendar.as_of}), got {wanted}"
        raise UserError(Problem(what, "params.yaml, compare_as_of"))
    return wanted


def _put_facts(engine: Engine, params: Params, as_of: dt.date, compare_as_of: dt.date | None) -> None:
    facts = customer_facts(engine.frame("customer_sums"), order_values(engine), as_of, params.facts, CUSTOMER_FACTS)
    engine.put("customer_facts", CUSTOMER_FACTS.check(facts), CUSTOMER_FACTS)
    before = CUSTOMER_FACTS_BEFORE.empty()
    if compare_as_of:
        make_customer_tables(engine, compare_as_of, "_before")
        values = order_values(engine, "_before")
        sums = engine.frame("customer_sums_before")
        before = customer_facts(sums, values, compare_as_of, params.facts, CUSTOMER_FACTS_BEFORE)
    engine.put("customer_facts_before", CUSTOMER_FACTS_BEFORE.check(before), CUSTOMER_FACTS_BEFORE)


def _blank(engine: Engine, profile: Profile) -> dict[str, tuple[str, ...]]:
    """Columns without any value, by optional table that the source has."""
    found = {}
    for name in profile.optional():
        columns = [column.name for column in OPTIONAL[name].columns if column.nullable]
        asked = ", ".join(f"count({quoted(column)})" for column in columns)
        counts = engine.rows(f"SELECT {asked} FROM {name}")[0] if columns else ()
        blank = tuple(column for column, count in zip(columns, counts, strict=True) if not count)
        if blank:
            found[name] = blank
    return found


def _roles(engine: Engine, profile: Profile) -> pd.DataFrame:
    held_as = {
        "order_date": "ordered_on",
        "year": "ordered_on",
        "month": "ordered_on",
        "amount": "net_sales",
        "margin": "cost",
    }
    mapped = {role: held_as.get(role, role) for role in profile.orders.columns}
    filled = [role for role, column in mapped.items() if column in ORDER_LINES.names]
    lines, *counts = engine.rows(
        f"SELECT {', '.join(['count(*)', *(f'count({mapped[role]})' for role in filled)])} FROM order_lines"
    )[0]
    lacking = [role for role in USEFUL_ROLES if role not in mapped and not (role == "cost" and "margin" in mapped)]
    columns = [profile.orders.columns[role] for role in filled]
    guesses = {guess.role: guess for guess in profile.mapping if guess.table == "orders"}
    return pd.DataFrame(
        {
            "role": [*filled, *lacking],
            "source_column": pd.Series([*columns, *(None for _ in lacking)], dtype="str"),
            "filled_rows": [*counts, *(0 for _ in lacking)],
            "filled_share": [*(count / lines for count in counts), *(None for _ in lacking)],
            "confidence": [guesses[role].confidence if role in guesses else None for role in (*filled, *lacking)],
            "guessed_by": [guesses[role].reason if role in guesses else None for role in (*filled, *lacking)],
        }
    ).astype({"filled_share": "float64", "confidence": "float64", "guessed_by": "str"})
