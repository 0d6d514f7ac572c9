"""With pseudonyms no name, e-mail, phone or tax id of a source gets past the reading, and nothing else changes."""

from __future__ import annotations

import pytest

from kam_analysis.cleaning.pseudonyms import CALLED, HARMLESS, KNOWN_WORDS, LEFT_OUT, TEXTUAL, pseudonym
from kam_analysis.errors import UserError
from kam_analysis.rooms import ROOMS
from kam_analysis.tables import OPTIONAL, ORDER_LINES, REJECTED_LINES, SHARED

ON = {"report": {"pseudonyms": True}}
NUMBERS = range(50)
NAMES = [f"Rosalind Featherstone{n} d.o.o." for n in NUMBERS]
MAILS = [f"vesna{n}@planted.example" for n in NUMBERS]
PHONES = [f"+389 70 555 {n:03}" for n in NUMBERS]
TAX_IDS = [f"40940063{n:05}" for n in NUMBERS]
PLANTED = (*NAMES, *MAILS, *PHONES, *TAX_IDS)
TABLES = {
    "customers": (
        "customer_id,name,tax_id,city,manager,lost_reason",
        lambda n: f"{NAMES[n]},{NAMES[n]} Skopje,{TAX_IDS[n]},{NAMES[n]} grad,{MAILS[n]},{PHONES[n]}",
    ),
    "managers": ("manager_id,name,role", lambda n: f"{MAILS[n]},{NAMES[n]},{PHONES[n]}"),
    "contacts": (
        "customer_id,person,role,birthday,preferences",
        lambda n: f"{NAMES[n]},{NAMES[n]},owner,1980-01-02,call {PHONES[n]}",
    ),
    "survey": (
        "customer_id,date,question,score,respondent,theme,text",
        lambda n: f"{NAMES[n]},2024-02-01,nps,9,{MAILS[n]},{NAMES[n]},write to {MAILS[n]}",
    ),
    "interactions": (
        "customer_id,date,type,reason,result",
        lambda n: f"{NAMES[n]},2024-02-01,visit,price,promised {MAILS[n]}",
    ),
    "tasks_done": (
        "task_id,done_date,result,note",
        lambda n: f"{NAMES[n]}:refusal:2024-01-01 {NAMES[n]}:payment:2024-01-02,2024-02-01,order,{PHONES[n]}",
    ),
    "payments": ("customer_id,due_date,amount,invoice", lambda n: f"{NAMES[n]},2024-02-01,5,{TAX_IDS[n]}"),
}


@pytest.fixture
def planted(source):
    lines = [f"{NAMES[n]},{NAMES[n]},{TAX_IDS[n]}/1,2024-01-{1 + n % 28:02},{10 + n},{MAILS[n]}" for n in NUMBERS]
    lines += [f"{NAMES[n]},{PHONES[n]},x,never,1,{MAILS[n]}" for n in NUMBERS[:5]]
    source.write("rosalind.csv", "\n".join(["customer,customer_name,order_id,date,amount,manager", *lines]))
    source.orders(files="rosalind.csv").map(customer_name="customer_name", order_id="order_id", manager="manager")
    for name, (head, row) in TABLES.items():
        source.write(f"{name}.csv", "\n".join([head, *map(row, NUMBERS)])).table(name, files=f"{name}.csv")
    source.write("resolutions.csv", f"customer_id,other_id,decision,note\n{NAMES[0]},{NAMES[1]},same,{PHONES[0]}\n")
    return source


def everything(source, cleaned) -> str:
    tables = [source.frame(name).to_csv() for name in ROOMS["cleaning"].writes]
    settled = [getattr(cleaned.settled, name).to_csv() for name in ("records", "merges", "candidates", "groups")]
    return "\n".join([*tables, *settled, cleaned.line_status.to_csv(), str(cleaned.lacking)])


def test_nothing_planted_gets_past_the_reading(planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAM_SALT", "secret")
    hidden = everything(planted, planted.clean(**ON))
    found = [text for text in PLANTED if text.lower() in hidden.lower()]
    assert found == []
    assert "Rosalind" not in hidden and "planted.example" not in hidden and "+389" not in hidden
    open_text = everything(planted, planted.clean())
    assert [text for text in PLANTED if text not in open_text] == []


def test_pseudonyms_change_names_and_nothing_else(planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAM_SALT", "secret")

    def facts(**params):
        cleaned = planted.clean(**params)
        tasks = planted.frame("tasks_done")["task_id"]
        return planted.frame("customer_facts"), len(cleaned.settled.merges), set(tasks)

    (shown, merges, _), (hidden, hidden_merges, tasks), (again, *_) = facts(), facts(**ON), facts(**ON)
    called = [pseudonym("secret", "Customer", one) for one in shown["customer_id"]]
    assert set(hidden["customer_id"]) == set(called) and (hidden["customer_name"] == hidden["customer_id"]).all()
    assert set(hidden["manager"].dropna()) == {pseudonym("secret", "Manager", one) for one in shown["manager"].dropna()}
    assert hidden_merges == merges == 1
    assert again.equals(hidden)
    numbers = ["net_sales", "orders", "last_order_on"]
    one, two = (frame.set_index("customer_id")[numbers] for frame in (shown.assign(customer_id=called), hidden))
    assert one.sort_index().equals(two.sort_index())
    assert f"{called[-1]}:refusal:2024-01-01" in " ".join(tasks)
    monkeypatch.setenv("KAM_SALT", "another")
    assert not set(facts(**ON)[0]["customer_id"]) & set(called)


def test_without_a_salt_pseudonyms_are_refused(planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAM_SALT", raising=False)
    with pytest.raises(UserError, match=r"report\.pseudonyms: pseudonyms need a salt\. Cure: set KAM_SALT"):
        planted.clean(**ON)


def test_somebody_said_of_every_text_what_becomes_of_it() -> None:
    """A new column of text is hidden until it stands in a list; this test asks for it."""
    said = HARMLESS | KNOWN_WORDS | LEFT_OUT | set(CALLED)
    hidden = {"order_id", "invoice", "supplier", "tax_id", "city", "task_id", "file", "sheet"}
    texts = {column.name for table in (ORDER_LINES, REJECTED_LINES, *OPTIONAL.values()) for column in table.columns
             if column.kind in TEXTUAL}  # fmt: skip
    assert texts - said == hidden
    assert set(ROOMS["cleaning"].writes) <= set(SHARED)
