-- Net sales, margin and net sales with a cost of every customer and day: all lines, returns too.
SELECT customer_id, ordered_on, CAST(sum(net_sales) AS DOUBLE) AS net_sales, CAST(sum(margin) AS DOUBLE) AS margin,
  CAST(sum(margin_base) AS DOUBLE) AS margin_base
FROM order_days WHERE ordered_on < CAST($as_of AS DATE)
GROUP BY customer_id, ordered_on
