"""SQL expressions that read one source column as text, id, date or number, by its type and the profile."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kam_analysis.engine import literal, quoted
from kam_analysis.sources.dates import day_of
from kam_analysis.sources.profile import FileTable

EARLIEST, LATEST = "1900-01-02", "2099-12-31"
FLOATS = ("FLOAT", "DOUBLE")
WHOLE = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)
TYPED_NUMBERS = (*WHOLE, *FLOATS, "DECIMAL")
MINUS = "\u2212\u2013-"
GROUP_BLANKS = "\u00a0\u202f\u2009\u2007\u2008"  # between groups of digits, beside the plain one
APOSTROPHES = "\u2019\u2018\u02bc\u00b4`"  # the same, beside the plain one
NEGATIVE = f"[() {MINUS}]"  # what only says that a number is negative
INVISIBLE = r"[\x{ad}\x{200b}-\x{200f}\x{2060}\x{feff}]"
BLANKS, HYPHENS = r"[\p{Zs}\t\r\n]+", r"[\x{2010}\x{2011}]"


def alike(text: str) -> str:
    """SQL of a text in which what looks the same is the same: one Unicode form, no invisible signs, plain blanks.

    `sources.mapping.evidence.text_of` does the same to a cell.
    """
    visible = f"regexp_replace(nfc_normalize({text}), '{INVISIBLE}', '', 'g')"
    plain = f"regexp_replace({visible}, '{HYPHENS}', '-', 'g')"
    is_plain = f"strlen({text}) = length({text}) AND NOT contains({text}, '  ')"  # spares most texts the patterns
    return f"CASE WHEN {is_plain} THEN {text} ELSE nullif(trim(regexp_replace({plain}, '{BLANKS}', ' ', 'g')), '') END"


@dataclass(frozen=True)
class Reading:
    """How one column of a part is read: its name, its SQL type (texts are trimmed), the profile of its table."""

    column: str
    sql_type: str
    spec: FileTable

    @property
    def name(self) -> str:
        """The quoted column."""
        return quoted(self.column)

    @property
    def is_number(self) -> bool:
        """Whether the file itself says that the column holds numbers."""
        return self.sql_type.startswith(TYPED_NUMBERS)

    def text(self, view: str = "") -> str:
        """Text, a whole floating number without ".0"; nothing for what is no number; of the column of a `view`."""
        name = f"{quoted(view)}.{self.name}" if view else self.name
        if self.sql_type in FLOATS:
            return (
                f"CASE WHEN {name} = trunc({name}) AND abs({name}) < 9e15 "
                f"THEN CAST(TRY_CAST({name} AS BIGINT) AS VARCHAR) "
                f"WHEN isfinite({name}) THEN CAST({name} AS VARCHAR) END"
            )
        return name if self.sql_type == "VARCHAR" else f"CAST({name} AS VARCHAR)"

    def words(self, view: str = "") -> str:
        """Text as `text`, in which what looks the same is the same."""
        return alike(self.text(view)) if self.sql_type == "VARCHAR" else self.text(view)

    def identifier(self, view: str = "") -> str:
        """Text of an id or unit value: as `words`, and a whole number loses its ".0"."""
        if self.sql_type in WHOLE:
            return self.text(view)
        mark = "." if self.is_number else self.spec.decimal
        text = self.words(view)
        whole = f"regexp_replace({text}, '^(-?[0-9]+)[{mark}]0+$', '\\1')"
        return f"CASE WHEN contains({text}, '{mark}0') THEN {whole} ELSE {text} END"

    def date(self) -> str:
        """Calendar date as written, the time of day and its zone cut off; nothing when unreadable."""
        is_typed = self.sql_type == "DATE" or self.sql_type.startswith("TIMESTAMP")
        day = f"CAST({self.name} AS DATE)" if is_typed else day_of(self.text(), self.spec.date_format)
        if not self.spec.swapped_days:
            return day
        return f"CASE WHEN day({day}) <= 12 THEN make_date(year({day}), day({day}), month({day})) ELSE {day} END"

    def order_date(self) -> str:
        """Calendar date as `date`; nothing outside 2 January 1900 to the end of 2099."""
        return f"CASE WHEN {self.date()} BETWEEN DATE '{EARLIEST}' AND DATE '{LATEST}' THEN {self.date()} END"

    def number(self, sql_type: str) -> str:
        """Exact decimal number, rounded half away from zero to the type's places; nothing when unreadable.

        In a text, "(5)", "5-" and a typographic minus are as good as "-5".
        """
        if self.sql_type in FLOATS:
            return f"TRY_CAST(CAST({self.name} AS VARCHAR) AS {sql_type})"
        if self.is_number:
            return f"TRY_CAST({self.name} AS {sql_type})"
        text = f"regexp_replace({self.text()}, '[{GROUP_BLANKS}]', '', 'g')"
        if self.spec.thousands == "'":
            text = f"regexp_replace({text}, '[{APOSTROPHES}]', chr(39), 'g')"
        for unit in sorted(self.spec.unit, key=len, reverse=True):
            text = f"trim(replace({text}, {literal(unit)}, ''))"
        size = f"regexp_replace({text}, {literal(NEGATIVE)}, '', 'g')"
        numeral = _numeral(self.spec)
        return (
            f"CASE WHEN regexp_matches({text}, {literal(rf'^[+-]?{numeral}([eE][+-]?[0-9]+)?$')}) "
            f"THEN TRY_CAST({self._plain(text)} AS {sql_type}) "
            f"WHEN regexp_matches({text}, {literal(_otherwise_negative(numeral))}) "
            f"THEN -TRY_CAST({self._plain(size)} AS {sql_type}) END"
        )

    def _plain(self, text: str) -> str:
        return f"replace(replace({text}, {literal(self.spec.thousands)}, ''), {literal(self.spec.decimal)}, '.')"


def _numeral(spec: FileTable) -> str:
    decimal, group = re.escape(spec.decimal), re.escape(spec.thousands)
    grouped = rf"|[0-9]{{1,3}}({group}[0-9]{{2,3}})*{group}[0-9]{{3}}" if spec.thousands else ""
    return rf"([0-9]*{grouped})({decimal}[0-9]*)?"


def _otherwise_negative(numeral: str) -> str:
    return rf"^\( *{numeral} *\)$|^{numeral} *[{MINUS}]$|^[{MINUS}] *{numeral}$"
