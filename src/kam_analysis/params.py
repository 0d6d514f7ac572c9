"""One frozen, typed model of ``params.yaml``: unknown keys and values out of range are refused by name."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from kam_analysis.errors import Problem, UserError

RENAMED = {"report.language": "list the languages of the pages, the first one first, as in languages: [en]"}
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
ReferenceDate = Annotated[dt.date, Field(ge=dt.date(1900, 1, 2), le=dt.date(2100, 1, 1))]
SourceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]


def _no_number(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("should be a date as in 2024-12-31")
    return value


class Section(BaseModel):
    """Frozen, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and cls.model_fields[str(info.field_name)].annotation is not bool:
            raise ValueError("should be a number or a word, not yes or no")
        return value


LanguageCode = Literal["en", "ru", "mk"]
LANGUAGES: tuple[LanguageCode, ...] = get_args(LanguageCode)


class Report(Section):
    """How pages speak."""

    languages: tuple[LanguageCode, ...] = ("en",)
    max_rows: Positive = 50
    old_after_days: Positive = 45
    kept_sets: Positive = 60
    pseudonyms: bool = False

    @model_validator(mode="after")
    def _each_once(self) -> Report:
        if not self.languages:
            raise ValueError("languages: name at least one")
        if len(set(self.languages)) != len(self.languages):
            raise ValueError("languages: a language is named twice")
        return self


class Cleaning(Section):
    """What is done with lines that are not plain sales."""

    service_lines: Literal["count", "drop"] = "count"
    exact_duplicates: Literal["keep", "drop"] = "keep"
    totals_rows: Literal["keep", "drop"] = "drop"
    far_dates: Literal["keep", "drop"] = "drop"
    far_gap_days: Positive = 366
    lines_from: ReferenceDate | None = None
    large_loss: Share = 0.05
    record_days: Positive = 365
    contact_days: Positive = 90


class LostChance(Section):
    """How the chance to be lost is learned and checked on earlier days."""

    origins: Positive = 8
    history_days: Positive = 180
    customers: Positive = 50
    outcomes: Positive = 10
    to_learn: Annotated[int, Field(ge=2)] = 4
    low: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    high: Annotated[float, Field(gt=0.5, lt=1)] = 0.99
    recency_days: Annotated[tuple[Positive, ...], Field(min_length=1)] = (30, 90, 180)
    trees: Positive = 100
    tree_depth: Annotated[int, Field(ge=1, le=6)] = 3
    rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    most_rows: Annotated[int, Field(ge=1000)] = 20_000
    draws: Annotated[int, Field(ge=100)] = 400
    seed: Annotated[int, Field(ge=0)] = 7

    @model_validator(mode="after")
    def _rising(self) -> LostChance:
        if list(self.recency_days) != sorted(set(self.recency_days)):
            raise ValueError("recency_days: must rise")
        return self


class Facts(Section):
    """Assumptions behind the measures per customer."""

    assumed_margin: Share | None = None
    churn_silence_days: Positive | Literal["auto"] = "auto"
    churn_silence_share: Annotated[float, Field(gt=0, lt=1)] = 0.95
    lifetime_cap_months: Positive = 36
    regular_orders: Annotated[int, Field(ge=3)] = 3
    censored_months: Annotated[int, Field(ge=0)] = 3
    lost_after_months: Positive = 12
    horizon_days: Positive = 90
    stopped_from: Annotated[float, Field(gt=0, le=1)] = 0.90
    alarm: Annotated[float, Field(gt=0, lt=1)] = 0.50
    silent_gaps: Annotated[float, Field(ge=1)] = 2
    chance_share: Annotated[float, Field(gt=0, lt=1)] = 0.05
    category_order_days: Annotated[int, Field(ge=3)] = 4
    lost_chance: LostChance = LostChance()
    fewest_followed: Positive = 10
    fewest_new: Positive = 30


class Weights(Section):
    """Weights of the key-client criteria, in this order."""

    volume: Share = 0.30
    frequency: Share = 0.15
    margin: Share = 0.15
    growth: Share = 0.10
    lifetime: Share = 0.10
    brand: Share = 0.10
    strategic: Share = 0.10

    @model_validator(mode="after")
    def _some_weight(self) -> Weights:
        if sum(self.model_dump().values()) <= 0:
            raise ValueError("at least one weight must be above 0")
        return self


class VolumeThreshold(Section):
    """Purchases of a year or a quarter above which a customer is large."""

    months: Literal[3, 12] = 12
    measure: Literal["money", "share", "quantile"] = "quantile"
    above: Annotated[float, Field(ge=0)] = 0.80

    @model_validator(mode="after")
    def _share_of_one(self) -> VolumeThreshold:
        if self.measure != "money" and self.above > 1:
            raise ValueError(f"above: a {self.measure} is at most 1")
        return self


class ClientTypes(Section):
    """Limits of the types of clients (ours, where the articles name none)."""

    prospect_months: Positive = 12
    prospect_wallet_share: Share = 0.30
    prospect_quantile: Share = 0.80
    demanding_orders: Positive = 10
    demanding_quantile: Share = 0.80
    innovator_days: Positive = 60
    innovator_skip_days: Positive = 90
    innovator_items: Positive = 5
    innovator_share: Share = 0.025


class Bands(Section):
    """Exclusive lower edges of the dependence bands."""

    watch: Share = 0.20
    high: Share = 0.30
    severe: Share = 0.40
    critical: Share = 0.50
    mono: Share = 0.90

    @model_validator(mode="after")
    def _rising(self) -> Bands:
        edges = list(self.model_dump().values())
        if any(low >= high for low, high in pairwise(edges)):
            raise ValueError("watch < high < severe < critical < mono must hold")
        return self


AdmittingReason = Literal["company", "department", "manager", "volume", "score", "flag"]


def _criterion(name: str) -> str:
    if name not in Weights.model_fields:
        raise ValueError(f"should be one of {', '.join(Weights.model_fields)}")
    return name


CriterionName = Annotated[str, AfterValidator(_criterion)]
Comparison = tuple[CriterionName, CriterionName, Annotated[float, Field(ge=0.11, le=9)]]
Tier = tuple[Annotated[float, Field(ge=0)], Share]


class KeyClients(Section):
    """Key rule, score, dependence."""

    units: tuple[Literal["manager", "department", "country", "region", "channel"], ...] = (
        "manager",
        "department",
        "country",
    )
    admit: Annotated[tuple[AdmittingReason, ...], Field(min_length=1)] = (
        "company",
        "department",
        "manager",
        "volume",
        "score",
        "flag",
    )
    min_share: Share = 0.10
    top_volume: Annotated[int, Field(ge=0)] = 5
    top_customers: Share = 0.05
    top_k: Positive = 20
    weights: Weights = Weights()
    comparisons: tuple[Comparison, ...] = ()
    volume_threshold: VolumeThreshold = VolumeThreshold()
    one_off_share: Share = 0.50
    strategic_from: Annotated[float, Field(gt=0)] = 5
    criteria_reviewed_on: ReferenceDate | None = None
    criteria_review_months: Positive = 12
    types: ClientTypes = ClientTypes()
    weight_draws: Positive = 2000
    weight_concentration: Annotated[float, Field(gt=0)] = 20
    sure_from: Share = 0.95
    borderline_from: Share = 0.05
    seed: int = 7
    bands: Bands = Bands()
    small_unit: Positive = 10
    keys_per_manager: Positive = 3
    visit_days: Positive = 90
    target_share: Annotated[float, Field(gt=0, le=1)] = 0.20
    fixed_costs_per_month: Annotated[float, Field(ge=0)] | None = None
    loss_elasticity: Annotated[float, Field(ge=0)] | None = None
    supplier_tiers: tuple[Tier, ...] = ()
    tier_measure: Literal["money", "units"] = "money"
    serve_rates: dict[str, Annotated[float, Field(ge=0)]] = {}

    @model_validator(mode="after")
    def _related(self) -> KeyClients:
        if self.borderline_from >= self.sure_from:
            raise ValueError("borderline_from must be below sure_from")
        if len(set(self.units)) != len(self.units):
            raise ValueError("units: a column is named twice")
        if len(set(self.admit)) != len(self.admit):
            raise ValueError("admit: a reason is named twice")
        return self

    @field_validator("criteria_reviewed_on", mode="before")
    @classmethod
    def _is_date(cls, value: Any) -> Any:
        return _no_number(value)

    @model_validator(mode="after")
    def _every_pair_once(self) -> KeyClients:
        pairs = [frozenset(pair) for *pair, _ in self.comparisons]
        if any(len(pair) == 1 for pair in pairs) or len(set(pairs)) != len(pairs):
            raise ValueError("comparisons: a criterion is compared with itself, or a pair twice")
        names = sorted(set().union(*pairs))
        missing = [f"{one} with {two}" for one, two in combinations(names, 2) if frozenset((one, two)) not in pairs]
        if missing:
            raise ValueError(f"comparisons: not compared: {', '.join(missing)}")
        return self


Edges = Annotated[tuple[float, float, float, float], Field(description="four rising edges between five scores")]


class Rfm(Section):
    """Recency, frequency, monetary scores."""

    window_months: Positive | None = None
    scores: Literal["quantile", "thresholds"] = "quantile"
    money: Literal["net_sales", "mean_order"] = "net_sales"
    five_scores_from: Positive = 100
    recency_days: Edges = (30, 60, 120, 240)
    orders: Edges = (2, 3, 5, 10)
    net_sales: Edges = (500, 2000, 10_000, 50_000)
    mean_order: Edges = (100, 300, 1000, 3000)

    @model_validator(mode="after")
    def _rising(self) -> Rfm:
        for name in ("recency_days", "orders", "net_sales", "mean_order"):
            edges = getattr(self, name)
            if list(edges) != sorted(set(edges)):
                raise ValueError(f"{name}: the four edges must rise")
        return self


class Abc(Section):
    """Classes by cumulated value."""

    window_months: Positive | None = None
    value: Literal["net_sales", "margin"] = "net_sales"
    a_until: Share = 0.80
    b_until: Share = 0.95

    @model_validator(mode="after")
    def _rising(self) -> Abc:
        if self.a_until >= self.b_until:
            raise ValueError("a_until must be below b_until")
        return self


class Xyz(Section):
    """Classes by variation."""

    period: Literal["month", "quarter", "auto"] = "auto"
    zero_periods: Literal["keep", "drop"] = "keep"
    season: Literal["keep", "remove"] = "keep"
    x_until: Annotated[float, Field(gt=0)] = 0.5
    y_until: Annotated[float, Field(gt=0)] = 1.0
    min_periods: Annotated[int, Field(ge=2)] = 6
    min_active: Annotated[int, Field(ge=2)] = 3
    interval_from: Annotated[float, Field(ge=1)] = 1.32
    cv_squared_from: Annotated[float, Field(gt=0)] = 0.49

    @model_validator(mode="after")
    def _rising(self) -> Xyz:
        if self.x_until >= self.y_until:
            raise ValueError("x_until must be below y_until")
        return self


class Clusters(Section):
    """Groups of customers by behaviour."""

    k_range: tuple[Annotated[int, Field(ge=2, le=20)], Annotated[int, Field(ge=2, le=20)]] = (2, 8)
    resamples: Positive = 20
    min_stability: Share = 0.6
    null_draws: Positive = 200
    null_quantile: Share = 0.99
    sample: Annotated[int, Field(ge=100)] = 5000
    null_sample: Annotated[int, Field(ge=100)] = 1500
    tree_depth: Annotated[int, Field(ge=1, le=5)] = 3
    seed: int = 7

    @model_validator(mode="after")
    def _rising(self) -> Clusters:
        if self.k_range[0] > self.k_range[1]:
            raise ValueError("k_range: the first must not exceed the second")
        return self


class Needs(Section):
    """Topics of the product mix."""

    most: Annotated[int, Field(ge=2, le=12)] = 6
    products: Annotated[int, Field(ge=10)] = 200
    repeats: Positive = 3
    sample: Annotated[int, Field(ge=100)] = 3000
    seed: int = 7


class LifeCycleRules(Section):
    """Edges of the life-cycle states."""

    at_risk_below: Share = 0.10
    change: Annotated[float, Field(gt=0)] = 0.20
    new_months: Positive = 6


class Ladder(Section):
    """Edges of the loyalty ladder."""

    adherent_wallet_share: Share = 0.80


class Segments(Section):
    """How customers group."""

    rfm: Rfm = Rfm()
    abc: Abc = Abc()
    xyz: Xyz = Xyz()
    clusters: Clusters = Clusters()
    life_cycle: LifeCycleRules = LifeCycleRules()
    ladder: Ladder = Ladder()
    needs: Needs = Needs()
    min_cell: Positive = 10


class Value(Section):
    """What customers are worth."""

    backtest_months: Positive = 12
    hold_outs: Annotated[int, Field(ge=3)] = 4
    draws: Positive = 1000
    seed: int = 7
    min_cell: Positive = 10


class Retention(Section):
    """Who stays."""

    period_months: Positive | None = None
    repeat_days: tuple[Positive, ...] = (30, 90, 365)
    min_cell: Positive = 10
    sensitivity_months: Annotated[tuple[Positive, ...], Field(min_length=1)] = (1, 3, 6, 12)
    silence_days: Annotated[tuple[Positive, ...], Field(min_length=1)] = (30, 60, 90, 180, 365)
    return_days: Positive = 90
    answer_days: Positive = 180
    contact_days: Positive = 90
    discount_rate: Annotated[float, Field(gt=0, le=1)] = 0.10
    reason_classes: dict[str, Literal["better_terms", "bad_service", "not_needed", "other"]] = {}


class Growth(Section):
    """What to offer, and where margin leaks."""

    peers: Annotated[int, Field(ge=3)] = 10
    order_days: Positive = 6
    under_share: Annotated[float, Field(gt=0, le=1)] = 0.50
    least_overlap: Share = 0.50
    price_buyers: Annotated[int, Field(ge=3)] = 10
    price_gap_from: Annotated[float, Field(ge=0, lt=1)] = 0.05


class Accounts(Section):
    """A dossier for each account."""

    pages: Literal["keys", "keys_and_a", "all"] = "keys"
    watch_change: Share = 0.10
    watch_margin: Share = 0.01


class Actions(Section):
    """Whom to call."""

    contract_days: Positive = 90
    answer_days: Positive = 30
    overdue_days: Annotated[int, Field(ge=0)] = 14
    least_loss: Annotated[float, Field(ge=0)] = 1
    due_days: tuple[Positive, Positive] = (5, 12)
    first_calls: Annotated[int, Field(ge=0)] = 5
    calls_per_manager: Annotated[int, Field(ge=1)] = 20
    ahead_days: Positive = 7
    rhythm_order_days: Annotated[int, Field(ge=3)] = 6
    new_item_days: Positive = 90


class EngineLimits(Section):
    """What the engine may take of the machine; the results do not hang on it."""

    memory: Annotated[str, Field(pattern=r"^[1-9][0-9]* ?(MB|GB)$")] | None = None
    threads: Positive | None = None
    scratch: Annotated[str, Field(min_length=1)] | None = None


class Params(Section):
    """The whole of ``params.yaml``.

    Examples
    --------
    >>> Params().key_clients.min_share
    0.1
    """

    source: SourceName = "demo"
    as_of: ReferenceDate | None = None
    compare_as_of: ReferenceDate | None = None
    report: Report = Report()
    cleaning: Cleaning = Cleaning()
    facts: Facts = Facts()
    key_clients: KeyClients = KeyClients()
    segments: Segments = Segments()
    value: Value = Value()
    retention: Retention = Retention()
    growth: Growth = Growth()
    accounts: Accounts = Accounts()
    actions: Actions = Actions()
    engine: EngineLimits = EngineLimits()

    @field_validator("as_of", "compare_as_of", mode="before")
    @classmethod
    def _is_date(cls, value: Any) -> Any:
        return _no_number(value)

    @model_validator(mode="after")
    def _order(self) -> Params:
        if self.as_of and self.compare_as_of and self.compare_as_of >= self.as_of:
            raise ValueError("compare_as_of must be before as_of")
        return self

    def fingerprint(self) -> str:
        """Eight signs that change when any parameter of the results changes; the limits of the engine are none.

        Examples
        --------
        >>> len(Params().fingerprint())
        8
        """
        text = json.dumps(self.model_dump(mode="json", exclude={"engine"}), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def parse(values: Mapping[str, Any], where: str = "params.yaml") -> Params:
    """Typed parameters from plain values.

    Raises
    ------
    UserError
        One problem per wrong key, each with its dotted name, what is allowed and what was given.

    Examples
    --------
    >>> parse({"key_clients": {"min_share": 10}})
    Traceback (most recent call last):
    ...
    kam_analysis.errors.UserError: params.yaml, key_clients.min_share: Input should be less than or equal to 1, got 10
    """
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        raise UserError([_problem(detail, where) for detail in error.errors()]) from None


def declared(params: Params, keys: Sequence[str], room: str) -> Params:
    """Parameters of which a room may use only these: any other is refused by its name, and a dump leaves it out.

    Parameters
    ----------
    params : Params
    keys : sequence of str
        Dotted; the name of a section stands for all that is below it.
    room : str
        Whose stage it is, for the message.

    Raises
    ------
    UserError
        By what is returned, when another key is read.

    Examples
    --------
    >>> few = declared(Params(), ["facts.alarm", "segments.abc"], "value")
    >>> few.segments.abc.a_until, few.facts.model_dump()
    (0.8, {'alarm': 0.5})
    >>> few.report
    Traceback (most recent call last):
    ...
    kam_analysis.errors.UserError: report: is no parameter of the stage value. Cure: add it to its record in rooms.py
    """
    return cast(Params, _Declared(params, _tree(keys), room))


def _tree(keys: Iterable[str]) -> dict[str, Any]:
    """Nested mapping of dotted keys; True stands for all below."""
    below: dict[str, list[str]] = {}
    for key in keys:
        name, _, rest = key.partition(".")
        below.setdefault(name, []).append(rest)
    return {name: True if "" in rests else _tree(rests) for name, rests in below.items()}


class _Declared:
    def __init__(self, section: Section, tree: Mapping[str, Any], room: str, above: str = "") -> None:
        self._section, self._tree, self._room, self._above = section, tree, room, above

    def __getattr__(self, name: str) -> Any:
        if name not in type(self._section).model_fields:
            raise AttributeError(name)
        if name not in self._tree:
            what, cure = f"is no parameter of the stage {self._room}", "add it to its record in rooms.py"
            raise UserError(Problem(what, f"{self._above}{name}", cure=cure))
        value, tree = getattr(self._section, name), self._tree[name]
        return value if tree is True else _Declared(value, tree, self._room, f"{self._above}{name}.")

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        return self._section.model_dump(mode=mode, include=dict(self._tree))

    def model_copy(self, update: Mapping[str, Any]) -> _Declared:
        return _Declared(self._section.model_copy(update=update), self._tree, self._room, self._above)


def _problem(detail: Any, where: str) -> Problem:
    key = ".".join(str(part) for part in detail["loc"])
    if key in RENAMED:
        return Problem("is no key any more", f"{where}, {key}", cure=RENAMED[key])
    if detail["type"] == "extra_forbidden":
        return Problem("unknown key", f"{where}, {key}", cure="correct its spelling or delete the line")
    message = str(detail["msg"]).removeprefix("Value error, ")
    given = detail.get("input")
    got = f", got {given!r}" if isinstance(given, str | int | float | bool | None) else ""
    return Problem(message + got, f"{where}, {key}" if key else where)


def load(path: Path, changes: Mapping[str, Any] | None = None) -> Params:
    """Read ``params.yaml`` and lay `changes` (nested, as in the file) over it.

    Raises
    ------
    UserError
        When the file is missing, is no YAML, holds a wrong key or value, or a date without quotes, which DVC refuses.
    """
    where = path.name
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise UserError(Problem("no such file", where, cure="run inside the project's folder")) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(Problem(f"not readable as YAML: {' '.join(str(error).split())}", where)) from None
    if not isinstance(values, dict):
        raise UserError(Problem("should be keys with values", where))
    if bare := list(_bare_dates(values)):
        raise UserError(
            Problem("a date needs quotes", f"{where}, {key}", cure=f"write {key.rpartition('.')[2]}: '{day}'")
            for key, day in bare
        )
    return parse(_merged(values, changes or {}), where)


def _bare_dates(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, dt.date]]:
    for key, value in values.items():
        if isinstance(value, dt.date):
            yield f"{above}{key}", value
        elif isinstance(value, Mapping):
            yield from _bare_dates(value, f"{above}{key}.")


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _merged(below[key], above[key])
        if key in above and isinstance(below.get(key), Mapping) and isinstance(above[key], Mapping)
        else above.get(key, below.get(key))
        for key in [*below, *(key for key in above if key not in below)]
    }
