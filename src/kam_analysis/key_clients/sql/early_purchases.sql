-- Lines per customer from $from_on on, how many of them hold an item within $days days of its first sale, how many such
-- items, and the company's share of such lines in the same months. Items first sold before $from_on are never new.
WITH sold AS MATERIALIZED (
  SELECT customer_id, coalesce(sku, item) AS item, ordered_on FROM order_lines
  WHERE NOT is_service AND net_sales > 0 AND ordered_on < CAST($as_of AS DATE) AND coalesce(sku, item) IS NOT NULL),
firsts AS (
  SELECT item, min(ordered_on) AS first_on FROM sold GROUP BY item HAVING min(ordered_on) >= CAST($from_on AS DATE)),
early AS MATERIALIZED (
  SELECT customer_id, item, date_trunc('month', ordered_on) AS month
  FROM sold JOIN firsts USING (item) WHERE date_diff('day', first_on, ordered_on) <= $days),
totals AS MATERIALIZED (
  SELECT customer_id, date_trunc('month', ordered_on) AS month, count(*) AS lines
  FROM sold WHERE ordered_on >= CAST($from_on AS DATE) GROUP BY ALL),
company AS (
  SELECT month, CAST(CAST(coalesce(new_lines, 0) AS DOUBLE) / lines AS DECIMAL(18,12)) AS share
  FROM (SELECT month, sum(lines) AS lines FROM totals GROUP BY month)
  LEFT JOIN (SELECT month, count(*) AS new_lines FROM early GROUP BY month) USING (month)),
counted AS (
  SELECT customer_id, CAST(sum(lines) AS BIGINT) AS lines, sum(lines * share) AS expected
  FROM totals JOIN company USING (month) WHERE customer_id IS NOT NULL GROUP BY customer_id),
found AS (
  SELECT customer_id, count(*) AS new_lines, count(DISTINCT item) AS new_items FROM early GROUP BY customer_id)
SELECT customer_id, lines, coalesce(new_lines, 0) AS new_lines, coalesce(new_items, 0) AS new_items,
  CAST(expected AS DOUBLE) / lines AS expected_share
FROM counted LEFT JOIN found USING (customer_id) ORDER BY customer_id
