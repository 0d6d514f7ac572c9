SELECT customer_id, month, CAST(sum(net_sales) AS DECIMAL(38,4)) AS net_sales, sum(margin) AS margin, CAST(sum(orders) AS BIGINT) AS orders
FROM (
  SELECT customer_id, CAST(date_trunc('month', ordered_on) AS DATE) AS month, net_sales, margin, 0 AS orders
  FROM order_days WHERE ordered_on < CAST($as_of AS DATE)
  UNION ALL
  SELECT customer_id, CAST(date_trunc('month', ordered_on) AS DATE), 0, NULL, 1 FROM {customer_orders})
GROUP BY customer_id, month
