"""How customers group: scores, classes, the grid, ladder, life cycle and clusters."""

from kam_analysis.segments.abc_xyz import (
    abc_xyz_grid,
    demand_types,
    rhythm_classes,
    value_classes,
)
from kam_analysis.segments.alternatives import value_alternatives
from kam_analysis.segments.at_date import segments_on
from kam_analysis.segments.clusters import (
    cluster_choice,
    cluster_medians,
    cluster_methods,
    cluster_moves,
    cluster_profiles,
    cluster_rules,
    cluster_separation,
    find_clusters,
    find_groups,
    match_clusters,
)
from kam_analysis.segments.customers import customer_segments, every_customer
from kam_analysis.segments.firmographics import buyers_by_attribute, firmographic_groups, firmographic_mix
from kam_analysis.segments.ladder import loyalty_ladder
from kam_analysis.segments.life_cycle import comparable_states, life_cycle, life_cycle_moves, life_cycle_states
from kam_analysis.segments.moves import abc_moves, rfm_moves, segment_shifts
from kam_analysis.segments.needs import find_needs, needs, product_mix
from kam_analysis.segments.portrait import key_portrait
from kam_analysis.segments.rfm import rfm_heat_map, rfm_segments
from kam_analysis.segments.season import season
from kam_analysis.segments.step_conversion import conversion_groups, step_conversion
from kam_analysis.segments.tiles import segment_tiles

__all__ = [
    "abc_moves",
    "abc_xyz_grid",
    "buyers_by_attribute",
    "cluster_choice",
    "cluster_medians",
    "cluster_methods",
    "cluster_moves",
    "cluster_profiles",
    "cluster_rules",
    "cluster_separation",
    "comparable_states",
    "conversion_groups",
    "customer_segments",
    "demand_types",
    "every_customer",
    "find_clusters",
    "find_groups",
    "find_needs",
    "firmographic_groups",
    "firmographic_mix",
    "key_portrait",
    "life_cycle",
    "life_cycle_moves",
    "life_cycle_states",
    "loyalty_ladder",
    "match_clusters",
    "needs",
    "product_mix",
    "rfm_heat_map",
    "rfm_moves",
    "rfm_segments",
    "rhythm_classes",
    "season",
    "segment_shifts",
    "segment_tiles",
    "segments_on",
    "step_conversion",
    "value_alternatives",
    "value_classes",
]
