SELECT trait, count(*) FILTER (WHERE has_trait) AS rows,
  CAST(coalesce(sum(net_sales) FILTER (WHERE has_trait), 0) AS DECIMAL(38,4)) AS net_sales
FROM (
  SELECT net_sales,
    unnest(['cancelled', 'cancelled_positive', 'negative', 'service', 'exact_duplicate', 'zero', 'without_customer']) AS trait,
    unnest([is_cancelled, is_cancelled AND net_sales > 0, net_sales < 0, is_service, copy_no > 1, net_sales = 0, customer_id IS NULL]) AS has_trait
  FROM lines_judged WHERE reason IS NULL)
GROUP BY trait
