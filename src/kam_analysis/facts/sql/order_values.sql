SELECT customer_no AS customer_id, ordered_on, CAST(net_sales AS DOUBLE) AS net_sales
FROM {customer_orders}
  JOIN (SELECT customer_id, row_number() OVER (ORDER BY customer_id) AS customer_no FROM {customer_sums}) USING (customer_id)
ORDER BY customer_no, ordered_on, net_sales
