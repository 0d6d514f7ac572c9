"""Groups in any table of numbers: a real distributor without dates, and what is refused."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from kam_analysis.params import Clusters
from kam_analysis.segments import cluster_profiles, find_clusters, find_groups
from kam_analysis.segments.clusters.features import cluster_features
from kam_analysis.segments.clusters.measures import adjusted_rand
from tests.segments.conftest import QUICK

DATA = Path(__file__).parents[3] / "shared/data"
WHOLESALE = DATA / "wholesale_customers/wholesale_customers.parquet"
ONLINE_RETAIL = DATA / "online_retail/online_retail_II_2010_2011.parquet"
FACTS = """
    with line as (
        select cast("Customer ID" as varchar) as customer_id, Invoice, cast(InvoiceDate as date) as day, StockCode,
            cast(round(Quantity * cast(Price as decimal(14, 4)), 4) as decimal(18, 4)) as net_sales
        from read_parquet($source) where "Customer ID" is not null
    ), orders as (
        select customer_id, min(day) filter (net_sales > 0) as day
        from line group by customer_id, Invoice having max(net_sales) > 0
    ), rhythm as (
        select customer_id, count(*) as orders, date '2011-12-10' - max(day) as recency_days,
            date '2011-12-10' - min(day) as tenure_days
        from orders group by customer_id
    )
    select customer_id, coalesce(any_value(orders), 0) as orders, any_value(recency_days)::double as recency_days,
        any_value(tenure_days)::double as tenure_days, sum(net_sales)::double as net_sales,
        coalesce(sum(net_sales) filter (day >= date '2010-12-10'), 0)::double as net_sales_12m,
        count(distinct StockCode) as products
    from line left join rhythm using (customer_id) group by customer_id
"""


@pytest.fixture(scope="module")
def online_retail() -> pd.DataFrame:
    """What the clusters need of the customers of Online Retail."""
    if not ONLINE_RETAIL.exists():
        pytest.skip("Online Retail is not here")
    with duckdb.connect() as engine:
        return engine.execute(FACTS, {"source": str(ONLINE_RETAIL)}).df()


def test_groups_of_a_table_are_those_of_the_same_features_of_buyers(planted, found):
    features = cluster_features(planted[0]).drop(columns=["customer_id", "net_sales"])
    groups = find_groups(features, QUICK)
    assert groups.k == found.k
    assert adjusted_rand(groups.members["cluster"].astype(int), found.members["cluster"].astype(int)) == 1
    pd.testing.assert_frame_equal(groups.choices, found.choices)
    assert groups.features == found.features


def test_groups_are_numbered_by_the_sum_of_the_row_and_keep_the_index(planted):
    spend = pd.DataFrame({"food": planted[0]["net_sales_12m"], "drinks": planted[0]["recency_days"]})
    spend.index = pd.Index([f"shop {number}" for number in range(300)], name="shop")
    groups = find_groups(spend, QUICK)
    assert groups.k == 3
    assert groups.members.index.equals(spend.index)
    sums = groups.members[["food", "drinks"]].sum(axis=1).groupby(groups.members["cluster"]).median()
    assert sums.is_monotonic_decreasing


def test_numbers_below_0_count_as_0(planted):
    spend = planted[0][["net_sales_12m", "recency_days"]]
    lowered = spend.assign(net_sales_12m=spend["net_sales_12m"] - 30)
    zero = lowered.clip(lower=0)
    first, second = (find_groups(table, QUICK).members["cluster"] for table in (lowered, zero))
    pd.testing.assert_series_equal(first, second)


def test_words_and_missing_values_are_refused():
    with pytest.raises(ValueError, match="not words: town"):
        find_groups(pd.DataFrame({"food": [1.0], "town": ["Ohrid"]}))
    with pytest.raises(ValueError, match="missing"):
        find_groups(pd.DataFrame({"food": [1.0, np.nan]}))


def test_too_few_rows_or_no_column_have_no_groups():
    for table in (pd.DataFrame({"food": np.arange(19.0)}), pd.DataFrame(index=range(50))):
        groups = find_groups(table, QUICK)
        assert groups.k == 0
        assert groups.choices.empty


@pytest.mark.skipif(not WHOLESALE.exists(), reason="Wholesale customers are not here")
def test_clients_of_a_distributor_fall_into_its_channels():
    clients = pd.read_parquet(WHOLESALE)
    groups = find_groups(clients.drop(columns=["Channel", "Region"]))
    assert groups.k == 2
    # k-means on logs of this set is known to agree with the channel at about 0.5
    assert adjusted_rand(groups.members["cluster"].astype(int), clients["Channel"]) >= 0.5


def test_ten_orders_of_rows_and_three_seeds_change_nothing_on_online_retail(online_retail):
    # few draws, and half of them exceeded is enough: whether there are clusters is not the question here
    few = Clusters(k_range=(2, 3), resamples=2, null_draws=20, null_quantile=0.5, null_sample=1000)
    first = find_clusters(online_retail, few)
    assert first.k == 2
    for number in range(10):
        again = find_clusters(online_retail.sample(frac=1, random_state=number), few)
        pd.testing.assert_frame_equal(again.members, first.members)
    names = cluster_profiles(first).table["first_trait"].tolist()
    for seed in range(3):
        again = find_clusters(online_retail, few.model_copy(update={"seed": seed}))
        assert cluster_profiles(again).table["first_trait"].tolist() == names
        agreement = adjusted_rand(again.members["cluster"].astype(int), first.members["cluster"].astype(int))
        assert agreement >= 0.99
