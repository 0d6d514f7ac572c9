"""Who bought: nobody in particular, the same buyer in other signs, an order in the place of a buyer."""

import pytest

from kam_analysis.cleaning import clean_source, line_status
from kam_analysis.engine import Engine
from kam_analysis.errors import UserError
from kam_analysis.params import Cleaning, parse
from kam_analysis.sources.mapping import Answers, map_source
from kam_analysis.sources.mapping.buyers import is_nobody, shared_ids
from kam_analysis.sources.profile import load_profile


def mapped(root, lines, answers=(), **more):
    """Map one file."""
    (root / "given").mkdir(exist_ok=True)
    path = root / "given" / "sales.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "sources").mkdir(exist_ok=True)
    return map_source(root, "acme", [path], Answers.of(answers=answers, **more))


@pytest.mark.parametrize(
    "text",
    [
        *("Walk-in", "CASH SALES", "Guest checkout", "Anonymous user", "0000", "—"),
        *("Розничный покупатель", "Физ. лицо", "Частное лицо (магазин 2)", "не указан"),
        *("Физичко лице", "Малопродажба", "Gotovinski kupac", "Laufkunde", "Privatperson", "Client de passage"),
        *("Público general", "Klient detaliczny"),
    ],
)
def test_words_of_many_languages_name_no_buyer(text):
    assert is_nobody(text)


@pytest.mark.parametrize("text", ["Guest House", "Cash & Carry", "1C", "0-Zero Ltd", "Гость-сервис ООО", "NA Foods"])
def test_a_company_with_such_a_word_is_a_buyer(text):
    assert not is_nobody(text)


def test_an_id_of_several_spellings_is_not_shared():
    ids = ["7"] * 6 + ["8"] * 3
    assert shared_ids(ids, ["A", "A.", "A", "A", "a", "A Ltd", "B", "B", "B"]) == {}  # 4 names in 6 rows: fewer than 5
    assert list(shared_ids(["9"] * 5 + ids, ["C", "D", "E", "F", "G", *"AAAAAA", *"BBB"])) == ["9"]


def test_money_of_nobody_is_without_a_customer_and_says_so(tmp_path):
    lines = ["Order,Date,Customer,Amount"]
    lines += [f"{n},2024-01-{n:02},{'Guest 1' if n == 7 else f'Firm {n % 3}'},{10 * n}" for n in range(1, 26)]
    preview = mapped(tmp_path, lines)
    assert any("1 rows with 70.00 of 'Guest 1' in 'Customer' are anonymous" in note for note in preview.mapped.notes)
    profile = load_profile(tmp_path / "sources/acme.yaml")
    assert list(profile.orders.nobody.values()) == ["^(Guest [0-9]+)$"]
    with Engine() as engine:
        cleaned = clean_source(engine, profile, tmp_path / "data/raw/acme", parse({}))
        ids = {name for (name,) in engine.rows("SELECT customer_id FROM customer_facts")}
    assert ids == {"Firm 0", "Firm 1", "Firm 2"}
    found = line_status(cleaned.line_status, Cleaning(large_loss=0.5))
    numbers = found.numbers
    # 10 · (1 + … + 25) = 3,250 read and kept, 70 of it nobody's
    assert (numbers["net_sales_in"], numbers["net_sales_kept"], numbers["rows_kept"]) == (3250.0, 3250.0, 25)
    assert (numbers["rows_anonymous"], numbers["net_sales_anonymous"]) == (1, 70.0)
    assert numbers["net_sales_without_customer"] == 70.0
    assert found.table.set_index("status").loc["anonymous", "rows"] == 1
    warned = line_status(cleaned.line_status, Cleaning(large_loss=0.02)).sentence
    assert "anonymous" in warned.template and warned.values == {"rows": 1, "net": 70.0, "share": 70 / 3250}


def test_a_person_may_say_that_it_is_a_customer(tmp_path):
    lines = ["Order,Date,Customer,Amount"]
    lines += [f"{n},2024-01-{n:02},{'Guest' if n % 2 else 'Firm'},5" for n in range(1, 26)]
    mapped(tmp_path, lines, ["customer=Guest"])
    assert load_profile(tmp_path / "sources/acme.yaml").orders.nobody == {}


def test_an_id_beside_many_names_is_asked_about(tmp_path):
    lines = ["Order,Date,Customer ID,Customer,Amount"]
    lines += [f"{n},2024-01-{n:02},{'WEB,Anna ' if n > 15 else 'K1,Firm'}{n if n > 15 else ''},5" for n in range(1, 26)]
    with pytest.raises(UserError, match=r"'WEB' stands beside 10 different 'Customer'.*nobody=WEB"):
        mapped(tmp_path, lines)
    mapped(tmp_path, lines, ["nobody=WEB"])
    assert load_profile(tmp_path / "sources/acme.yaml").orders.nobody == {"customer_id": "^(WEB)$"}


@pytest.mark.parametrize(("orders", "asks"), [(19, False), (20, True)])
def test_a_customer_for_every_order_is_the_order(tmp_path, orders, asks):
    lines = ["Order No,Date,Customer No,Amount"]
    lines += [f"PO{n},2024-01-{1 + n % 28:02},C{n},5" for n in range(orders)]
    if not asks:
        mapped(tmp_path, lines)
        return
    with pytest.raises(UserError, match=r"every one of 20 orders has a customer of its own\. Cure"):
        mapped(tmp_path, lines)
    mapped(tmp_path, lines, ["accept=one_order_each"])


def test_rounded_ids_stop_and_codes_do_not(tmp_path):
    def lines(number):
        return ["Order,Date,Customer ID,Amount", f"1,2024-01-05,{number},5", "2,2024-01-06,5E3,5", "3,2024-01-07,K,5"]

    mapped(tmp_path, lines("5E12"))
    with pytest.raises(UserError, match="column Customer ID: ids that a spreadsheet rounded"):
        mapped(tmp_path, lines("4.61E+12"))


def test_what_looks_the_same_is_the_same_customer_item_and_key(tmp_path):
    names = ["Café\u00a0Noël", "Cafe\u0301 Noe\u0308l", "Café  Noël\u200b", "\ufeffCafé Noël"]
    lines = ["Order,Date,Customer,Item,Amount"]
    lines += [f"{n},2024-01-{n + 1:02},{name},{name},5" for n, name in enumerate(names)]
    mapped(tmp_path, lines)
    with Engine() as engine:
        clean_source(engine, load_profile(tmp_path / "sources/acme.yaml"), tmp_path / "data/raw/acme", parse({}))
        assert engine.rows("SELECT DISTINCT customer_id, customer_name, item FROM order_lines") == [("Café Noël",) * 3]
