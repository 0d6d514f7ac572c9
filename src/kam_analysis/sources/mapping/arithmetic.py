"""What the money columns mean, by arithmetic: whether amounts are net of a discount, whether a cost is per unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from kam_analysis.sources.columns import GROUP_BLANKS
from kam_analysis.sources.mapping.content import bare, grouped_plainly, signed

FITS_FROM = 0.99
TOLERANCE = 0.011
_NO_BLANKS = str.maketrans("", "", GROUP_BLANKS)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Money:
    """How the money of a line is read; `asks` are what no reading explains."""

    amount: str | None = None
    discount: str | None = None
    cost: str | None = None
    drops_discount: bool = False
    notes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


def numbers(cells: Sequence[Any], decimal: str, thousands: str, units: Sequence[str]) -> Floats:
    """Cells as numbers, missing where they are none."""
    made = np.full(len(cells), np.nan)
    for place, cell in enumerate(cells):
        if isinstance(cell, bool) or cell is None:
            continue
        if isinstance(cell, int | float | Decimal):
            made[place] = float(cell)
            continue
        text = grouped_plainly(signed(bare(str(cell).translate(_NO_BLANKS), units)))
        text = text.replace(thousands, "").replace(decimal, ".").strip()
        try:
            made[place] = float(text)
        except ValueError:
            continue
    return made


def money_of(values: Mapping[str, Floats], names: Mapping[str, str]) -> Money:
    """Decide what amount, discount and cost mean.

    Parameters
    ----------
    values : mapping of str to array
        Numbers by role, of the same lines.
    names : mapping of str to str
        Heads by role, in lower case.

    Examples
    --------
    >>> lines = {"qty": np.array([2.0, 1.0]), "unit_price": np.array([10.0, 5.0]), "discount": np.array([10.0, 0.0])}
    >>> money_of(lines | {"amount": np.array([18.0, 5.0])}, {}).discount
    'percent'
    >>> money_of(lines | {"amount": np.array([20.0, 5.0])}, {}).amount
    'gross'
    """
    notes: list[str] = []
    asks: list[str] = []
    amount, discount, drops = None, None, False
    if "discount" in values:
        amount, discount, drops = _discount(values, notes, asks)
    cost = _cost(values, names, notes, asks) if "cost" in values else None
    return Money(amount, discount, cost, drops, tuple(notes), tuple(asks))


def _discount(values: Mapping[str, Floats], notes: list[str], asks: list[str]) -> tuple[str | None, str | None, bool]:
    given = np.nan_to_num(values["discount"])
    if not (given != 0).any():
        notes.append("every discount is 0: the column is not used")
        return None, None, True
    if "amount" not in values:
        if "qty" not in values or "unit_price" not in values:
            return None, None, True
        kind = kind_by_size(given)
        if kind is None:
            asks.append("discount: a percent or money? say `--discount percent` or `--discount money`")
        else:
            notes.append(f"discounts from {given.min():g} to {given.max():g} are taken as a {kind}")
        return None, kind, False
    if "qty" in values and "unit_price" in values:
        gross = values["qty"] * values["unit_price"]
        nets = {
            "rate": gross * (1 - given),
            "percent": gross * (1 - given / 100),
            "money": gross - np.sign(gross) * np.abs(given),
        }
        is_told = (given != 0) & np.isfinite(gross)
        fitting = {kind: _share(values["amount"], net, is_told) for kind, net in nets.items()}
        best = max(fitting, key=lambda kind: fitting[kind])
        if fitting[best] >= FITS_FROM:
            notes.append(
                f"amount = quantity · price less the discount ({best}) in {fitting[best]:.1%} of the lines: net"
            )
            return "net", best, False
        if (share := _share(values["amount"], gross, is_told)) >= FITS_FROM:
            kind = kind_by_size(given)
            notes.append(f"amount = quantity · price in {share:.1%} of the lines: before the discount")
            if kind is None:
                asks.append("discount: a percent or money? say `--discount percent` or `--discount money`")
            return "gross", kind, False
    notes.append("no arithmetic tells how the discount belongs to the amount: amounts are taken as net of it")
    return "net", kind_by_size(given) or "money", False


def kind_by_size(given: Floats) -> str | None:
    """What discounts are by their size: a rate, a percent, money, or None where it can be two of these.

    Examples
    --------
    >>> kind_by_size(np.array([0.1, 0.0])), kind_by_size(np.array([5.0, 10.0])), kind_by_size(np.array([120.5]))
    ('rate', 'percent', 'money')
    """
    given = np.nan_to_num(given)
    largest = float(np.abs(given).max())
    if largest <= 1:
        return "rate"
    whole = np.abs(given[given != 0])
    if largest <= 100 and np.allclose(whole, np.round(whole)) and len(np.unique(whole)) <= 40:
        return "percent"
    return "money" if largest > 100 else None


def _share(one: Floats, other: Floats, is_told: npt.NDArray[np.bool_]) -> float:
    both = np.isfinite(one) & np.isfinite(other) & is_told
    if not both.any():
        return 0.0
    gap = np.abs(one[both] - other[both])
    return float((gap <= np.maximum(TOLERANCE, 0.0005 * np.abs(other[both]))).mean())


def _cost(values: Mapping[str, Floats], names: Mapping[str, str], notes: list[str], asks: list[str]) -> str | None:
    head = names.get("cost", "")
    if any(word in head for word in ("unit", "за ед", "цена", "единеч", "price", "per ")):
        notes.append("the head of the cost says that it is per unit")
        return "unit" if "qty" in values else "line"
    if any(word in head for word in ("total", "line", "вредност", "сумма")):
        return "line"
    if "qty" not in values:
        return "line"
    sales = values["amount"] if "amount" in values else values["qty"] * values.get("unit_price", np.nan)
    known = np.isfinite(sales) & np.isfinite(values["cost"]) & np.isfinite(values["qty"]) & (sales > 0)
    if not known.any() or np.allclose(values["qty"][known], 1):
        return "line"
    margin = {
        "line": 1 - float(values["cost"][known].sum() / sales[known].sum()),
        "unit": 1 - float((values["cost"] * values["qty"])[known].sum() / sales[known].sum()),
    }
    likely = [kind for kind, share in margin.items() if -0.2 <= share <= 0.85]
    said = f"margin {margin['line']:.0%} if the cost is of the line, {margin['unit']:.0%} if it is per unit"
    if len(likely) == 1:
        notes.append(f"{said}: taken as {'of the line' if likely[0] == 'line' else 'per unit'}")
        return likely[0]
    asks.append(f"cost: {said}; say `--cost line` or `--cost unit`")
    return None
