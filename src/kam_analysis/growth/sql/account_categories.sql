-- Net sales of every account in each category over 12 months, the day it last bought it, and how many of its members do.
WITH sold AS (
  SELECT account_id, category,
    CAST(coalesce(sum(net_sales) FILTER (WHERE ordered_on >= CAST($year_ago AS DATE)), 0) AS DECIMAL(38,4)) AS net_sales,
    max(ordered_on) FILTER (WHERE net_sales > 0) AS last_on
  FROM order_lines JOIN account_of USING (customer_id)
  WHERE category IS NOT NULL AND NOT is_service AND ordered_on < CAST($as_of AS DATE)
  GROUP BY account_id, category),
days AS (
  SELECT account_id, count(DISTINCT ordered_on) AS order_days
  FROM order_lines JOIN account_of USING (customer_id)
  WHERE category IS NOT NULL AND NOT is_service AND net_sales > 0
    AND ordered_on >= CAST($year_ago AS DATE) AND ordered_on < CAST($as_of AS DATE)
  GROUP BY account_id),
bought AS (
  SELECT *, CAST(greatest(net_sales, 0) AS DECIMAL(38,4)) AS positive FROM sold),
wholes AS (
  SELECT account_id, CAST(sum(positive) AS DECIMAL(38,4)) AS whole FROM bought GROUP BY account_id)
SELECT account_id, category, net_sales, last_on, order_days, whole, CAST(positive AS DOUBLE) / CAST(whole AS DOUBLE) AS share
FROM bought JOIN wholes USING (account_id) JOIN days USING (account_id)
WHERE whole > 0
ORDER BY account_id, category
