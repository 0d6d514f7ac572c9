import datetime as dt
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from kam_analysis.errors import UserError
from kam_analysis.params import Params, load, parse

FILE = Path(__file__).parents[1] / "params.yaml"


def keys(values, prefix=""):
    for key, value in values.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}{key}.")


def test_the_file_names_every_parameter_with_its_default():
    written = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert set(keys(written)) == set(keys(Params().model_dump()))
    assert parse(written | {"source": "demo"}) == Params()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"top_k": 3}, r"params\.yaml, top_k: unknown key\. Cure: correct its spelling"),
        ({"engine": {"memory": "8"}}, r"engine\.memory: String should match pattern.*'8'"),
        ({"engine": {"memory": "0GB"}}, r"engine\.memory: String should match pattern"),
        ({"engine": {"threads": 0}}, r"engine\.threads: Input should be greater than or equal to 1"),
        ({"key_clients": {"min_shar": 0.1}}, r"key_clients\.min_shar: unknown key"),
        (
            {"key_clients": {"min_share": 10}},
            r"key_clients\.min_share: Input should be less than or equal to 1, got 10",
        ),
        ({"key_clients": {"min_share": -0.1}}, r"key_clients\.min_share: Input should be greater than or equal to 0"),
        (
            {"key_clients": {"min_share": "a tenth"}},
            r"key_clients\.min_share: Input should be a valid number.*'a tenth'",
        ),
        (
            {"key_clients": {"min_share": True}},
            r"key_clients\.min_share: should be a number or a word, not yes or no, got True",
        ),
        ({"key_clients": {"min_share": float("nan")}}, r"key_clients\.min_share: Input should be a finite number"),
        ({"key_clients": {"top_k": 0}}, r"key_clients\.top_k: Input should be greater than or equal to 1"),
        ({"key_clients": {"top_k": 2.5}}, r"key_clients\.top_k: Input should be a valid integer"),
        ({"key_clients": {"units": ["manager", "shoe"]}}, r"key_clients\.units\.1: Input should be 'manager'"),
        ({"key_clients": {"units": ["manager", "manager"]}}, r"key_clients: units: a column is named twice"),
        ({"key_clients": {"weights": {"volume": 2}}}, r"key_clients\.weights\.volume: Input should be less"),
        (
            {"key_clients": {"weights": dict.fromkeys(Params().key_clients.weights.model_dump(), 0)}},
            "at least one weight",
        ),
        ({"key_clients": {"bands": {"watch": 0.3}}}, r"key_clients\.bands: watch < high < severe"),
        ({"key_clients": {"sure_from": 0.05}}, "borderline_from must be below sure_from"),
        ({"segments": {"abc": {"a_until": 0.95}}}, r"segments\.abc: a_until must be below b_until"),
        ({"segments": {"xyz": {"x_until": 1.0}}}, r"segments\.xyz: x_until must be below y_until"),
        ({"segments": {"rfm": {"orders": [2, 2, 3, 4]}}}, r"segments\.rfm: orders: the four edges must rise"),
        ({"segments": {"rfm": {"orders": [1, 2, 3]}}}, r"segments\.rfm\.orders"),
        ({"segments": {"clusters": {"k_range": [5, 3]}}}, "k_range: the first must not exceed the second"),
        ({"retention": {"repeat_days": [30, 0]}}, r"retention\.repeat_days\.1: Input should be greater"),
        ({"report": {"languages": ["de"]}}, r"report\.languages\.0: Input should be 'en', 'ru' or 'mk', got 'de'"),
        ({"report": {"languages": []}}, r"report: languages: name at least one"),
        ({"report": {"languages": ["en", "en"]}}, r"report: languages: a language is named twice"),
        ({"report": {"language": "ru"}}, r"report\.language: is no key any more\. Cure: .*languages: \[en\]"),
        (
            {"report": {"languages": False}},
            r"report\.languages: should be a number or a word, not yes or no",
        ),  # no: Norwegian
        ({"source": "../demo"}, r"source: String should match pattern"),
        ({"source": "a" * 65}, r"source: String should have at most 64"),
        ({"source": ""}, r"source: String should match pattern"),
        ({"as_of": "soon"}, r"as_of: Input should be a valid date"),
        ({"as_of": 20111210}, r"as_of: should be a date as in 2024-12-31, got 20111210"),
        ({"as_of": dt.date(1800, 1, 1)}, r"as_of: Input should be greater than or equal to 1900-01-02"),
        ({"as_of": "9999-12-31"}, r"as_of: Input should be less than or equal to 2100-01-01"),
        ({"as_of": "2024-01-01", "compare_as_of": "2024-01-01"}, "compare_as_of must be before as_of"),
        ({"cleaning": {"service_lines": "keep"}}, r"cleaning\.service_lines: Input should be 'count' or 'drop'"),
        ({"cleaning": None}, r"cleaning: Input should be a valid dictionary"),
    ],
)
def test_a_wrong_value_is_refused_by_name(values, said):
    with pytest.raises(UserError, match=said):
        parse(values)


def test_everything_wrong_is_said_at_once():
    with pytest.raises(UserError) as caught:
        parse({"sorce": "demo", "key_clients": {"min_share": 10, "top_k": 0}, "report": {"languages": ["de"]}})
    assert len(str(caught.value).splitlines()) == 4


def test_params_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Params().source = "other"


def test_the_fingerprint_changes_with_every_parameter_and_with_nothing_else():
    assert Params().fingerprint() == parse({"key_clients": {"min_share": 0.1}}).fingerprint()
    changed = [
        {"source": "x"},
        {"as_of": "2024-01-01"},
        {"key_clients": {"weights": {"volume": 0.31}}},
        {"retention": {"repeat_days": [30]}},
    ]
    assert parse({"engine": {"memory": "8GB", "threads": 4}}).fingerprint() == Params().fingerprint()
    assert len({parse(values).fingerprint() for values in [{}, *changed]}) == 5


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "params.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_date_without_quotes_is_named_before_the_pipeline_refuses_it(file):
    with pytest.raises(UserError, match=r"params\.yaml, as_of: a date needs quotes\. Cure: write as_of: '2024-01-01'"):
        load(file("source: acme\nas_of: 2024-01-01\n"))
    with pytest.raises(
        UserError, match=r"cleaning\.lines_from: a date needs quotes\. Cure: write lines_from: '2024-01-01'"
    ):
        load(file("source: acme\ncleaning: {lines_from: 2024-01-01}\n"))


def test_a_file_is_read_and_changes_lie_over_it(file):
    path = file("source: acme\nas_of: '2024-01-01'\nkey_clients: {top_k: 5, weights: {volume: 0.5}}\n")
    params = load(path, {"key_clients": {"weights": {"margin": 0.2}}, "report": {"max_rows": 7}, "as_of": None})
    assert (params.source, params.as_of, params.report.max_rows) == ("acme", None, 7)
    assert (params.key_clients.top_k, params.key_clients.weights.volume, params.key_clients.weights.margin) == (
        5,
        0.5,
        0.2,
    )
    assert load(path).as_of == dt.date(2024, 1, 1)


def test_an_empty_file_means_the_defaults(file):
    assert load(file("# nothing\n")) == Params()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", r"^params\.yaml: not readable as YAML: .*line 1"),
        (b"source: \xff", r"^params\.yaml: not readable as YAML"),
        ("- a\n", r"^params\.yaml: should be keys with values"),
        ("just words\n", r"^params\.yaml: should be keys with values"),
        ("key_clients: {min_share: ten}\n", r"^params\.yaml, key_clients\.min_share: "),
    ],
)
def test_a_wrong_file_is_refused(file, content, said):
    with pytest.raises(UserError, match=said):
        load(file(content))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"params\.yaml: no such file\. Cure: run inside the project's folder"):
        load(tmp_path / "params.yaml")
