"""Old code pages: every text is written in one and must be read as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from kam_analysis.sources.mapping.sample import inspect

ROWS = {
    "German": ("Datum;Kunde;Betrag", "01.02.2024;Müller Großhandel;1.234,50 €", "cp1252"),
    "French": ("Date;Client;Montant", "01/02/2024;Société Générale à Nîmes;12,50 €", "cp1252"),
    "Spanish": ("Fecha;Cliente;Importe", "01/02/2024;Añejo Compañía;12,50 €", "cp1252"),
    "Swedish": ("Datum;Kund;Belopp", "2024-01-02;Åkerlund Försäljning;12,50 kr", "cp1252"),
    "euro before": ("Date;Customer;Amount", "2024-02-01;North Foods;€1112.50", "cp1252"),
    "euro behind": ("Date;Customer;Amount", "2024-02-01;North Foods;12.50 €", "cp1252"),
    "pound": ("Date;Customer;Amount", "2024-02-01;North Foods;£12.50", "cp1252 cp437"),
    "Serbian": ("Račun br.;Datum;Kupac", "1;01.02.2024.;Đorđević Čačak Šećerana", "cp1250"),
    "Polish": ("Data;Klient;Kwota", "01.02.2024;Łódź Spółka Żywiec;12,50 zł", "cp1250"),
    "Czech": ("Datum;Zákazník;Částka", "01.02.2024;Příbram Dřevo;12,50 Kč", "cp1250"),
    "Hungarian": ("Dátum;Vevő;Összeg", "2024.02.01;Győr Kereskedő;12,50 Ft", "cp1250"),
    "Russian": ("Дата;Клиент;Сумма", "01.02.2024;ООО Ромашка А;12,50 р", "cp1251 cp866 koi8-r mac-cyrillic"),
    "quoted": ("Дата;Клиент;Сумма", "01.02.2024;ООО «Ромашка»;12,50 руб.", "cp1251 mac-cyrillic"),
    "Macedonian": ("Датум;Купувач;Износ", "01.02.2024;Ѓорѓи Трејд Љубојно;12,50", "cp1251"),
    "Bulgarian": ("Дата;Клиент;Стойност", "01.02.2024;Витоша ЕООД;12,50 лв.", "cp1251 cp866"),
}


@pytest.mark.parametrize(
    ("name", "page"), [(name, page) for name, (_, _, pages) in ROWS.items() for page in pages.split()]
)
def test_a_text_is_read_in_the_code_page_it_was_written_in(name: str, page: str, tmp_path: Path) -> None:
    head, row, _ = ROWS[name]
    path = tmp_path / "sales.csv"
    path.write_bytes("\n".join([head, *[row] * 20, ""]).encode(page))
    sample = inspect([path])[0]
    assert [";".join(sample.head), ";".join(sample.rows[0])] == [head, row]
