"""Lost chance and expected loss of accounts: two roads to one number, and the edges."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_analysis.facts.account_chances import account_chances


def _chances(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "lost_chance", "years_value"])
    loss = (frame["lost_chance"] * frame["years_value"] * 0.6).round(4)
    return frame.assign(expected_loss=loss, is_stopped=frame["lost_chance"] >= 0.9)


def test_an_account_of_one_customer_has_its_figures():
    found = account_chances(_chances(("a", 0.9, 1000.0)), pd.Series({"a": "a"}), 0.6, 0.90)
    assert found.loc["a"].to_dict() == {
        "lost_chance": pytest.approx(0.9),
        "years_value": 1000.0,
        "expected_loss": 540.0,
        "is_stopped": True,
    }


def test_an_account_of_one_order_day_has_not_stopped():
    once = _chances(("a", 0.95, 100.0)).assign(is_stopped=False)
    assert not account_chances(once, pd.Series({"a": "a"}), 0.6, 0.90).loc["a", "is_stopped"]


def test_members_without_value_count_by_the_highest_chance():
    found = account_chances(_chances(("a", 0.2, 0.0), ("b", 0.7, 0.0)), pd.Series({"a": "H", "b": "H"}), 0.6, 0.9)
    assert found.loc["H", "lost_chance"] == 0.7
    assert found.loc["H", "expected_loss"] == 0


def test_customers_of_no_account_and_accounts_without_a_chance_have_no_row():
    found = account_chances(_chances(("a", 0.2, 5.0), ("x", 0.2, 5.0)), pd.Series({"a": "H", "b": "K"}), 0.6, 0.9)
    assert found.index.tolist() == ["H"]
    assert account_chances(_chances(), pd.Series({"a": "H"}, dtype="str"), 0.6, 0.9).empty


@given(
    st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(0, 10**9), st.sampled_from("HKL")), min_size=1, max_size=12)
)
def test_sums_meet_and_the_chance_lies_between_those_of_the_members(rows):
    chances = _chances(*((str(i), chance, cents / 100) for i, (chance, cents, _) in enumerate(rows)))
    account_of = pd.Series({str(i): account for i, (_, _, account) in enumerate(rows)})
    found = account_chances(chances, account_of, 0.6, 0.9)
    assert found["expected_loss"].sum() == pytest.approx(chances["expected_loss"].sum())
    members = chances.groupby(chances["customer_id"].map(account_of))["lost_chance"].agg(["min", "max"])
    assert (found["lost_chance"] <= members["max"] + 1e-12).all()
    heavy = found["years_value"] > 1
    assert (found["lost_chance"][heavy] >= members["min"][heavy] * (1 - 1e-3)).all()
