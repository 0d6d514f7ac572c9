"""Every segmentation of the customers at one reference date: one call for each date that is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.rfm import rfm_scores
from kam_analysis.facts.windows import window_facts, window_money
from kam_analysis.params import Segments
from kam_analysis.segments.abc_xyz import period_sums, used_sums, with_classes, xyz_classes
from kam_analysis.segments.clusters import Clustering, find_clusters
from kam_analysis.segments.ladder import ladder_steps
from kam_analysis.segments.life_cycle import life_cycle_states
from kam_analysis.segments.season import seasonless_sums
from kam_analysis.vocabulary import Segmentation


@dataclass(frozen=True)
class Segmented:
    """The customers of one date in every segmentation.

    Attributes
    ----------
    scores, abc, xyz, steps, states : DataFrame
        From `rfm_scores`, `with_classes`, `xyz_classes`, `ladder_steps`, `life_cycle_states`.
    sums : DataFrame
        From `period_sums`.
    seasonless : DataFrame or None
        From `seasonless_sums`.
    clustering : Clustering
        From `find_clusters`.
    """

    scores: pd.DataFrame
    abc: pd.DataFrame
    sums: pd.DataFrame
    seasonless: pd.DataFrame | None
    xyz: pd.DataFrame
    steps: pd.DataFrame
    states: pd.DataFrame
    clustering: Clustering

    @property
    def by_segmentation(self) -> Mapping[Segmentation, pd.DataFrame]:
        """Customers with their class, per segmentation."""
        return {
            Segmentation.RFM: self.scores,
            Segmentation.ABC: self.abc,
            Segmentation.XYZ: self.xyz,
            Segmentation.LADDER: self.steps,
            Segmentation.LIFE_CYCLE: self.states,
        }


def segments_on(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    months: pd.DataFrame,
    assessment: pd.DataFrame,
    survey: pd.DataFrame,
    calendar: Calendar,
    rules: Segments,
    regular_orders: int,
    lost_after_months: int,
) -> Segmented:
    """Segment the customers as they were known at a reference date.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``, or ``customer_facts_before`` with the calendar of that date; without rows where the data do
        not reach back, and then every part is without rows.
    orders, months, assessment, survey : DataFrame
        Tables of these names; what is dated on or after the reference date is left out.
    calendar : Calendar
        The reference date.
    rules : Segments
        Windows, limits and edges.
    regular_orders, lost_after_months : int
        Of ``facts``.

    Returns
    -------
    Segmented
        All classes of the date.
    """
    abc = with_classes(window_money(facts, months, calendar, rules.abc.window_months), facts, rules.abc)
    sums, seasonless = period_sums(facts, months, calendar), seasonless_sums(facts, months, calendar)
    return Segmented(
        scores=rfm_scores(window_facts(facts, orders, months, calendar, rules.rfm.window_months), rules.rfm),
        abc=abc,
        sums=sums,
        seasonless=seasonless,
        xyz=xyz_classes(used_sums(sums, seasonless, rules.xyz), abc, rules.xyz),
        steps=ladder_steps(facts, assessment, survey, calendar, rules.ladder, regular_orders),
        states=life_cycle_states(facts, orders, calendar, rules.life_cycle, lost_after_months),
        clustering=find_clusters(facts, rules.clusters),
    )
