-- Money of the window that no customer, or no value of a unit column, can be given.
SELECT missing, CAST(coalesce(sum(net_sales) FILTER (WHERE is_missing), 0) AS DECIMAL(38,4)) AS net_sales,
  CAST(coalesce(sum(net_sales), 0) AS DECIMAL(38,4)) AS all_net_sales
FROM (
  SELECT net_sales, unnest(['customer', 'manager', 'department', 'country', 'region', 'channel']) AS missing,
    unnest([customer_id IS NULL, customer_id IS NOT NULL AND manager IS NULL, customer_id IS NOT NULL AND department IS NULL,
      customer_id IS NOT NULL AND country IS NULL, customer_id IS NOT NULL AND region IS NULL,
      customer_id IS NOT NULL AND channel IS NULL]) AS is_missing
  FROM order_lines WHERE ordered_on >= CAST($from_on AS DATE) AND ordered_on < CAST($as_of AS DATE))
GROUP BY missing ORDER BY missing
