"""SQL expressions that read one source column as text, id, date, money or number, by its type and the profile."""

from __future__ import annotations

from dataclasses import dataclass

from kam_analysis.engine import literal, quoted
from kam_analysis.sources.profile import FileTable

NUMBER = "DECIMAL(28,6)"
EARLIEST, LATEST = "1900-01-02", "2100-01-01"
TYPED_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
                 "FLOAT", "DOUBLE", "DECIMAL")
FLOATS = ("FLOAT", "DOUBLE")


@dataclass(frozen=True)
class Reading:
    """How one column of one part is read: its quoted name, its SQL type, the profile of its table."""

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

    def text(self) -> str:
        """Trimmed text; a whole number without ".0"; nothing for blanks."""
        if self.sql_type in FLOATS:
            return (
                f"CASE WHEN {self.name} = trunc({self.name}) AND abs({self.name}) < 9e15 "
                f"THEN CAST(CAST({self.name} AS BIGINT) AS VARCHAR) "
                f"WHEN isfinite({self.name}) THEN CAST({self.name} AS VARCHAR) END"
            )
        return f"nullif(trim(CAST({self.name} AS VARCHAR), chr(32) || chr(9) || chr(10) || chr(13) || chr(160)), '')"

    def identifier(self) -> str:
        """Text of an id: as `text`, and a text that is a whole number with ".0" loses it."""
        if self.is_number:
            return self.text()
        return f"regexp_replace({self.text()}, '^(-?[0-9]+)[.]0+$', '\\1')"

    def date(self) -> str:
        """Calendar date, the time of day cut off; nothing when unreadable or outside 1900–2099."""
        if self.sql_type in ("DATE",) or self.sql_type.startswith("TIMESTAMP"):
            day = f"CAST({self.name} AS DATE)"
        elif self.spec.date_format:
            day = f"CAST(try_strptime({self.text()}, {literal(self.spec.date_format)}) AS DATE)"
        else:
            day = f"CAST(TRY_CAST({self.text()} AS TIMESTAMP) AS DATE)"
        return f"CASE WHEN {day} BETWEEN DATE '{EARLIEST}' AND DATE '{LATEST}' THEN {day} END"

    def number(self) -> str:
        """Exact decimal number; nothing when unreadable."""
        if self.is_number:
            return f"TRY_CAST({self.name} AS {NUMBER})"
        text = f"replace(replace({self.text()}, chr(160), ''), chr(8239), '')"
        if self.spec.thousands:
            text = f"replace({text}, {literal(self.spec.thousands)}, '')"
        if self.spec.decimal == ",":
            text = f"replace({text}, ',', '.')"
        return f"TRY_CAST({text} AS {NUMBER})"
