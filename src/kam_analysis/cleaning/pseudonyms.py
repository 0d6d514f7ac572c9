"""The one place where names enter the rooms, and where stable pseudonyms take their place.

It stands between the reading of a source and everything that asks who is who: no room, page, file or metric after it
has seen a name. A text that is not called harmless below becomes a pseudonym, so that a new column cannot be forgotten.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping

from kam_analysis.columns import Kind
from kam_analysis.engine import Engine, literal, quoted
from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.lines import HASH_SIGN, SALT_VARIABLE, hashed_tax_id
from kam_analysis.tables import OPTIONAL, ORDER_LINES, REJECTED_LINES, TASKS_DONE, Table
from kam_analysis.vocabulary import KNOWN_VALUES

SIGNS = 12
TEXTUAL = (Kind.ID, Kind.NAME, Kind.VALUE, Kind.TEXT)
HARMLESS = frozenset(  # kept as they are
    ("sku", "item", "category", "unit", "department", "country", "region", "channel", "status", "industry", "size",
     "programme", "consent", "recoverable", "level", "influence", "wave", "kind", "segment", "exclusivity", "part",
     "discount_tier", "well_known", "demanding", "confirmed", "can_dictate", "reference_customer", "done")
)  # fmt: skip
KNOWN_WORDS = frozenset(("type", "reason", "result", "lost_reason", "role", "question", "event"))  # known ones are kept
LEFT_OUT = frozenset(("customer_name", "name", "text", "theme", "note", "preferences", "birthday"))
CALLED = {
    "customer_id": "Customer",
    "parent_id": "Customer",
    "manager": "Manager",
    "manager_id": "Manager",
    "person": "Person",
    "respondent": "Person",
}
OWN_WORDS = ("nps", "csat")
TASK = re.compile(r"(.+?)(:[a-z_]+:\d{4}-\d{2}-\d{2})(\s+|$)")


def pseudonym(salt: str, called: str, text: str) -> str:
    """Give the pseudonym of a text: the same for the same salt, and nothing tells the text.

    Parameters
    ----------
    salt : str
        Secret; who knows it can try names.
    called : str
        What it is: "Customer", "Manager".
    text : str

    Examples
    --------
    >>> pseudonym("s", "Customer", "Acme") == pseudonym("s", "Customer", "Acme") != pseudonym("t", "Customer", "Acme")
    True
    >>> len(pseudonym("s", "Customer", "Acme"))
    21
    """
    return f"{called} {hashlib.sha256(f'{salt}{called}:{text}'.encode()).hexdigest()[:SIGNS]}"


def salt_of(environment: Mapping[str, str] = os.environ) -> str:
    """Give the salt of the environment.

    Raises
    ------
    UserError
        Where there is none: pseudonyms without a salt can be tried out by anybody.
    """
    salt = environment.get(SALT_VARIABLE, "")
    if not salt:
        what = "pseudonyms need a salt"
        raise UserError(Problem(what, "params.yaml, report.pseudonyms", cure=f"set {SALT_VARIABLE} in the environment"))
    return salt


def hide_names(engine: Engine, salt: str) -> None:
    """Put pseudonyms in the place of every name, id and free text of the lines and the optional tables.

    Customers and managers keep one pseudonym everywhere; names, comments, notes, tastes and birthdays are left out; tax
    ids become hashes, so that merging still works.

    Parameters
    ----------
    engine : Engine
        Holds ``lines_held``, ``rejected_lines`` and the optional tables; the same after it.
    salt : str
    """
    engine.set_variable("salt", salt)
    engine.materialise("lines_hidden", _selected(engine, "lines_read", ORDER_LINES))
    engine.view("lines_read", "SELECT * FROM lines_hidden")
    engine.forget("lines_held")
    for table in (REJECTED_LINES, *OPTIONAL.values()):
        engine.materialise(table.name, _selected(engine, table.name, table))
    tasks = engine.frame(TASKS_DONE.name, TASKS_DONE)
    engine.put(TASKS_DONE.name, tasks.assign(task_id=[_task(salt, one) for one in tasks["task_id"]]), TASKS_DONE)


def _selected(engine: Engine, name: str, table: Table) -> str:
    held = engine.types(name)
    kinds = {column.name: column.kind for column in table.columns}
    hidden = {column: _hidden(column, kinds.get(column, Kind.TEXT), held[column]) for column in held}
    changed = [f"CAST({sql} AS {held[column]}) AS {quoted(column)}" for column, sql in hidden.items() if sql]
    return (
        f"SELECT * REPLACE ({', '.join(changed)}) FROM {quoted(name)}" if changed else f"SELECT * FROM {quoted(name)}"
    )


def _hidden(name: str, kind: Kind, sql_type: str) -> str | None:
    """SQL of what stands in the place of a column; None where it stays."""
    value = quoted(name)
    if name in LEFT_OUT:
        return "NULL"
    if sql_type != "VARCHAR" or kind not in TEXTUAL or name in HARMLESS or name == "task_id":
        return None
    if name == "tax_id":
        return f"CASE WHEN starts_with({value}, {literal(HASH_SIGN)}) THEN {value} ELSE {hashed_tax_id(value)} END"
    called = CALLED.get(name, name.replace("_", " ").capitalize())
    sign = f"left(sha256(getvariable('salt') || {literal(called + ':')} || {value}), {SIGNS})"
    hidden = f"{literal(called + ' ')} || {sign}"
    if name not in KNOWN_WORDS:
        return hidden
    words = ", ".join(literal(word) for word in (*KNOWN_VALUES, *OWN_WORDS))
    return f"CASE WHEN lower(trim({value})) IN ({words}) THEN {value} ELSE {hidden} END"


def _task(salt: str, tasks: str) -> str:
    """Hide the customers in the tasks of a cell; a text that names no task of ours becomes a pseudonym."""
    parts = TASK.findall(tasks)
    if "".join(customer + rest + blank for customer, rest, blank in parts) != tasks:
        return pseudonym(salt, "Task", tasks)
    return " ".join(pseudonym(salt, CALLED["customer_id"], customer) + rest for customer, rest, _ in parts)
