-- An order counts with at least one line above 0, and from its first such line on.
SELECT customer_id, order_id, ordered_on, net_sales,
  row_number() OVER (PARTITION BY customer_id ORDER BY ordered_on, order_id) AS order_no
FROM (
  SELECT customer_id, order_id, min(days.ordered_on) FILTER (WHERE gross_sales > 0) AS ordered_on, sum(net_sales) AS net_sales
  FROM order_days AS days WHERE days.ordered_on < CAST($as_of AS DATE)
  GROUP BY customer_id, order_id)
WHERE ordered_on IS NOT NULL
