-- Quantity, net sales and cost of every account and item in two years of 12 months, on lines with a cost.
WITH sold AS (
  SELECT account_id, CASE WHEN qty IS NULL THEN NULL ELSE coalesce(sku, item) END AS product, coalesce(unit, '') AS unit,
    ordered_on >= CAST($start AS DATE) AS is_after, CAST(qty AS DOUBLE) AS qty, net_sales, cost
  FROM order_lines JOIN account_of USING (customer_id)
  WHERE cost IS NOT NULL AND ordered_on >= CAST($before AS DATE) AND ordered_on < CAST($as_of AS DATE))
SELECT account_id, product, unit,
  coalesce(sum(qty) FILTER (WHERE NOT is_after), 0) AS q0, coalesce(sum(qty) FILTER (WHERE is_after), 0) AS q1,
  CAST(coalesce(sum(net_sales) FILTER (WHERE NOT is_after), 0) AS DECIMAL(38,4)) AS s0,
  CAST(coalesce(sum(net_sales) FILTER (WHERE is_after), 0) AS DECIMAL(38,4)) AS s1,
  CAST(coalesce(sum(cost) FILTER (WHERE NOT is_after), 0) AS DECIMAL(38,4)) AS c0,
  CAST(coalesce(sum(cost) FILTER (WHERE is_after), 0) AS DECIMAL(38,4)) AS c1
FROM sold GROUP BY account_id, product, unit
