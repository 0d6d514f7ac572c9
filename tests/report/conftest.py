"""Small findings and a whole page, with names that try to break out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import nbformat
import pandas as pd
import pytest

from kam_analysis.chapter import MIME
from kam_analysis.columns import ACCOUNT_NAME, CUSTOMER_ID, CUSTOMER_NAME, NET_SALES_12M, Column, Kind
from kam_analysis.findings import Caveat, Finding, Show, Tile, Weight, say
from kam_analysis.report import page
from kam_analysis.report.document import Frame, Link
from kam_analysis.report.language import Language
from kam_analysis.tables import Table
from kam_analysis.vocabulary import Sureness

HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("x")',
    "../../x",
    "\"quoted\" & 'single'",
    "شركة الاختبار",
    "None",
    "nan",
    "\u202eevil",
    "bell\x07 and\ttab",
    "$x$ {y}",
)

KEYS = Table(
    "key_list",
    "one key client",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("manager", Kind.NAME, say("Manager"), "Manager.", nullable=True),
        NET_SALES_12M,
        Column("share_12m", Kind.SHARE, say("Share"), "Share.", nullable=True),
        Column("membership", Kind.SHARE, say("In the list"), "Share of weightings.", high=1.0),
        Column("sureness", Kind.MEMBER, say("State"), "How sure.", members=Sureness),
        Column("last_order_on", Kind.DATE, say("Last order"), "Date.", nullable=True),
        ACCOUNT_NAME,
    ),
    ("customer_id",),
)
CONTRACTS = {"key_list": KEYS}


def key_rows(count: int) -> pd.DataFrame:
    """`count` rows, hostile names first; every third without manager, every fourth without a date and a share."""
    return KEYS.conform(
        pd.DataFrame(
            {
                "customer_id": [f"c{number}" for number in range(count)],
                "customer_name": [HOSTILE[n] if n < len(HOSTILE) else f"Customer {n}" for n in range(count)],
                "account_name": [HOSTILE[n] if n < len(HOSTILE) else f"Customer {n}" for n in range(count)],
                "manager": [None if number % 3 == 0 else "Ann" for number in range(count)],
                "net_sales_12m": [1000.0 * (count - number) for number in range(count)],
                "share_12m": [None if number % 4 == 0 else 0.25 for number in range(count)],
                "membership": [1.0 if number < 5 else 0.5 for number in range(count)],
                "sureness": ["sure" if number < 5 else "borderline" for number in range(count)],
                "last_order_on": [None if n % 4 == 0 else pd.Timestamp(2011, 12, 1) for n in range(count)],
            }
        )
    )


def key_finding(count: int = 12, **changes: Any) -> Finding:
    """Finding about `count` key clients."""
    finding = Finding(
        "key_list",
        say("Who are the key clients?"),
        say("{name} leads {n:count} clients.", name=HOSTILE[0], n=count),
        key_rows(count),
        sub=say("Net sales, 12 months."),
        base=say("Base: {n:count} customers.", n=count),
        show=(
            Show("customer_name"),
            Show("manager"),
            Show("net_sales_12m", bar=True),
            Show("share_12m"),
            Show("membership", bar=True),
            Show("sureness", chip=True, strong=("sure",)),
            Show("last_order_on"),
        ),
        limits={"sure_from": 0.95},
        caveats=(
            Caveat(say("Mild"), say("A small thing."), Weight.GREEN),
            Caveat(say("Grave"), say("A big thing."), Weight.RED),
        ),
    )
    return replace(finding, **changes)


TILES = (
    Tile(
        say("Net sales"),
        say("{net:money}", net=3_040_000.0),
        say("{n:count} orders", n=6341),
        say("Signed sales."),
        "net_sales",
        say("{change:change} from {before:money}", change=0.205, before=2_520_000.0),
        True,
        "company_months",
    ),
    Tile(
        say("Net revenue retention"),
        None,
        say("373 days of data"),
        say("Sales now over sales then."),
        "nrr",
        absent=say("First possible in {month:month}.", month="2012-12-01"),
    ),
)


@pytest.fixture(scope="session")
def language() -> Language:
    return Language("en", "GBP")


@pytest.fixture(scope="session")
def frame(language: Language) -> Frame:
    links = [Link("index.html", "Summary"), Link("02_key_clients.html", "Key clients")]
    return Frame(language, "A & B <Ltd>", links, "02_key_clients.html")


@pytest.fixture(scope="session")
def notebook_of(language: Language) -> Callable[..., nbformat.NotebookNode]:
    """Make a notebook that has run from fragments (HTML), prose (begins with #) and ready cells."""

    def make(*parts: str | nbformat.NotebookNode) -> nbformat.NotebookNode:
        cells = []
        for part in parts:
            if not isinstance(part, str):
                cells.append(part)
            elif part.startswith("#"):
                cells.append(nbformat.v4.new_markdown_cell(part))
            else:
                cells.append(code_cell(part))
        return nbformat.v4.new_notebook(cells=cells)

    return make


def code_cell(html: str, *tags: str) -> nbformat.NotebookNode:
    """Code cell that has left a part of the page, which `html_of` draws, and printed something."""
    part = {"part": "footer" if html.startswith("<footer") else "row", "html": html}
    data = {MIME: part, "text/html": "HTML BY HAND", "text/plain": "PLAIN TEXT"}
    outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="PRINTED"),
        nbformat.v4.new_output("execute_result", data=data, execution_count=1),
    ]
    return nbformat.v4.new_code_cell("SOURCE", outputs=outputs, metadata={"tags": list(tags)} if tags else {})


def html_of(part: Mapping[str, Any]) -> str:
    """Draw a part as `code_cell` made it."""
    return str(part["html"])


def head_of(language: Language) -> str:
    """Title and line of the date."""
    return page.head(say("Who the key clients are"), say("Data to {day:date}", day="2011-12-09"), language)
