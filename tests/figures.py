"""The numbers of all pages, each under one name, and the meanings under which several pages show the same number."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kam_analysis import chapter as chapters
from kam_analysis.chapter import Chapter
from kam_analysis.findings import Message, Tile
from kam_analysis.pipeline.project import Project
from kam_analysis.rooms import ROOMS

KEYS = ("customer_id", "account_id")
OWN = {"rank", "order", "place", "last_on"}  # every list counts for itself, and says the last of what
COUNTED = re.compile(
    r"(?:of|All|The) \{(\w+):count\} key (?:clients|accounts)\b(?! of)"
    r"|(?:^|[;.] )[Kk]ey (?:clients|accounts): \{(\w+):count\}"
)


def said(message: Message | None, place: str = "") -> Iterator[tuple[str, object]]:
    """Values of a sentence and of the sentences in it."""
    for name, value in (message.values if message else {}).items():
        parts = value if isinstance(value, list | tuple) else [value]
        for number, part in enumerate(parts):
            where = f"{place}{name}" if part is value else f"{place}{name}.{number}"
            if isinstance(part, Message):
                yield from said(part, f"{where}.")
            else:
                yield where, part


def of_tile(tile: Tile) -> Iterator[tuple[str, object]]:
    """Values of a headline figure: the figure, what it was measured on, and the one before."""
    for part in ("value", "n", "change"):
        yield from said(getattr(tile, part), f"tile.{tile.key}.{part}.")


def of_table(table: pd.DataFrame) -> Iterator[tuple[str, object]]:
    """Rows of a table, its sums, how many rows bear each word, and every cell of a row that a word names."""
    yield "rows", len(table)
    words = [name for name in table if name not in KEYS and table[name].dtype == "str" and table[name].nunique() < 40]
    for name in table:
        if pd.api.types.is_bool_dtype(table[name]) or pd.api.types.is_numeric_dtype(table[name]):
            yield f"sum.{name}", math.fsum(table[name].dropna())
    for word in words:
        for value, count in table[word].value_counts().items():
            yield f"{word}.{value}.rows", int(count)
    if words and table[words[0]].is_unique:
        for row in table.to_dict("records"):
            yield from ((f"{row[words[0]]}.{name}", value) for name, value in row.items())


def on_top(chapter: Chapter) -> Iterator[tuple[str, object]]:
    """Values of the title and of the sentences below it; those of a finding bear its name."""
    yield from said(chapter.title, "title.")
    of_findings = {repr(chapter.outlines[name].sentence): f"{name}.sentence." for name in chapter.findings}
    for number, message in enumerate(chapter.lead):
        yield from said(message, of_findings.get(repr(message), f"lead.{number}."))


def of_chapter(chapter: Chapter) -> Iterator[tuple[str, object]]:
    """All numbers of a page."""
    yield from on_top(chapter)
    for tile in chapter.tiles:
        yield from of_tile(tile)
    for name in chapter.findings:
        finding = chapter.findings[name]
        for part in ("sentence", "base", "sub"):
            yield from said(getattr(finding, part), f"{name}.{part}.")
        yield from ((f"{name}.{where}", value) for where, value in of_table(finding.table))


def numbers(folder: Path) -> dict[str, float | dt.date]:
    """Every number of every page and metric of a run, under room, finding and place."""
    project = Project(folder)
    found: dict[str, object] = {}
    for room in ROOMS:
        chapter = chapters.read(project.findings(room))
        found |= {f"{room}.{where}": value for where, value in of_chapter(chapter)}
        metrics = json.loads(project.metrics(room).read_text(encoding="utf-8"))
        found |= {f"{room}.metric.{name}": value for name, value in metrics.items()}
    return {
        name: float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
    }


# A sentence may be said in other words, and then without its number.
MEANINGS = {
    "net sales of 12 months": """cleaning.tile.net_sales.value.net segments.life_cycle_states.sum.net_sales_12m
        key_clients.manager_load.sum.net_sales_12m value.customer_values.sum.net_sales_12m
        retention.key_growth.all.net_sales_after retention.growth_bridge.after.all_net_sales""",
    "net sales of the 12 months before": """cleaning.tile.net_sales.change.before
        retention.key_growth.all.net_sales_before retention.growth_bridge.before.all_net_sales""",
    "growth of net sales": "cleaning.tile.net_sales.change.change retention.metric.growth.all",
    "net sales of key accounts": """key_clients.key_list.sum.net_sales_12m retention.key_growth.today.net_sales_after
        key_clients.manager_load.sum.key_net_sales_12m""",
    "margin of 12 months": "cleaning.tile.margin.value.net key_clients.loss_steps.sentence.before",
    "net sales with a customer": "cleaning.tile.identified_sales.value.share",
    "all net sales": """cleaning.metric.net_sales cleaning.company_months.sum.net_sales
        segments.abc_classes.sum.net_sales retention.cohort_sales.sum.net_sales""",
    "orders": "cleaning.metric.orders value.customer_values.sum.orders retention.quality_months.sum.orders",
    "rows read twice": "cleaning.line_status.sentence.rows cleaning.metric.rejected.repeated_across_files.rows",
    "net sales read twice": "cleaning.line_status.sentence.net",
    "rows kept": "cleaning.line_status.sentence.kept cleaning.metric.rows_kept cleaning.tile.identified_sales.n.kept",
    "rows": "cleaning.line_status.sentence.all cleaning.metric.rows_in",
    "returns": "cleaning.line_flags.sentence.rows cleaning.metric.kept.negative.rows",
    "money taken back": "cleaning.line_flags.sentence.money",
    "net sales of the last month": "cleaning.company_months.sentence.net",
    "net sales of the best month": "cleaning.company_months.sentence.most",
    "buyers of 12 months": """cleaning.tile.active_customers.value.n retention.tile.crr.n.active retention.metric.E
        retention.retention_bridge.end.customers""",
    "buyers of the 12 months before": """cleaning.tile.active_customers.change.before retention.metric.S
        retention.tile.retained_share.n.base retention.tile.crr.n.base retention.retention_bridge.sentence.base
        segments.life_cycle_moves.sentence.n""",
    "buyers": """cleaning.tile.active_customers.n.n cleaning.metric.buyers segments.rfm_segments.base.n
        segments.life_cycle_states.sum.customers segments.tile.regular_share.n.n segments.tile.large_and_steady.n.n
        value.tile.predicted_sales.n.n retention.retention_cohorts.base.n""",
    "new buyers": """value.newcomers.sentence.n value.tile.cac.n.n value.metric.newcomers.12m
        retention.tile.crr.n.new retention.metric.N""",
    "buyers who stayed": """retention.retention_bridge.sentence.kept retention.metric.retained
        retention.tile.retained_share.n.kept""",
    "retained share": """retention.tile.retained_share.value.share retention.retention_bridge.sentence.share
        retention.metric.retained_share retention.metric.what_if.retention""",
    "CRR by the formula": "retention.tile.crr.value.share retention.metric.crr_formula",
    "net revenue retention": """retention.tile.nrr.value.share retention.revenue_bridge.sentence.nrr
        retention.metric.nrr""",
    "gross revenue retention": """retention.tile.nrr.n.grr retention.revenue_bridge.sentence.grr
        retention.metric.grr""",
    "second order within 90 days": """retention.tile.repeat_rate_90d.value.share retention.metric.repeat_rate.90d
        segments.metric.climb.one_order_90d""",
    "key accounts": """key_clients.title.who.n key_clients.tile.key_clients.value.n key_clients.metric.key_clients
        key_clients.metric.key_list.total key_clients.key_list.rows key_clients.manager_load.sum.key_clients
        key_clients.manager_load.base.keys actions.exceptions.base.n retention.key_growth.today.accounts_after
        accounts.account_pages.sentence.n accounts.account_signals.sentence.m accounts.metric.accounts.keys""",
    "share of key accounts": """key_clients.title.who.share key_clients.tile.key_clients.n.share
        key_clients.key_list.sum.share_12m key_clients.metric.key_clients_share""",
    "accounts": """key_clients.tile.key_clients.n.n key_clients.key_list.base.n key_clients.account_scores.rows
        key_clients.metric.parents_12m.n_positive""",
    "key accounts of a year ago": """retention.key_retention.rows retention.key_retention.base.n
        retention.key_growth.base.n retention.growth_bridge.base.n retention.revenue_volatility.base.n""",
    "units that depend on one client": "key_clients.tile.dependent_units.value.n key_clients.dependence.sentence.n",
    "larger units": "key_clients.tile.dependent_units.n.n key_clients.dependence.sentence.m",
    "share of the largest client of a unit": "key_clients.dependence.sentence.share",
    "limit of dependence": "key_clients.dependence.sentence.limit",
    "managers over the limit": """key_clients.manager_load.sentence.n
        key_clients.metric.managers_over_limit key_clients.manager_load.sum.is_over""",
    "most key accounts of a manager": "key_clients.manager_load.sentence.most",
    "key accounts a manager may have": "key_clients.manager_load.sentence.limit",
    "share of the largest customer": """key_clients.tile.largest_customer.value.cr1
        key_clients.metric.company_12m.cr1""",
    "share of the largest account": """key_clients.client_loss.sentence.share
        key_clients.metric.largest_loss_share""",
    "share of the five largest accounts": "key_clients.client_loss.sentence.five",
    "class A": "segments.metric.abc.A segments.abc_classes.A.customers segments.customer_segments.abc.A.rows",
    "class B": "segments.metric.abc.B segments.abc_classes.B.customers segments.customer_segments.abc.B.rows",
    "class C": "segments.metric.abc.C segments.abc_classes.C.customers segments.customer_segments.abc.C.rows",
    "champions": """segments.tile.champions_share.n.n segments.rfm_segments.champions.customers
        segments.customer_segments.rfm_segment.champions.rows""",
    "champions among buyers": "segments.rfm_segments.sentence.people",
    "net sales of champions": "segments.tile.champions_share.value.share segments.rfm_segments.sentence.money",
    "large and steady": "segments.tile.large_and_steady.value.n segments.abc_xyz_grid.sentence.ax",
    "net sales of large and steady": "segments.abc_xyz_grid.sentence.ax_money",
    "large in jumps": "segments.abc_xyz_grid.sentence.az",
    "net sales of large in jumps": "segments.abc_xyz_grid.sentence.az_money",
    "lost": """segments.life_cycle_states.sentence.lost segments.metric.life_cycle.lost
        segments.customer_segments.life_cycle.lost.rows""",
    "at risk": """segments.tile.at_risk_net_sales.n.n segments.life_cycle_states.sentence.risk
        segments.metric.life_cycle.at_risk segments.customer_segments.life_cycle.at_risk.rows""",
    "net sales at risk": "segments.tile.at_risk_net_sales.value.money segments.life_cycle_states.sentence.money",
    "share of regulars": "segments.tile.regular_share.value.share",
    "value of a new customer": """value.tile.ltv_expected.value.value value.lifetime_value_months.sentence.value
        value.metric.expected.ltv""",
    "orders of a new customer": "value.lifetime_value_months.sentence.orders value.metric.expected.N",
    "months followed": """value.lifetime_value_months.sentence.months value.metric.expected.h
        value.tile.ltv_expected.n.n""",
    "money of an order": "value.lifetime_value_months.sentence.each value.metric.expected.S",
    "margin of an order": "value.lifetime_value_months.sentence.share value.metric.expected.P",
    "predicted net sales": """value.tile.predicted_sales.value.value value.customer_values.sentence.total
        value.metric.predicted.net_sales""",
    "months predicted": "value.customer_values.sentence.months value.metric.predicted.months",
    "first tenth": "value.customer_values.sentence.n",
    "share of the first tenth": "value.customer_values.sentence.share",
    "expected loss": """actions.tile.expected_loss.value.money actions.metric.expected_loss
        retention.metric.overdue.expected_loss""",
    "customers who stopped": """retention.title.n retention.overdue_customers.sentence.n
        retention.metric.overdue.stopped retention.overdue_customers.sum.is_stopped""",
    "a year's value of who stopped": "retention.title.money retention.overdue_customers.sentence.money",
    "expected loss of the first to decide on": "retention.lead.0.loss",
    "key accounts that stayed": "retention.key_retention.sentence.stayed retention.metric.key.retained",
    "key accounts that could stay": "retention.key_retention.sentence.n retention.metric.key.S",
    "customers to win back": "retention.win_back_list.sentence.n retention.metric.win_back.customers",
    "net sales to win back": "retention.win_back_list.sentence.sales retention.metric.win_back.net_sales",
    "margin that comes back": "retention.win_back_list.sentence.expected retention.metric.win_back.expected",
    "likely silent besides": """retention.title.likely retention.overdue_customers.sentence.likely
        retention.metric.overdue.likely""",
    "likely silent": """retention.overdue_customers.sum.is_likely_silent actions.metric.triggers.likely_silent""",
    "unusually silent": """retention.overdue_customers.sum.is_unusual_silence actions.metric.silence.marked
        actions.metric.triggers.unusual_silence""",
    "lost chance ranks": "retention.chance_backtest.sentence.auc actions.metric.lost_chance.auc",
    "key accounts that stopped": """key_clients.title.n key_clients.tile.key_expected_loss.n.n
        key_clients.key_list.sum.is_stopped actions.exceptions.sentence.n actions.metric.exceptions.stopped
        accounts.account_pages.sentence.stopped""",
    "accounts with the signal that most call for action": "accounts.account_signals.sentence.n",
    "expected loss of key accounts": """key_clients.tile.key_expected_loss.value.money key_clients.lead.0.loss
        key_clients.key_list.sum.expected_loss actions.tile.expected_loss.n.keys""",
    "expected loss of those that stopped": "key_clients.lead.0.part",
    "cost of a new customer": "value.tile.cac.value.cac value.lead.0.cac value.metric.spend.cac_12m",
    "most that a new customer may cost": "value.lead.0.most",
    "months to pay back": "value.lead.0.n",
    "calls of the week": """actions.tile.calls.this_week.value.n actions.call_list.sentence.n
        actions.metric.calls.this_week actions.manager_calls.sum.calls actions.call_list.sum.is_this_week""",
    "expected loss of the calls": """actions.tile.calls.this_week.n.money actions.call_list.sentence.money
        actions.manager_calls.sum.expected_loss""",
    "calls to key accounts": "actions.call_list.sum.is_key actions.manager_calls.sum.key_calls",
    "a year's value of key accounts that stopped": "actions.exceptions.sentence.money",
    "most to lose of a manager": "actions.manager_calls.sentence.money",
    "calls of that manager": "actions.manager_calls.sentence.n",
    "white space": """growth.title.gap growth.tile.white_space.value.money growth.white_space.sentence.money
        growth.metric.white_space.money growth.white_space.sum.gap growth.offers.sum.white_space""",
    "accounts with white space": "growth.white_space.sentence.n growth.offers.rows growth.metric.white_space.accounts",
    "white space of the first": "growth.offers.sentence.money",
    "peers of the first": "growth.offers.sentence.peers",
    "prices below larger accounts": """growth.title.leak growth.tile.price_levels.value.money growth.metric.prices.leak
        growth.price_levels.sentence.money growth.price_levels.sum.price_leak""",
    "accounts below larger ones": "growth.price_levels.sentence.n growth.price_levels.rows growth.metric.prices.below",
    "price leak of the first": "growth.price_levels.sentence.leak",
    "margin lost at equal volume": "growth.tile.margin_change.value.money growth.metric.margin.squeeze",
    "what it is without its sign": "growth.margin_change.sentence.money",
    "accounts that lose at equal volume": "growth.margin_change.sentence.n growth.metric.margin.squeezed",
    "accounts that grow and earn less": "growth.margin_change.sentence.hollow growth.metric.margin.hollow",
    "items lost": "growth.lost_items.sentence.n growth.lost_items.rows growth.metric.lost_items.pairs",
    "net sales of items lost": """growth.lost_items.sentence.money growth.lost_items.sum.lost_sales
        growth.metric.lost_items.money""",
    "customers in quiet decline": """growth.quiet_decline.sentence.n growth.quiet_decline.rows
        growth.tile.quiet_decline.value.n growth.metric.decline.customers""",
    "shortfall of quiet decline": """growth.metric.decline.shortfall
        growth.quiet_decline.sum.shortfall""",
}


def contradictions(found: Mapping[str, float]) -> list[str]:
    """Meanings that stand with two values."""
    told = []
    for meaning, places in MEANINGS.items():
        values = {place: found[place] for place in places.split() if place in found}
        if len(values) > 1 and not all(
            math.isclose(one, min(values.values()), rel_tol=1e-9) for one in values.values()
        ):
            told.append(f"{meaning}: {values}")
    return told


def headlines(folder: Path) -> set[str]:
    """Names of the numbers in titles, in the sentences on top, and in the figures of the tiles."""
    found: dict[str, object] = {}
    for room in ROOMS:
        chapter = chapters.read(Project(folder).findings(room))
        found |= {f"{room}.{where}": value for where, value in on_top(chapter)}
        for tile in chapter.tiles:
            found |= {f"{room}.{where}": value for where, value in said(tile.value, f"tile.{tile.key}.value.")}
    return {name for name, value in found.items() if isinstance(value, int | float)}


def counted_as_key(folder: Path) -> dict[str, int]:
    """Whom the sentences count as key clients or key accounts of today, by page and sentence."""
    found = {}
    for room in ROOMS:
        chapter = chapters.read(Project(folder).findings(room))
        outlines = [chapter.outlines[name] for name in chapter.findings]
        messages = [chapter.title, *chapter.lead]
        messages += [message for tile in chapter.tiles for message in (tile.value, tile.n)]
        messages += [message for one in outlines for message in (one.sentence, one.sub, one.base)]
        messages += [caveat.text for one in outlines for caveat in one.caveats]
        for message in filter(None, messages):
            for names in COUNTED.findall(message.plural or message.template):
                value = message.values["".join(names)]
                found[f"{room}: {message.template}"] = int(value)
    return found


def differing_columns(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Columns of one name that say two things of one customer or account."""
    for key in KEYS:
        lists = {name: table.set_index(key) for name, table in tables.items() if key in table and table[key].is_unique}
        columns = {column for table in lists.values() for column in table} - OWN
        for column in sorted(columns):
            known: dict[object, object] = {}
            for name, table in lists.items():
                for one, value in table.get(column, pd.Series()).dropna().items():
                    first = known.setdefault(one, value)
                    if value != first and not _is_near(value, first):
                        yield f"{key} {column}: {one} is {first} and, in {name}, {value}"
                        break


def _is_near(one: object, other: object) -> bool:
    both = isinstance(one, int | float) and isinstance(other, int | float)
    return both and math.isclose(one, other, rel_tol=1e-9)
