-- Quartiles of each customer's own gaps between order days, and of those before the last gap, so that the last one can be foretold.
WITH days AS (
  SELECT customer_id, ordered_on, sum(net_sales) AS net_sales
  FROM customer_orders WHERE ordered_on < CAST($as_of AS DATE) GROUP BY customer_id, ordered_on),
gaps AS (
  SELECT *, date_diff('day', lag(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on), ordered_on) AS gap,
    row_number() OVER (PARTITION BY customer_id ORDER BY ordered_on DESC) AS age
  FROM days)
SELECT customer_id, count(*) AS order_days, max(ordered_on) AS last_order_on,
  quantile_cont(gap, 0.25) AS low_gap, quantile_cont(gap, 0.75) AS high_gap,
  quantile_cont(gap, 0.25) FILTER (WHERE age > 1) AS low_before, quantile_cont(gap, 0.75) FILTER (WHERE age > 1) AS high_before,
  max(gap) FILTER (WHERE age = 1) AS last_gap,
  CAST(median(net_sales) FILTER (WHERE ordered_on >= CAST($year_ago AS DATE)) AS DOUBLE) AS usual_order
FROM gaps GROUP BY customer_id ORDER BY customer_id
