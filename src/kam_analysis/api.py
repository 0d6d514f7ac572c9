"""The package as a library: sales lines in a frame, questions as methods, frames and findings out."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from functools import reduce
from html import escape
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import ValidationError

from kam_analysis import key_clients, retention, segments, value
from kam_analysis.cleaning import Cleaned, clean_source
from kam_analysis.csv_files import write_csv
from kam_analysis.drawings import draw
from kam_analysis.engine import Engine
from kam_analysis.errors import Collected, Problem, UserError
from kam_analysis.facts.accounts import unit_customers
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.key_list import KeyList
from kam_analysis.facts.key_list import key_list as listed
from kam_analysis.facts.key_score import HIGHEST_RATING, NO_OWN, OwnCriterion
from kam_analysis.facts.rfm import rfm_scores
from kam_analysis.facts.windows import window_facts, window_money
from kam_analysis.findings import Finding
from kam_analysis.params import KeyClients, Params, Weights, parse
from kam_analysis.report.document import Frame, Section, document
from kam_analysis.report.language import Language
from kam_analysis.report.page import finding_row, render
from kam_analysis.report.theme import WIDE
from kam_analysis.rooms import ROOMS
from kam_analysis.segments.abc_xyz import period_sums, used_sums, with_classes, xyz_classes
from kam_analysis.segments.season import seasonless_sums
from kam_analysis.sources.profile import MONEY_ROLES, NUMERIC_ROLES, Profile
from kam_analysis.tables import OPTIONAL, SHARED, Table, published
from kam_analysis.value.known import known_on

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CALL = "from_transactions"
FILE = "transactions.parquet"
ROLES = {
    "customer": "customer_id",
    "date": "order_date",
    "amount": "amount",
    "order": "order_id",
    "name": "customer_name",
    "item": "item",
    "category": "category",
    "quantity": "qty",
    "cost": "cost",
    "manager": "manager",
    "department": "department",
    "country": "country",
    "region": "region",
    "channel": "channel",
}
SHOWN_ROWS = 10
MOST_NAMED = 20
IN_WORDS_OF_THE_CALL = (  # the reader speaks of files and profiles
    (FILE, "the frame"),
    (" in the source profile", ""),
    ("orders.date_format", 'date_format="%d.%m.%Y"'),
    ("as_of in params.yaml, or the column mapping", "as_of, or the columns that are named"),
    ("params.yaml, ", f"{CALL}, "),
)


def from_transactions(
    df: pd.DataFrame,
    customer: str,
    date: str,
    amount: str,
    *,
    order: str | None = None,
    name: str | None = None,
    item: str | None = None,
    category: str | None = None,
    quantity: str | None = None,
    cost: str | None = None,
    manager: str | None = None,
    department: str | None = None,
    country: str | None = None,
    region: str | None = None,
    channel: str | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    currency: str | None = None,
    date_format: str | None = None,
    as_of: dt.date | str | None = None,
    compare_as_of: dt.date | str | None = None,
    params: Params | Mapping[str, Any] | None = None,
) -> Sales:
    """Make sales lines in a frame answer the questions of the reports.

    The lines go through the same cleaning and the same functions as in a run of the pipeline, in memory, so that both
    give the same numbers. The frame is not changed, and its index plays no part.

    Parameters
    ----------
    df : DataFrame
        One row per sold line or order; a polars frame is taken too.
    customer, date, amount : str
        Columns of the customer's id, the day, and the net sales: signed, after discount, returns negative.
    order, name, item, category, quantity, cost, manager, department, country, region, channel : str, optional
        Further columns. Without `order` the lines of a customer and day are one order; `cost` is that of the line.
    tables : mapping of str to DataFrame, optional
        Optional tables of the input model by name, with its column names: ``customers`` (parent groups),
        ``assessment``, ``survey``, …
    currency : str, optional
        ISO code, as in ``"EUR"``.
    date_format : str, optional
        How dates that are text are written, as in ``"%d.%m.%Y"``; ISO dates need none.
    as_of : date or str, optional
        First day not analysed; by default the day after the last line, or the first day of the next month when that
        line falls on one of the last three days of its month.
    compare_as_of : date or str, optional
        The day that changes are measured from; by default 12 months before `as_of` where the data reach, else 3.
    params : mapping, optional
        Thresholds, nested as in ``params.yaml``.

    Returns
    -------
    Sales
        Answers `rfm`, `key_list`, `abc_xyz`, `cohorts`, `retention`, `clv`, `lost_chance`, `dependence`.

    Raises
    ------
    UserError
        For everything that has to be mended, each with its place and its cure: a column that is not there, money that
        is text, dates with a time zone, a frame without rows, an unknown or impossible parameter.

    Examples
    --------
    >>> lines = pd.DataFrame({"client": ["a", "a", "b"], "day": ["2024-01-05", "2024-02-09", "2024-02-20"],
    ...                       "net": [120.0, 80.0, 40.0]})
    >>> sales = from_transactions(lines, customer="client", date="day", amount="net")
    >>> sales
    Sales(3 lines kept, 0 rejected; 2 customers; 2024-01-05 to 2024-02-20)
    >>> sales.facts[["customer_id", "orders", "net_sales"]].values.tolist()
    [['a', 2, 200.0], ['b', 1, 40.0]]
    """
    given = {
        "customer": customer, "date": date, "amount": amount, "order": order, "name": name, "item": item,
        "category": category, "quantity": quantity, "cost": cost, "manager": manager, "department": department,
        "country": country, "region": region, "channel": channel,
    }  # fmt: skip
    columns = {argument: column for argument, column in given.items() if column is not None}
    lines = _standard(_frame(df, CALL), columns)
    further = _further(tables or {})
    values = params.model_dump() if isinstance(params, Params) else dict(params or {})
    values |= {key: _day(day) for key, day in (("as_of", as_of), ("compare_as_of", compare_as_of)) if day is not None}
    rules = parse(values, f"{CALL}, params")
    profile = _profile(list(columns), list(further), currency, date_format)
    engine = Engine()
    with tempfile.TemporaryDirectory() as folder:
        lines.to_parquet(Path(folder) / FILE, index=False)
        for table, frame in further.items():
            frame.to_parquet(Path(folder) / f"{table}.parquet", index=False)
        try:
            cleaned = clean_source(engine, profile, Path(folder), rules)
        except UserError as error:
            raise UserError([_of_the_call(problem) for problem in error.problems]) from None
    return Sales(engine, cleaned, rules, currency)


@dataclass(frozen=True)
class Answer:
    """What a question found: the frame to go on with, and the findings of the reports.

    Parameters
    ----------
    table : DataFrame
        The whole table, one row per what the question asks about.
    findings : tuple of Finding
        As on the pages: sentence, table, numbers, caveats.
    numbers : dict
        Headline numbers by the names of the metrics; one that cannot be measured is None, with its reason beside it.
    language : Language
        How sentences and drawings are written.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    numbers: dict[str, Any]
    language: Language

    @property
    def sentences(self) -> list[str]:
        """What the findings say, in words."""
        return [self.language.sentence(finding.sentence) for finding in self.findings]

    def __getitem__(self, name: str) -> Finding:
        """Give a finding by its name."""
        for finding in self.findings:
            if finding.name == name:
                return finding
        raise UserError(Problem(f"no finding {name!r}; found: {_names(each.name for each in self.findings)}", "answer"))

    def plot(self, name: str | None = None) -> Figure:
        """Draw a finding as on the pages: the one called `name`, else the first that has a drawing.

        Raises
        ------
        UserError
            When there is nothing to draw, with the reason.
        """
        from matplotlib import pyplot  # noqa: F401 (lets a notebook show the figure)

        wanted = self.findings if name is None else (self[name],)
        for finding in wanted:
            if finding.drawing and finding.absent is None and len(finding.table):
                return draw(finding, self.language, WIDE)
        reasons = [self.language.text(finding.absent or finding.none) for finding in wanted]
        what = next((reason for reason in reasons if reason), "there is no drawing of this")
        raise UserError(Problem(what, "plot()", cure="use .table"))

    def __repr__(self) -> str:
        shape = f"[.table: {len(self.table):,} rows of {', '.join(self.table.columns)}]"
        return "\n".join([*self.sentences, shape])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        return f"{said}{self.table.head(SHOWN_ROWS).to_html(index=False, na_rep='')}"


def write_page(
    folder: Path | str, title: str, shown: Iterable[Answer | Finding], language: Language | None = None
) -> Path:
    """Write findings as one page in the look of the reports, with their tables as CSV beside it.

    Parameters
    ----------
    folder : Path or str
        Made where it is missing; holds ``index.html`` and ``tables/``.
    title : str
    shown : iterable of Answer or Finding
        In reading order; each finding stands under its question.
    language : Language, optional
        By default that of the first answer, else English.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    UserError
        Where there is nothing to show: an answer that is a table only, or no answer at all.
    """
    given = list(shown)
    findings = [one for each in given for one in (each.findings if isinstance(each, Answer) else [each])]
    if not findings or any(isinstance(each, Answer) and not each.findings for each in given):
        what = "there is nothing to show: an answer without findings, or none at all"
        raise UserError(
            Problem(what, "write_page", cure="findings by name, as in [sales.rfm(), answer['abc_classes']]")
        )
    language = language or next((each.language for each in given if isinstance(each, Answer)), Language())
    contracts = {name: table for room in ROOMS for name, table in published(room).items()}
    sections = [
        Section(language.text(one.question), finding_row([one], language, contracts), f"s{number}")
        for number, one in enumerate(findings, 1)
    ]
    opening = render("lead", language, [language.sentence(one.sentence) for one in findings[:3]])
    heading = render("head", language, title, "")
    page = Path(folder) / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(document(title, heading + opening, sections, "", Frame(language, title, [], "")), encoding="utf-8")
    for one in findings:
        write_csv(one.table, contracts[one.name], page.parent / "tables" / f"{one.name}.csv")
    return page


class Sales:
    """Cleaned sales of one company at one reference date; every question is a method.

    Made by `from_transactions`. Thresholds are those of ``params.yaml``; a question takes those of its own section by
    name, as in ``sales.rfm(window_months=12)``, for this one answer.

    Attributes
    ----------
    params : Params
        Every threshold.
    calendar : Calendar
        The company's first order and the first day not analysed.
    """

    def __init__(self, engine: Engine, cleaned: Cleaned, params: Params, currency: str | None = None) -> None:
        self._engine, self._compare_as_of = engine, cleaned.compare_as_of
        self.params = params
        self.calendar: Calendar = cleaned.calendar
        self._language = Language(params.report.languages[0], currency)

    def __repr__(self) -> str:
        kept, rejected, customers, first, last = self._engine.rows(
            "SELECT count(*), (SELECT count(*) FROM rejected_lines), (SELECT count(*) FROM customer_facts), "
            "min(ordered_on), max(ordered_on) FROM order_lines"
        )[0]
        return f"Sales({kept:,} lines kept, {rejected:,} rejected; {customers:,} customers; {first} to {last})"

    @property
    def facts(self) -> pd.DataFrame:
        """Measures per customer at the reference date: ``customer_facts``."""
        return self._frame("customer_facts")

    @property
    def orders(self) -> pd.DataFrame:
        """Orders of identified customers: ``customer_orders``."""
        return self._frame("customer_orders")

    @property
    def months(self) -> pd.DataFrame:
        """Net sales, margin and orders per customer and calendar month: ``customer_months``."""
        return self._frame("customer_months")

    @property
    def lines(self) -> pd.DataFrame:
        """Lines that were kept: ``order_lines``."""
        return self._frame("order_lines")

    @property
    def rejected(self) -> pd.DataFrame:
        """Lines that were not kept, with the reason: ``rejected_lines``; `row` counts the frame's rows from 1."""
        return self._frame("rejected_lines")

    @property
    def purchases(self) -> pd.DataFrame:
        """What the purchase models take, one row per buyer, by customer id.

        Columns repeats (order days after the first), lifetime_days (first to last order), age_days (first order to the
        reference date) and mean_value (net sales of a repeat order day; 0 without one). In ``lifetimes`` these are
        called frequency, recency, T and monetary_value.

        Examples
        --------
        >>> lines = pd.DataFrame({"client": ["a", "a", "b"], "net": [120.0, 80.0, 40.0],
        ...                       "day": pd.to_datetime(["2024-01-05", "2024-02-09", "2024-02-20"])})
        >>> from_transactions(lines, "client", "day", "net", as_of="2024-03-01").purchases.loc["a"].tolist()
        [1.0, 35.0, 56.0, 80.0]
        """
        known = known_on(self.orders, self.months, self.calendar.as_of)
        rows = known.customers.set_axis(["repeats", "lifetime_days", "age_days"], axis=1)
        return rows.assign(mean_value=known.mean_value).set_axis(known.buyers["customer_id"], axis=0)

    def rfm(self, **rules: Any) -> Answer:
        """Who bought recently, often and for much: scores 1–5 and segments of every buyer.

        R from days since the last order, F from orders, M from net sales, each by mid-rank, so that ties are never
        split; three scores below 100 buyers.

        Parameters
        ----------
        **rules
            Keys of ``segments.rfm``: window_months, scores, money, five_scores_from, recency_days, orders, net_sales,
            mean_order.

        Returns
        -------
        Answer
            Table: one buyer per row with scores, rfm_segment (11 segments) and rf_segment (10). Findings
            ``rfm_segments`` and ``rfm_heat_map`` (drawn). Without a buyer in the window: no row, and a reason.
        """
        how = self._rules("rfm", rules, "segments.rfm").segments.rfm
        facts = self.facts
        window = window_facts(facts, self.orders, self.months, self.calendar, how.window_months)
        scores = rfm_scores(window, how)
        return self._answer(
            self._named(scores), segments.rfm_segments(scores, facts), segments.rfm_heat_map(scores, how)
        )

    def key_list(
        self,
        weights: Mapping[str, float] | None = None,
        criteria: Mapping[str, pd.Series] | None = None,
        **rules: Any,
    ) -> Answer:
        """Who the key accounts are, by which reasons, and how sure their place is.

        An account is key by its share of the company, of a department or of a manager, by volume, or by the score.

        Parameters
        ----------
        weights : mapping of str to float, optional
            Weights of the score by criterion: volume, frequency, margin, growth, lifetime, brand, strategic. Criteria
            that are not named weigh nothing; a criterion without data is left out and its weight spread.
        criteria : mapping of str to Series, optional
            Criteria of one's own by name: ratings 0–5 with customer ids as index. Each needs its weight in `weights`;
            who has no rating gets the median, an account the highest of its members.
        **rules
            Keys of ``key_clients``: admit, min_share, top_volume, top_customers, top_k, …

        Returns
        -------
        Answer
            Table ``keys``, largest net sales first; numbers n (accounts with net sales above 0) and key_accounts.
            Nobody above 0 in the last 12 months: no row.

        Examples
        --------
        >>> lines = pd.DataFrame({"client": ["a", "b", "c", "d"], "net": [40.0, 30.0, 20.0, 10.0], "day": "2024-01-05"})
        >>> sales = from_transactions(lines, "client", "day", "net")
        >>> outlook = pd.Series({"d": 5, "c": 4, "b": 1, "a": 0})
        >>> found = sales.key_list(weights={"outlook": 1.0}, criteria={"outlook": outlook}, admit=["score"])
        >>> found.table.sort_values("rank")["account_id"].tolist()
        ['d', 'c', 'b']
        """
        found = self._key_list(weights, criteria, rules)
        return self._answer(found.keys, numbers={"n": found.n, "key_accounts": len(found.keys)})

    def abc_xyz(self, **rules: Any) -> Answer:
        """Who brings the money, and who buys steadily: class A, B, C or N, and X, Y or Z, of every customer.

        Parameters
        ----------
        **rules
            Keys of ``segments.abc`` (window_months, value, a_until, b_until) and of ``segments.xyz`` (period,
            zero_periods, season, x_until, y_until, min_periods, min_active, …).

        Returns
        -------
        Answer
            Table: one customer per row with abc, xyz, variation and money. Findings ``abc_xyz_grid`` and
            ``abc_classes``, drawn as the curve of concentration. Too few periods: xyz "n/a", never Z.
        """
        how = self._rules("abc_xyz", rules, "segments.abc", "segments.xyz").segments
        facts, months = self.facts, self.months
        abc = with_classes(window_money(facts, months, self.calendar, how.abc.window_months), facts, how.abc)
        sums = period_sums(facts, months, self.calendar)
        xyz = xyz_classes(used_sums(sums, seasonless_sums(facts, months, self.calendar), how.xyz), abc, how.xyz)
        own = [name for name in xyz.columns if name == "customer_id" or name not in abc.columns]
        return self._answer(
            self._named(abc.merge(xyz[own], on="customer_id", how="left")),
            segments.abc_xyz_grid(abc, xyz),
            segments.value_classes(abc, how.abc),
            key_clients.concentration_curve(facts, how.abc),
        )

    def cohorts(self) -> Answer:
        """How many of the customers who came in one month still buy in each later month.

        Returns
        -------
        Answer
            Table ``retention_cohorts``: one cohort and month since per row; blank, never 0, while a month is not
            complete; cohorts of the first months of the data are marked, because old customers look new there. Finding
            ``retention_cohorts`` (drawn).
        """
        cells = retention.cohort_cells(self.orders, self.calendar)
        return self._answer(cells, retention.how_cohorts_fare(cells, self.calendar))

    def retention(self, **rules: Any) -> Answer:
        """How many of the buyers of a period bought again in the next, and how much of their sales stayed.

        Parameters
        ----------
        **rules
            Keys of ``retention``: period_months, repeat_days.

        Returns
        -------
        Answer
            Findings ``retention_bridge`` (table of the answer; S, E, N, retained share, CRR by the formula),
            ``revenue_bridge`` (NRR, GRR) and ``repeat_rates``, all drawn. Without a complete base before the period
            the numbers are None, with the reason.
        """
        how = self._rules("retention", rules, "retention").retention
        orders = self.orders
        stayed = retention.who_stayed(orders, self.calendar, how)
        return self._answer(
            stayed.table,
            stayed,
            retention.revenue_kept(orders, self.months, self.calendar, how),
            retention.how_many_repeat(orders, self.calendar, how),
        )

    def clv(self) -> Answer:
        """What customers are worth: net sales expected of each, by the prediction that a back-test chose.

        Returns
        -------
        Answer
            Table ``customer_values``: one buyer per row, the largest prediction first (by customer id where the
            back-test ranks no better than chance), with the expected order days, the lost chance and the lifetime value
            by the formula. Findings ``customer_values``, ``lifetime_value_months``, ``value_backtest`` and
            ``ltv_variants``. Where no prediction could be checked: no row, with the reason.
        """
        facts, orders, months, rules = self.facts, self.orders, self.months, self.params.facts
        lives = self._frame("customer_life_months")
        stayed = value.last_retained(orders, self.calendar, self.params.retention.period_months)
        silence = value.churn_silence(orders, self.calendar, rules)
        chances = self._frame("customer_chances")
        trial, backtest = value.which_model_predicts(orders, months, self.calendar, self.params.value, rules, chances)
        coming = value.who_will_bring_most(facts, chances, trial, backtest)
        worth = value.what_is_a_buyer_worth(facts, lives, self.calendar, silence, rules, stayed)
        brings = value.what_a_new_customer_brings(facts, lives, self.calendar, worth, rules)
        return self._answer(coming.table, coming, brings, backtest, worth)

    def lost_chance(self) -> Answer:
        """Who is likely not to order again soon, and what that would cost.

        Returns
        -------
        Answer
            Table ``customer_chances`` with names, the largest expected loss first: customers with an order in the last
            12 months. Numbers: the one row of ``chance_summary``, as how well the chance ranked customers on an
            earlier day. Without an earlier day to learn from: no row.
        """
        summary = self._frame("chance_summary").iloc[0]
        chances = self._frame("customer_chances").sort_values(
            ["expected_loss", "customer_id"], ascending=[False, True], ignore_index=True
        )
        numbers = {str(name): None if pd.isna(number) else number for name, number in summary.items()}
        return self._answer(self._named(chances), numbers=numbers)

    def churn(self) -> Answer:
        """Who is likely to leave: another name of `lost_chance`; how many left is in `retention`."""
        return self.lost_chance()

    def dependence(self, **rules: Any) -> Answer:
        """How far the company, its departments and its managers depend on one account, and how concentrated sales are.

        Parameters
        ----------
        **rules
            Keys of ``key_clients``: units, bands, small_unit, target_share, …

        Returns
        -------
        Answer
            Table ``dependence``: one unit per row with its largest account, that one's share, its band, and the sales
            needed from others. Findings ``dependence`` and ``concentration``; drawn: the bands. A unit without an
            account above 0 has no share and no band.
        """
        how = self._rules("dependence", rules, "key_clients").key_clients
        now = self._listed_at(self.facts, self.calendar, how)
        before = None
        if self._compare_as_of:
            earlier = replace(self.calendar, as_of=self._compare_as_of)
            before = self._listed_at(self._frame("customer_facts_before"), earlier, how)
        unassigned = key_clients.unassigned_sales(self._engine, self.calendar.as_of)
        found = key_clients.dependence(now, before, unassigned, how)
        return self._answer(found.table, found, key_clients.concentration(self.facts, unassigned, how))

    def _key_list(
        self, weights: Mapping[str, float] | None, criteria: Mapping[str, pd.Series] | None, rules: Mapping[str, Any]
    ) -> KeyList:
        changes, given = dict(rules), dict(weights or {})
        own = {
            name: OwnCriterion(ratings, _share(given.pop(name, 0.0), f"key_list(weights={{{name!r}: …}})"))
            for name, ratings in self._rated(criteria or {}).items()
        }
        _stop_unknown("key_list(weights=…)", given, Weights.model_fields)
        is_own_alone = any(criterion.weight for criterion in own.values()) and not any(given.values())
        if weights is not None and not is_own_alone:
            changes["weights"] = dict.fromkeys(Weights.model_fields, 0.0) | given
        found = self._rules("key_list", changes, "key_clients").key_clients
        if is_own_alone:
            none: dict[str, Any] = dict.fromkeys(Weights.model_fields, 0.0)
            found = found.model_copy(update={"weights": Weights.model_construct(**none)})
        return self._listed_at(self.facts, self.calendar, found, own)

    def _rated(self, criteria: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
        """Ratings by customer id as text, in numbers.

        Raises
        ------
        UserError
            For a name that is taken, an unknown or repeated customer, and a rating that is none.
        """
        found, rated = Collected(), {}
        known = set(self.facts["customer_id"])
        for name, given in criteria.items():
            where = f"key_list(criteria={{{name!r}: …}})"
            if name in Weights.model_fields:
                found.add("is a built-in criterion", where, cure="give yours another name")
            ratings = pd.Series(given).dropna()
            ratings.index = ratings.index.map(str)
            if unknown := sorted(set(ratings.index) - known):
                found.add("customers that are not in the data", where, len(unknown), unknown, "customer ids as index")
            if ratings.index.has_duplicates:
                found.add("customers that stand twice", where, cure="one rating per customer")
            numbers = pd.to_numeric(ratings, errors="coerce").astype("float64")
            if (bad := ratings[~numbers.between(0, HIGHEST_RATING)]).size:
                found.add("ratings outside 0–5", where, len(bad), [f"{one}: {bad[one]}" for one in bad.index[:3]])
            rated[name] = numbers
        found.raise_any()
        return rated

    def _listed_at(
        self, facts: pd.DataFrame, calendar: Calendar, rules: KeyClients, own: Mapping[str, OwnCriterion] = NO_OWN
    ) -> KeyList:
        units = unit_customers(self._engine, calendar.as_of, rules.units)
        return listed(facts, units, self._frame("assessment"), self._frame("survey"), calendar, rules, own)

    def _frame(self, name: str) -> pd.DataFrame:
        table: Table = SHARED[name]
        return table.check(self._engine.frame(name, table), CALL)

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        names = self.facts.set_index("customer_id")["customer_name"]
        named = table.copy()
        named.insert(1, "customer_name", table["customer_id"].map(names))
        return named

    def _answer(self, table: pd.DataFrame, *findings: Finding, numbers: Mapping[str, Any] | None = None) -> Answer:
        known = {name: number for finding in findings for name, number in finding.numbers.items()}
        return Answer(table, findings, known | dict(numbers or {}), self._language)

    def _rules(self, call: str, changes: Mapping[str, Any], *places: str) -> Params:
        """Every threshold, with changes in the sections at `places`, such as ``segments.rfm``."""
        owner = {
            key: place for place in places for key in type(reduce(getattr, place.split("."), self.params)).model_fields
        }
        _stop_unknown(f"{call}()", changes, owner)
        values: Any = self.params.model_dump()
        for key, given in changes.items():
            reduce(getitem, owner[key].split("."), values)[key] = given
        return parse(values, f"{call}()")


def _stop_unknown(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    wrong = [
        Problem(f"unknown parameter {name!r}; known: {_names(known)}", where, cure=_likely(name, known))
        for name in given
        if name not in known
    ]
    if wrong:
        raise UserError(wrong)


def _share(given: object, where: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise UserError(Problem(f"should be a number from 0 to 1, got {given!r}", where))
    return float(given)


def _names(names: Iterable[object]) -> str:
    every = [str(name) for name in names]
    return ", ".join(every[:MOST_NAMED]) + (f" and {len(every) - MOST_NAMED} more" if len(every) > MOST_NAMED else "")


def _likely(name: object, known: Iterable[object]) -> str:
    folded = {str(each).casefold(): str(each) for each in known}
    close = get_close_matches(str(name).casefold(), folded, 1)
    return f"perhaps {folded[close[0]]!r}" if close else ""


def _frame(given: Any, where: str) -> pd.DataFrame:
    """Give a pandas frame; of other libraries those that can turn into one."""
    frame = given.to_pandas() if hasattr(given, "to_pandas") else given
    if not isinstance(frame, pd.DataFrame):
        what = f"expected a pandas DataFrame, got {type(given).__name__}"
        raise UserError(Problem(what, where, cure="pd.DataFrame(…), or .collect() of a lazy frame"))
    if not len(frame):
        raise UserError(Problem("the frame has no row", where, cure="check how it was read or filtered"))
    return frame


def _standard(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Take the columns that play a role, under the names of the arguments, in types that a file can hold.

    Raises
    ------
    UserError
        One problem per column that is missing, stands twice, or holds what cannot be read.
    """
    found = Collected()
    made = {}
    for argument, column in columns.items():
        where = f"{CALL}({argument}={column!r})"
        if column not in frame.columns:
            known = f"no such column; found: {_names(map(repr, frame.columns))}"
            found.add(known, where, cure=_likely(column, frame.columns))
        elif frame.columns.tolist().count(column) > 1:
            found.add("two columns have this name", where, cure="rename one of them")
        else:
            values = frame[column].reset_index(drop=True)
            made[argument] = _readable(values, ROLES[argument], where, found)
    found.raise_any()
    return pd.DataFrame(made)


def _readable(values: pd.Series, role: str, where: str, found: Collected) -> pd.Series:
    if not values.notna().any():
        if role in ("customer_id", "order_date", "amount"):
            found.add("has no value", where, cure="name the column that holds it")
        return values.astype("str")
    if role in NUMERIC_ROLES:
        return _numbers(values, role, where, found)
    if role == "order_date":
        return _days(values, where, found)
    is_plain = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return values if is_plain else _texts(values)


def _texts(values: pd.Series) -> pd.Series:
    return values.astype("object").where(values.notna(), None).map(str, na_action="ignore").astype("str")


def _numbers(values: pd.Series, role: str, where: str, found: Collected) -> pd.Series:
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if pd.api.types.is_bool_dtype(values) or kind in ("boolean", "datetime64", "datetime", "date", "timedelta"):
        found.add(f"holds {kind}, not numbers", where, cure="name the column of numbers")
        return values
    if pd.api.types.is_numeric_dtype(values):
        return values
    plain = values.astype("object").where(values.notna(), None)
    if kind == "decimal" and all(each is None or each.is_finite() for each in plain):
        return plain
    is_number = plain.map(lambda each: each is None or isinstance(each, (int, float, Decimal)))
    if is_number.all():
        return pd.to_numeric(values, errors="coerce")
    parsed = pd.to_numeric(plain, errors="coerce")
    bad = plain[parsed.isna() & plain.notna()]
    shown = bad if len(bad) else plain[~is_number]
    examples = [f"row {place}: {each!r}" for place, each in zip(shown.index[:3] + 1, shown[:3], strict=True)]
    what = "money as text" if role in MONEY_ROLES else "numbers as text"
    cure = 'decimal="," of read_csv, or pd.to_numeric(…, errors="coerce"), which leaves the unreadable out'
    found.add(what, where, max(len(bad), 1), examples, cure)
    return parsed


def _days(values: pd.Series, where: str, found: Collected) -> pd.Series:
    if isinstance(values.dtype, pd.PeriodDtype):
        return pd.Series(values.dt.to_timestamp())
    kind = pd.api.types.infer_dtype(values, skipna=True)
    zones = [each.tzinfo for each in values.dropna().head(1) if getattr(each, "tzinfo", None) is not None]
    if isinstance(values.dtype, pd.DatetimeTZDtype) or zones:
        zone = values.dtype.tz if isinstance(values.dtype, pd.DatetimeTZDtype) else zones[0]
        cure = 'the days where the company sits: .dt.tz_convert("Europe/Skopje").dt.tz_localize(None)'
        found.add(f"dates with a time zone ({zone}): the day is not told", where, cure=cure)
        return values
    if kind in ("datetime64", "datetime", "date"):
        return pd.to_datetime(values)
    if kind != "string":
        examples = [repr(each) for each in values.dropna().head(3)]
        found.add(f"holds {kind}, not dates", where, None, examples, "pd.to_datetime(…)")
        return values
    return _texts(values)


def _further(tables: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    found = Collected()
    made: dict[str, pd.DataFrame] = {}
    for name, given in tables.items():
        where = f"{CALL}(tables={{{name!r}: …}})"
        if name not in OPTIONAL:
            found.add(f"unknown table; known: {_names(OPTIONAL)}", where, cure=_likely(name, OPTIONAL))
            continue
        frame = _frame(given, where)
        needed = [column.name for column in OPTIONAL[name].columns if not column.nullable]
        for column in needed:
            if column not in frame.columns:
                found.add(f"no column {column!r}; found: {_names(map(repr, frame.columns))}", where)
        known = [column for column in OPTIONAL[name].names if column in frame.columns]
        made[name] = pd.DataFrame(
            {
                column: values if not pd.api.types.is_object_dtype(values) else _texts(values)
                for column in known
                for values in [frame[column].reset_index(drop=True)]
            }
        )
    found.raise_any()
    return made


def _profile(arguments: Iterable[str], tables: Iterable[str], currency: str | None, date_format: str | None) -> Profile:
    orders = {"files": FILE, "columns": {ROLES[name]: name for name in arguments}, "date_format": date_format}
    values = {"title": CALL, "currency": currency, "orders": orders}
    try:
        return Profile.model_validate(values | {table: {"files": f"{table}.parquet"} for table in tables})
    except ValidationError as error:
        raise UserError(
            [
                Problem(
                    f"{str(detail['msg']).removeprefix('Value error, ')}, got {detail['input']!r}",
                    f"{CALL}({detail['loc'][-1]})",
                )
                for detail in error.errors()
            ]
        ) from None


def _day(day: dt.date | str) -> Any:
    return day.date() if isinstance(day, dt.datetime) else day


def _of_the_call(problem: Problem) -> Problem:
    """Say what the reader of files says in the words of the call."""
    what, where, cure = problem.what, problem.where, problem.cure
    for theirs, ours in IN_WORDS_OF_THE_CALL:
        what, where, cure = (text.replace(theirs, ours) for text in (what, where, cure))
    return Problem(what, where, problem.count, problem.examples, cure)
