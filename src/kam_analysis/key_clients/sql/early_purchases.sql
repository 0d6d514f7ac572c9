-- Lines per customer from $from_on on, how many of them hold an item within $days days of its first sale, how many such
-- items, and the company's share of such lines in the same months. Items first sold before $from_on are never new.
WITH sold AS (
  SELECT customer_id, coalesce(sku, item) AS item, ordered_on FROM order_lines
  WHERE NOT is_service AND net_sales > 0 AND ordered_on < CAST($as_of AS DATE) AND coalesce(sku, item) IS NOT NULL),
firsts AS (SELECT item, min(ordered_on) AS first_on FROM sold GROUP BY item),
lines AS (
  SELECT customer_id, item, date_trunc('month', ordered_on) AS month,
    first_on >= CAST($from_on AS DATE) AND date_diff('day', first_on, ordered_on) <= $days AS is_new
  FROM sold JOIN firsts USING (item) WHERE ordered_on >= CAST($from_on AS DATE)),
company AS (
  SELECT month, CAST(CAST(count(*) FILTER (WHERE is_new) AS DOUBLE) / count(*) AS DECIMAL(18,12)) AS share
  FROM lines GROUP BY month)
SELECT customer_id, count(*) AS lines, count(*) FILTER (WHERE is_new) AS new_lines,
  count(DISTINCT item) FILTER (WHERE is_new) AS new_items, CAST(sum(share) AS DOUBLE) / count(*) AS expected_share
FROM lines JOIN company USING (month) WHERE customer_id IS NOT NULL
GROUP BY customer_id ORDER BY customer_id
