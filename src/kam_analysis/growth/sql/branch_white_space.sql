-- Member of a group and category that it does not buy in 12 months though sister branches do: their share of it, and the money.
WITH sold AS (
  SELECT account_id, customer_id, category,
    CAST(coalesce(sum(net_sales) FILTER (WHERE ordered_on >= CAST($year_ago AS DATE)), 0) AS DECIMAL(38,4)) AS net_sales,
    max(ordered_on) FILTER (WHERE net_sales > 0) AS last_on
  FROM order_lines JOIN account_of USING (customer_id)
  WHERE category IS NOT NULL AND NOT is_service AND ordered_on < CAST($as_of AS DATE) AND account_id IN (
    SELECT account_id FROM account_of GROUP BY account_id HAVING count(*) > 1)
  GROUP BY account_id, customer_id, category),
days AS (
  SELECT customer_id, count(DISTINCT ordered_on) AS order_days
  FROM order_lines
  WHERE category IS NOT NULL AND NOT is_service AND net_sales > 0
    AND ordered_on >= CAST($year_ago AS DATE) AND ordered_on < CAST($as_of AS DATE)
  GROUP BY customer_id),
members AS (
  SELECT account_id, customer_id, CAST(sum(net_sales) FILTER (WHERE net_sales > 0) AS DECIMAL(38,4)) AS whole
  FROM sold JOIN days USING (customer_id) WHERE order_days >= $order_days
  GROUP BY account_id, customer_id HAVING sum(net_sales) FILTER (WHERE net_sales > 0) > 0),
bought AS (
  SELECT account_id, customer_id, category, net_sales, whole FROM sold JOIN members USING (account_id, customer_id)
  WHERE net_sales > 0),
sisters AS (
  SELECT account_id, category, count(*) AS sisters,
    CAST(sum(net_sales) AS DOUBLE) / CAST(sum(whole) AS DOUBLE) AS sister_share
  FROM bought GROUP BY account_id, category)
SELECT account_id, customer_id, category, sisters, sister_share, sold.last_on, sister_share * CAST(whole AS DOUBLE) AS sister_gap
FROM members JOIN sisters USING (account_id) LEFT JOIN sold USING (account_id, customer_id, category)
WHERE coalesce(sold.net_sales, 0) <= 0
ORDER BY account_id, customer_id, category
