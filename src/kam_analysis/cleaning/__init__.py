"""Sources in: lines kept and rejected with reasons, facts per customer and month."""

from kam_analysis.cleaning.chapter import (
    active_tile,
    base_numbers,
    column_roles,
    company_months,
    file_rows,
    identified_tile,
    input_tables,
    line_flags,
    line_status,
    margin_tile,
    sales_tile,
)
from kam_analysis.cleaning.plans import plans_read
from kam_analysis.cleaning.reversals import high_return_customers, reversals
from kam_analysis.cleaning.source import Cleaned, clean_source
from kam_analysis.customers.chapter import (
    customer_candidates,
    customer_groups,
    customer_merges,
    customer_records,
    record_owners,
)

__all__ = [
    "Cleaned",
    "active_tile",
    "base_numbers",
    "clean_source",
    "column_roles",
    "company_months",
    "customer_candidates",
    "customer_groups",
    "customer_merges",
    "customer_records",
    "file_rows",
    "high_return_customers",
    "identified_tile",
    "input_tables",
    "line_flags",
    "line_status",
    "margin_tile",
    "plans_read",
    "record_owners",
    "reversals",
    "sales_tile",
]
