"""Documents named in one text, as accounting programs write them: kind, number and day."""

from __future__ import annotations

import re
from dataclasses import replace

from kam_analysis.engine import Engine, quoted
from kam_analysis.sources.profile import DOCUMENT_ROLES, MADE
from kam_analysis.sources.read import RawPart

DAY = r"[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}"
DAY += r"|[0-9]{1,2}\.? [^\W\d_]+\.? [0-9]{4}|[^\W\d_]+ [0-9]{1,2},? [0-9]{4}"
DOCUMENT = re.compile(
    r"(?i)(?P<kind>.*?)[\s:]*(?:№|#|(?<!\w)(?:n|no|nr|num|бр|br|број|номер|number)\b\.?)?[\s:]*"
    r"(?P<number>[^\s,;№#]*[0-9][^\s,;]*),?\s+(?:(?:от|од|of|from|dated|on|vom|od)\s+)?"
    rf"(?P<date>{DAY})(?:[\sT,]+[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)?(?!\d).*"
)


def document_parts(text: str) -> tuple[str, str, str] | None:
    """Kind, number and day of a document as a report names it; None where the text names none.

    Examples
    --------
    >>> document_parts("Реализация товаров и услуг 0000-000123 от 15.03.2024 10:11:12")
    ('Реализация товаров и услуг', '0000-000123', '15.03.2024')
    >>> document_parts("Фактура бр. 123/2024 од 15.03.2024"), document_parts("Invoice 123 of March 15, 2024")
    (('Фактура', '123/2024', '15.03.2024'), ('Invoice', '123', 'March 15, 2024'))
    >>> document_parts("Чай 100 г") is None, document_parts("Чек от 15.03.2024") is None
    (True, True)
    """
    found = DOCUMENT.fullmatch(" ".join(text.split()))
    return (found["kind"].strip(), found["number"], found["date"]) if found else None


def document_cells(text: str) -> dict[str, str | None]:
    """Cells by role that a document's name stands for; a text that names none is an order without a day.

    Examples
    --------
    >>> document_cells("Invoice 123 of 15.03.2024")
    {'kind': 'Invoice', 'order_id': '123', 'order_date': '15.03.2024'}
    >>> document_cells("Opening balance")
    {'kind': None, 'order_id': 'Opening balance', 'order_date': None}
    """
    kind, number, day = document_parts(text) or (None, text, None)
    return {"kind": kind or None, "order_id": number, "order_date": day}


def documented(engine: Engine, part: RawPart, column: str) -> RawPart:
    """Give a part with kind, number and day of the documents that a column names."""
    import pyarrow as pa

    texts = [
        str(text) for (text,) in engine.rows(f"SELECT DISTINCT {quoted(column)}::VARCHAR FROM {quoted(part.view)}")
    ]
    cells = [document_cells(text) for text in texts]
    view = f"{part.view}_documented"
    made = {f"{MADE}{role}": pa.array([cell[role] for cell in cells], pa.string()) for role in DOCUMENT_ROLES}
    engine.put(f"{view}_names", pa.table({"_named": pa.array(texts, pa.string())} | made))
    engine.materialise(
        view,
        f"SELECT {quoted(part.view)}.*, {', '.join(map(quoted, made))} FROM {quoted(part.view)} "
        f"LEFT JOIN {quoted(f'{view}_names')} ON {quoted(column)}::VARCHAR = _named ORDER BY _row",
    )
    return replace(part, view=view, types={**part.types, **dict.fromkeys(made, "VARCHAR")})
