"""Large losses: rows and money without date, amount or customer; and what stood twice and counts once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from kam_analysis import money
from kam_analysis.engine import Engine
from kam_analysis.errors import Problem, UserError
from kam_analysis.params import Cleaning
from kam_analysis.sources.profile import Profile
from kam_analysis.vocabulary import Rejection

UNKNOWN = (
    *(Rejection.NO_DATE, Rejection.UNREADABLE_DATE, Rejection.NO_AMOUNT, Rejection.UNREADABLE_NUMBER),
    Rejection.FAR_DATE,
)
COUNTED_TWICE = (Rejection.REPEATED_ACROSS_FILES, Rejection.SAME_SALE, Rejection.PART_OF_SET)
NO_CUSTOMER, ANONYMOUS = "no_customer", "anonymous"
SHOWN = 3


@dataclass(frozen=True)
class Loss:
    """Rows and money that no customer figure holds for one reason.

    `reason` is a rejection, or None for kept lines without a customer; `is_nobody` where these name a buyer like
    "walk-in" or "guest". The shares are of the rows that are lines, and of the money of the kept lines and of these.
    """

    reason: Rejection | None
    is_nobody: bool
    rows: int
    net_sales: float
    rows_share: float
    net_sales_share: float

    @property
    def share(self) -> float:
        """The larger share."""
        return max(self.rows_share, self.net_sales_share)

    @property
    def name(self) -> str:
        """How an answer calls the reason."""
        return self.reason.value if self.reason else ANONYMOUS if self.is_nobody else NO_CUSTOMER


def large_losses(status: pd.DataFrame, large_loss: float) -> list[Loss]:
    """Give the losses above a share of the rows or of the money, the largest first.

    Parameters
    ----------
    status : DataFrame
        `Cleaned.line_status`: rows and money per file, sheet, reason and whether a customer is named.
    large_loss : float
        ``cleaning.large_loss``, 0–1.

    Examples
    --------
    >>> status = pd.DataFrame([(None, True, False, 90, 900.0), ("no_date", True, False, 10, 40.0)],
    ...     columns=["reason", "is_identified", "is_nobody", "rows", "net_sales"])
    >>> [(loss.name, loss.rows_share, round(loss.net_sales_share, 3)) for loss in large_losses(status, 0.05)]
    [('no_date', 0.1, 0.043)]
    """
    kept = status[status.reason.isna()]
    parts: list[tuple[Rejection | None, bool, pd.DataFrame]] = [
        (reason, False, status[status.reason == reason]) for reason in UNKNOWN
    ]
    lines = int(kept.rows.sum()) + sum(int(part.rows.sum()) for *_, part in parts)
    gross = abs(money.total(kept.net_sales))
    nameless = kept[~kept.is_identified]
    parts += [(None, False, nameless[~nameless.is_nobody]), (None, True, nameless[nameless.is_nobody])]
    found = []
    for reason, is_nobody, part in parts:
        rows, net = int(part.rows.sum()), money.total(part.net_sales)
        whole = gross + (abs(net) if reason else 0.0)
        shares = rows / lines if lines else 0.0, abs(net) / whole if whole else 0.0
        found.append(Loss(reason, is_nobody, rows, net, *shares))
    return sorted((loss for loss in found if loss.share > large_loss), key=lambda loss: -loss.share)


def stop_at_losses(engine: Engine, profile: Profile, rules: Cleaning, accepted: Collection[str]) -> tuple[str, ...]:
    """Judge the lines of a new mapping: stop where much of them is lost, and tell what counts once or not at all.

    Parameters
    ----------
    engine : Engine
        Holds ``lines_read``.
    profile : Profile
    rules : Cleaning
        Parameters of the section ``cleaning``.
    accepted : collection of str
        Reasons that a person agreed to.

    Returns
    -------
    tuple of str
        One note per reason of rejection, with rows and money.

    Raises
    ------
    UserError
        For every loss above ``large_loss`` that nobody agreed to, with the key that cures it.
    """
    from kam_analysis.cleaning.lines import classify_lines
    from kam_analysis.cleaning.source import line_status_of

    classify_lines(engine, rules, None)
    status = line_status_of(engine)
    losses = [loss for loss in large_losses(status, rules.large_loss) if loss.name not in accepted]
    if losses:
        raise UserError([_asked(engine, profile, loss) for loss in losses])
    notes = [
        f"{int(part.rows.sum()):,} rows with {money.total(part.net_sales):,.2f} are not counted: "
        f"{Rejection(str(reason)).label.template}{_first_of(engine, str(reason))}"
        for reason, part in status[status.reason.notna()].groupby("reason", sort=False)
    ]
    blank = status[status.reason.isna() & ~status.is_identified & ~status.is_nobody]
    if len(blank):
        net = money.total(blank.net_sales)
        notes.append(f"{int(blank.rows.sum()):,} rows with {net:,.2f} name no customer: in no customer figure")
    return tuple(notes)


def _asked(engine: Engine, profile: Profile, loss: Loss) -> Problem:
    of_dates = (Rejection.NO_DATE, Rejection.UNREADABLE_DATE, Rejection.FAR_DATE)
    named = "customer_id" if loss.reason is None else "order_date" if loss.reason in of_dates else "amount"
    columns = profile.orders.columns
    column = columns.get(named) or columns.get("customer_name" if named == "customer_id" else "unit_price", "")
    what = f"{loss.rows:,} rows ({loss.rows_share:.0%}) with {loss.net_sales:,.2f} ({loss.net_sales_share:.0%}): "
    what += Rejection(loss.reason).label.template if loss.reason else "no customer"
    if loss.is_nobody:
        texts = [f"{text.strip('^()$')} in {columns[role]!r}" for role, text in profile.orders.nobody.items()]
        what += f", but anonymous buyers: {', '.join(texts)}"
    cure = f"{_CURES[loss.reason].format(column=column)}; or agree: --answer accept={loss.name}"
    return Problem(what, f"orders, column {column}" if column else "orders", None, _examples(engine, loss), cure)


_CURES = {
    Rejection.NO_DATE: "orders.fill_down: {column} in the source profile where the first row of a document alone has "
    "it, or another column: --role order_date=COLUMN",
    Rejection.UNREADABLE_DATE: "orders.date_format in the source profile, or correct the dates in the export",
    Rejection.FAR_DATE: "cleaning.far_dates: keep in params.yaml, or correct the dates in the export",
    Rejection.NO_AMOUNT: "another column: --role amount=COLUMN, or --role amount= for quantity · price",
    Rejection.UNREADABLE_NUMBER: "orders.decimal, orders.thousands or orders.unit in the source profile, or correct "
    "the numbers in the export",
    None: "another column names the customer: --role customer_name=COLUMN; or one of these is a customer: "
    "--answer customer=NAME",
}


def _examples(engine: Engine, loss: Loss) -> list[str]:
    is_it = f"reason = '{loss.reason.value}'" if loss.reason else "reason IS NULL AND customer_id IS NULL"
    is_it += "" if loss.reason else f" AND is_nobody = {loss.is_nobody}"
    texts: dict[Rejection | None, str] = {
        Rejection.UNREADABLE_DATE: "date_text",
        Rejection.FAR_DATE: "date_text",
        Rejection.UNREADABLE_NUMBER: "number_text",
    }
    shown = texts.get(loss.reason, "customer_name" if loss.is_nobody else "NULL")
    rows = engine.rows(f"SELECT file, row, {shown} FROM lines_classified WHERE {is_it} ORDER BY line_no LIMIT {SHOWN}")
    return [f"{file} row {row}{f': {text!r}' if text else ''}" for file, row, text in rows]


def _first_of(engine: Engine, reason: str) -> str:
    places: Sequence[tuple[str, int]] = engine.rows(
        "SELECT file, row FROM lines_classified WHERE reason = $reason ORDER BY line_no LIMIT 1", reason=reason
    )
    return "".join(f", like {file} row {row}" for file, row in places)
