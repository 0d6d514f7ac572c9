"""Clusters of buyers by behaviour: whether there are any, what they are like, who moved, what sets them apart."""

from kam_analysis.segments.clusters.choice import cluster_choice
from kam_analysis.segments.clusters.medians import cluster_medians
from kam_analysis.segments.clusters.methods import cluster_methods, clustering_pipeline
from kam_analysis.segments.clusters.moves import cluster_moves, match_clusters
from kam_analysis.segments.clusters.profiles import cluster_profiles
from kam_analysis.segments.clusters.search import Clustering, find_clusters, find_groups
from kam_analysis.segments.clusters.separation import cluster_rules, cluster_separation

__all__ = [
    "Clustering",
    "cluster_choice",
    "cluster_medians",
    "cluster_methods",
    "cluster_moves",
    "cluster_profiles",
    "cluster_rules",
    "cluster_separation",
    "clustering_pipeline",
    "find_clusters",
    "find_groups",
    "match_clusters",
]
