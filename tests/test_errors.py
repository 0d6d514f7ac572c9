import pytest

from kam_analysis.errors import EXIT_BAD_INPUT, EXIT_BUSY, EXIT_DONE, EXIT_FAILED, Collected, Problem, UserError


def test_exit_statuses_are_those_that_schedulers_know():
    assert (EXIT_DONE, EXIT_FAILED, EXIT_BAD_INPUT, EXIT_BUSY) == (0, 1, 2, 75)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("wrong"), "wrong"),
        (Problem("wrong", "here"), "here: wrong"),
        (Problem("wrong", count=1), "wrong"),
        (Problem("wrong", count=0), "wrong"),
        (Problem("wrong", count=1_204), "wrong (1,204 times)"),
        (Problem("wrong", examples=["a"]), "wrong (e.g. a)"),
        (Problem("wrong", count=4, examples=["a", "b", "c", "d"]), "wrong (4 times, e.g. a; b; c)"),
        (Problem("wrong", "here", 2, [7], "mend it"), "here: wrong (2 times, e.g. 7). Cure: mend it"),
    ],
)
def test_a_problem_says_what_where_how_many_and_the_cure(problem, text):
    assert str(problem) == text


def test_one_problem_or_many_are_one_error():
    assert str(UserError(Problem("a"))) == "a"
    assert str(UserError(Problem(what) for what in "ab")) == "a\nb"
    assert UserError(Problem("a")).exit_status == 2


def test_all_that_was_collected_is_raised_once():
    found = Collected()
    found.raise_any()
    found.add("a", "x", 2, ["y"], "z")
    found.add("b")
    with pytest.raises(UserError, match=r"^x: a \(2 times, e\.g\. y\)\. Cure: z\nb$") as caught:
        found.raise_any()
    assert [problem.what for problem in caught.value.problems] == ["a", "b"]
