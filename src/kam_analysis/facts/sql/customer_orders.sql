-- An order is the lines of one (customer, order id), or customer-day; it counts with at least one line above 0.
SELECT customer_id, order_id, ordered_on, net_sales,
  row_number() OVER (PARTITION BY customer_id ORDER BY ordered_on, order_id) AS order_no
FROM (
  SELECT customer_id, coalesce(order_id, strftime(ordered_on, '%Y-%m-%d')) AS order_id,
    min(ordered_on) FILTER (WHERE net_sales > 0) AS ordered_on, sum(net_sales) AS net_sales
  FROM order_lines AS lines
  WHERE customer_id IS NOT NULL AND lines.ordered_on < CAST($as_of AS DATE)
  GROUP BY 1, 2)
WHERE ordered_on IS NOT NULL
