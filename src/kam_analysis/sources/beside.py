"""Money beside the lines: discounts of whole orders shared out, and refunds as negative lines of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from kam_analysis.engine import Engine, literal, quoted, statement
from kam_analysis.sources.columns import Reading
from kam_analysis.sources.profile import BESIDE_LINES, Orders, Refunds
from kam_analysis.sources.read import RawPart, raw_parts

MONEY = "DECIMAL(18,4)"
OF_GOODS = ("qty", "unit", "unit_price", "discount", "line_id", "parent_line_id")
NOT_SO = ("is_service", "is_test", "is_cancelled", "is_called_off", "is_unpivoted", "is_hidden")


def place_money_beside(engine: Engine, roles: Collection[str]) -> None:
    """Share discounts of orders out over their lines, and add a negative line for every refund in a column.

    An order's discount is shared by the money of its lines above 0, to the last place; what is given back is at most
    what these lines hold then: the rest is freight or tax, which are in no line.

    Parameters
    ----------
    engine : Engine
        Holds ``lines_held``.
    roles : collection of str
        Which of order_discount, refund and order_refund the table has.
    """
    held = {name: kind for name, kind in engine.types("lines_held").items() if name not in BESIDE_LINES}
    absent = "".join(f", CAST(NULL AS {MONEY}) AS {role}" for role in BESIDE_LINES if role not in roles)
    engine.materialise("lines_beside", f"SELECT *, rowid AS place{absent} FROM lines_held")
    reduced = statement(__file__, "lines_reduced") if "order_discount" in roles else "SELECT * FROM lines_beside"
    engine.materialise("lines_reduced", reduced)
    engine.materialise("lines_refunded", statement(__file__, "lines_refunded"))
    less = {"net_sales": "-given_back", **_as_refund(held, "row_key, row_check")}
    less |= {"is_no_sale": "is_no_sale OR is_called_off"}
    shown = ", ".join(map(quoted, held))
    engine.materialise(
        "lines_held",
        f"SELECT * EXCLUDE (place, is_refund) FROM (SELECT {shown}, place, false AS is_refund FROM lines_refunded "
        f"UNION ALL SELECT {_cells(held, less)}, place, true FROM lines_refunded WHERE given_back > 0) "
        "ORDER BY is_refund, place",
    )
    for name in ("lines_beside", "lines_reduced", "lines_refunded"):
        engine.forget(name)


def add_refunds(
    engine: Engine, spec: Refunds, orders: Orders, first: int, folder: Path, scratch: Path
) -> list[RawPart]:
    """Add the rows of files of refunds to ``lines_held``: negative lines of the customer of their order.

    A refund of an order that is no sale is none either; one of an unknown order has no customer.

    Parameters
    ----------
    engine : Engine
        Holds ``lines_held``.
    spec : Refunds
    orders : Orders
        Of the lines: who is nobody in particular there is nobody here.
    first : int
        Number of the first part.
    folder, scratch : Path
        As `raw_parts`.

    Returns
    -------
    list of RawPart
        Of the files of refunds.
    """
    parts = raw_parts(engine, "refunds", spec, folder, scratch, spec.columns.values())
    held = engine.types("lines_held")
    for number, part in enumerate(parts, first):
        reading = {role: Reading(column, part.types[column], part.spec(spec)) for role, column in spec.columns.items()}
        read = {f"{role}_given": one.identifier() for role, one in reading.items() if role.endswith("_id")}
        read |= {"amount_given": reading["amount"].number(MONEY), "amount_text": reading["amount"].text()}
        if "date" in reading:
            read |= {"date_given": reading["date"].order_date(), "date_text_given": reading["date"].text()}
        if "item" in reading:
            read["item_given"] = reading["item"].words()
        nobody = [f"regexp_matches(customer_id_given, {literal(pattern)})" for pattern in orders.nobody.values()]
        is_nobody = " OR ".join(nobody) if nobody and "customer_id" in reading else "false"
        values = {
            "part_no": str(number),
            "row": "_row",
            "net_sales": "-abs(amount_given)",
            "has_money_text": "amount_text IS NOT NULL",
            "is_number_unreadable": "amount_text IS NOT NULL AND amount_given IS NULL",
            "unreadable": "''",
            "number_text": "CASE WHEN amount_given IS NULL THEN amount_text END",
            "is_no_sale": "coalesce(sold.is_no_sale OR sold.is_called_off, false)",
            "is_nobody": f"coalesce({is_nobody} OR sold.is_nobody, {is_nobody}, false)",
            "is_kept": "true",
            **_as_refund(held, f"{literal(part.where)}, _row"),
        }
        for name, given in (
            ("order_id", "order_id_given"),
            ("ordered_on", "date_given"),
            ("date_text", "date_text_given"),
            ("item", "item_given"),
        ):
            if given in read:
                values[name] = f"coalesce({given}, sold.{name})"
        if "customer_id" in reading:
            values["customer_id"] = (
                f"CASE WHEN NOT ({is_nobody}) THEN coalesce(customer_id_given, sold.customer_id) END"
            )
        key = "sold.order_id = order_id_given" if "order_id_given" in read and "order_id" in held else "false"
        given = ", ".join(f"{expression} AS {name}" for name, expression in read.items())
        sold = "(SELECT * FROM lines_held LIMIT 0)"
        if "order_id" in held:
            first_of_order = "row_number() OVER (PARTITION BY order_id ORDER BY part_no, row) = 1"
            sold = f"(SELECT * FROM lines_held WHERE order_id IS NOT NULL QUALIFY {first_of_order})"
        engine.materialise(
            "lines_held",
            "SELECT * EXCLUDE (place) FROM (SELECT *, rowid AS place FROM lines_held UNION ALL "
            f"SELECT {_cells(held, values, 'sold.')}, (SELECT count(*) FROM lines_held) + _row "
            f"FROM (SELECT _row, {given} FROM {quoted(part.view)}) LEFT JOIN {sold} AS sold ON {key}) ORDER BY place",
        )
    return parts


def _as_refund(held: Collection[str], key: str) -> dict[str, str]:
    """What a line of a refund holds: money alone, no goods, and a key of its own."""
    values = dict.fromkeys(OF_GOODS, "NULL") | dict.fromkeys(NOT_SO, "false")
    values |= {"row_key": f"hash('refund', {key})", "row_check": f"hash({key}, 'refund')"}
    if "cost" in held:
        values["cost"] = "CASE WHEN cost IS NOT NULL THEN 0 END"
    return values


def _cells(held: Mapping[str, str], values: Mapping[str, str], table: str = "") -> str:
    return ", ".join(
        f"CAST({values.get(name, f'{table}{quoted(name)}')} AS {kind}) AS {quoted(name)}" for name, kind in held.items()
    )
