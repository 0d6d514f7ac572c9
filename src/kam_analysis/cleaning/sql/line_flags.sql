SELECT flag, count(*) FILTER (WHERE has_flag) AS rows,
  CAST(coalesce(sum(net_sales) FILTER (WHERE has_flag), 0) AS DECIMAL(38,4)) AS net_sales
FROM (
  SELECT net_sales,
    unnest(['cancelled', 'cancelled_positive', 'negative', 'service', 'exact_duplicate', 'zero', 'without_customer']) AS flag,
    unnest([is_cancelled, is_cancelled AND net_sales > 0, net_sales < 0, is_service, copy_no > 1, net_sales = 0, customer_id IS NULL]) AS has_flag
  FROM lines_classified WHERE reason IS NULL)
GROUP BY flag
