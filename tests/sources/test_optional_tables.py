import pytest

from kam_analysis.errors import UserError
from kam_analysis.tables import OPTIONAL

SALES = "customer,date,amount\n1,2024-01-05,1\n"


@pytest.fixture
def with_sales(source):
    return source.orders(files="sales.csv").write("sales.csv", SALES)


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_table_that_is_not_there_is_empty_and_keeps_its_contract(with_sales, name):
    assert with_sales.optional(name).empty
    OPTIONAL[name].check(with_sales.engine.frame(name, OPTIONAL[name]))


def test_columns_are_mapped_by_the_profile_or_by_their_names(with_sales):
    with_sales.write("c.csv", "Code,Name,extra\n007.0, Acme ,x\n").table(
        "customers", files="c.csv", columns={"customer_id": "Code", "name": "Name"}
    )
    with_sales.write("m.csv", "manager_id,plan,nothing\nAnn,1000.5,\n").table("managers", files="m.csv")
    assert with_sales.optional("customers")[["customer_id", "name"]].values.tolist() == [["007", "Acme"]]
    managers = with_sales.engine.frame("managers", OPTIONAL["managers"])
    assert managers[["manager_id", "plan"]].values.tolist() == [["Ann", 1000.5]]
    assert managers[["name", "department", "capacity", "role"]].isna().all(axis=None)


def test_several_files_of_one_table_may_have_different_columns(with_sales):
    with_sales.write("c1.csv", "customer_id,name\n1,A\n").write("c2.csv", "city,customer_id\nBitola,2\n").table(
        "customers", files="c*.csv"
    )
    found = with_sales.optional("customers").sort_values("customer_id")
    assert found[["customer_id", "name", "city"]].fillna("-").values.tolist() == [["1", "A", "-"], ["2", "-", "Bitola"]]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "customers",
            "name\nA\n",
            r"t\.csv: needs customer_id \(e\.g\. 'name'\)\. Cure: map it under customers\.columns",
        ),
        (
            "customers",
            "customer_id\n1\n1\n2\n",
            r"table customers: customer_id repeats \(e\.g\. 1\)\. Cure: keep one row",
        ),
        ("customers", "customer_id,name\n,A\n1,B\n", r"t\.csv, column customer_id: missing values \(e\.g\. row 2\)"),
        ("managers", "manager_id,plan\nAnn,lots\n", r"t\.csv, column plan: unreadable values \(e\.g\. row 2: 'lots'\)"),
        (
            "survey",
            "customer_id,date,question,score\n1,soon,nps,9\n",
            r"t\.csv, column date: unreadable values \(e\.g\. row 2: 'soon'\)",
        ),
        ("survey", "customer_id,date,question,score\n1,2024-01-01,nps,\n", r"t\.csv, column score: missing values"),
        (
            "purchase_terms",
            "supplier,tier_from,discount\nX,0,5\n",
            r"column discount: values that are no share from 0 to 1 \(e\.g\. row 2: '5'\)",
        ),
        ("contracts", "customer_id,end\n1,2024-01-01\n", r"t\.csv: needs start"),
        ("customers", "", r"t\.csv: the file is empty"),
        ("customers", "customer_id,name\n1,A,B\n", r"t\.csv, row 2: a row of more than 2 columns"),
    ],
)
def test_a_table_that_does_not_hold_what_it_must_is_refused(with_sales, name, content, said):
    with pytest.raises(UserError, match=said):
        with_sales.write("t.csv", content).table(name, files="t.csv").optional(name)


def test_all_that_is_wrong_with_the_tables_is_said_at_once(with_sales):
    with_sales.write("c.csv", "customer_id,name\n1,A\n1,B\n").table("customers", files="c.csv")
    with_sales.write("m.csv", "manager_id,plan,capacity\n,x,y\n").table("managers", files="m.csv").table(
        "spend", files="gone.csv"
    )
    with_sales.write("s.csv", "customer_id\n1\n").table(
        "survey", files="s.csv", columns={"customer_id": "customer_id", "score": "Score"}
    )
    with pytest.raises(UserError) as caught:
        with_sales.optional("customers")
    told = str(caught.value)
    for part in (
        "customer_id repeats",
        "column manager_id: missing",
        "column plan: unreadable",
        "column capacity: unreadable",
        "gone.csv: no such file",
        "no column 'Score'",
    ):
        assert part in told


def test_an_open_end_far_in_the_future_is_a_date(with_sales):
    with_sales.write("t.csv", "customer_id,start,end\n1,2024-01-01,9999-12-31\n").table(
        "contracts", files="t.csv"
    ).optional("contracts")
    assert str(with_sales.engine.rows('SELECT "end" FROM contracts')[0][0]) == "9999-12-31"


def test_the_latest_rating_of_a_customer_counts(with_sales):
    rows = "1,2024-01-01,10\n1,2024-03-01,30\n2,,5\n1,,99\n"
    with_sales.write("t.csv", "customer_id,rated_on,potential\n" + rows).table("assessment", files="t.csv").optional(
        "assessment"
    )
    assert with_sales.engine.rows("SELECT customer_id, CAST(potential AS INT) FROM assessment ORDER BY 1") == [
        ("1", 30),
        ("2", 5),
    ]


def test_two_ratings_of_one_day_are_refused(with_sales):
    with_sales.write("t.csv", "customer_id,rated_on\n1,2024-01-01\n1,2024-01-01\n").table("assessment", files="t.csv")
    with pytest.raises(UserError, match="table assessment: customer_id repeats"):
        with_sales.optional("assessment")


def test_a_table_in_two_files_may_lack_what_it_need_not_have(source):
    source.write("m1.csv", "manager_id,plan\nAnn,5\n").write("m2.csv", "manager_id\nBob\n")
    source.table("managers", files="m*.csv", columns={"manager_id": "manager_id", "plan": "plan"})
    assert source.optional("managers").plan.fillna(-1).tolist() == [5.0, -1.0]
    source.write("m3.csv", "plan\n7\n")
    with pytest.raises(UserError, match=r"m3\.csv: no column 'manager_id'"):
        source.optional("managers")


def test_first_and_last_names_of_managers(source):
    source.write("m.csv", "id,first,last\n1,Ann,Lee\n")
    columns = {"manager_id": "id", "name": "both"}
    source.table("managers", files="m.csv", combine={"both": ["first", "last"]}, columns=columns)
    assert source.optional("managers").name.tolist() == ["Ann Lee"]
