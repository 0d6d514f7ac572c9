"""Find a customer by any part of any spelling, id, tax id or place."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from kam_analysis.customers.letters import match_key, repaired
from kam_analysis.customers.register import SEPARATOR

SHOWN = 10


def find(register: pd.DataFrame, query: str) -> pd.DataFrame:
    """Give the customers that every word of a query fits, in order of their names.

    A word fits when it begins a word of any spelling, in whatever letters, is the beginning of an id (merged ids too)
    or of a tax id, or begins the city, country or manager. Nothing fits an empty query.

    Parameters
    ----------
    register : DataFrame
        ``customer_register``.
    query : str
        What a person remembers.

    Examples
    --------
    >>> register = pd.DataFrame({"customer_id": ["7", "8"], "customer_name": ["Кафана „Морава”", "Morava Trans"],
    ...     "other_ids": ["41", None], "other_names": None, "tax_id": None, "city": ["Niš", None], "country": None,
    ...     "manager": None})
    >>> [find(register, query).customer_id.tolist() for query in ("morava", "моравa nis", "41", "")]
    [['8', '7'], ['7'], ['7'], []]
    """
    asked = re.findall(r"[^\W_]+", repaired(query).lower())
    if not asked:
        return register.iloc[:0]
    fits = [all(_fits(word, row) for word in asked) for row in register.to_dict("records")]
    return register[fits].sort_values(["customer_name", "customer_id"], ignore_index=True)


def _fits(word: str, row: Mapping[Hashable, Any]) -> bool:
    key = match_key(word)
    texts = [
        str(row[name]) for name in ("customer_name", "other_names", "city", "country", "manager") if _given(row[name])
    ]
    words = (match_key(part) for text in texts for part in re.findall(r"[^\W_]+", repaired(text).lower()))
    ids = [
        part
        for name in ("customer_id", "other_ids", "tax_id")
        if _given(row[name])
        for part in row[name].split(SEPARATOR)
    ]
    is_told = len(key) * 2 >= len(word)  # "zzz" sounds like a lone z, which begins half of all names
    return (bool(key) and is_told and any(part.startswith(key) for part in words)) or any(
        name.lower().startswith(word) for name in ids
    )


def _given(value: object) -> bool:
    return isinstance(value, str) and value != ""


def told(found: pd.DataFrame) -> str:
    """Say what was found, one customer a line; with more than ten, ask for another word.

    Examples
    --------
    >>> told(pd.DataFrame({"customer_id": []}))
    'nobody fits; a shorter part of the name, another spelling or an id may'
    """
    if found.empty:
        return "nobody fits; a shorter part of the name, another spelling or an id may"
    lines = [_line(row) for row in found.head(SHOWN).to_dict("records")]
    if len(found) > 1:
        fit = f"{len(found):,} customers fit" + (f", here are {SHOWN}" if len(found) > SHOWN else "")
        lines.append(f"{fit}; add a word of the name, the city, the manager or an id to tell them apart")
    return "\n".join(lines)


def _line(row: Mapping[Hashable, Any]) -> str:
    name, latin = str(row["customer_name"]), str(row["latin_name"])
    parts = [f"{row['customer_id']}: {name}", latin if latin != name else ""]
    parts += [f"also {str(row['other_ids']).replace(SEPARATOR, ', ')}" if _given(row["other_ids"]) else ""]
    parts += [str(row[column]) for column in ("city", "manager") if _given(row[column])]
    return " · ".join(part for part in parts if part)
