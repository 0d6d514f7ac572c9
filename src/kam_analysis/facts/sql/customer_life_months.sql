-- Months of 30.4375 = 487/16 days since the first order; a line before it counts in the first month.
WITH first AS (SELECT customer_id, min(ordered_on) AS first_on FROM {customer_orders} GROUP BY customer_id)
SELECT customer_id, greatest(CAST(floor(16 * date_diff('day', first_on, ordered_on) / 487) AS BIGINT) + 1, 1) AS life_month,
  CAST(sum(orders) AS BIGINT) AS orders, CAST(sum(net_sales) AS DECIMAL(38,4)) AS net_sales, sum(margin) AS margin,
  CAST(sum(margin_base) AS DECIMAL(38,4)) AS margin_base
FROM (
  SELECT customer_id, ordered_on, 0 AS orders, net_sales, margin, margin_base
  FROM order_days WHERE ordered_on < CAST($as_of AS DATE)
  UNION ALL
  SELECT customer_id, ordered_on, 1, 0, NULL, 0 FROM {customer_orders}) AS days
JOIN first USING (customer_id)
GROUP BY customer_id, life_month
