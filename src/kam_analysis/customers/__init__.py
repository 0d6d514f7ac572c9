"""One customer is one customer: names compared, a register with its merges, candidates for a person to decide."""

from kam_analysis.customers.chapter import (
    customer_candidates,
    customer_groups,
    customer_merges,
    customer_records,
    record_owners,
)
from kam_analysis.customers.register import Settled, settle

__all__ = [
    "Settled",
    "customer_candidates",
    "customer_groups",
    "customer_merges",
    "customer_records",
    "record_owners",
    "settle",
]
