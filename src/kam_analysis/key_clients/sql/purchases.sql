-- Net sales of the volume's window, and the largest order, orders and order days of the last 12 months of every customer.
-- An order is dated by its earliest line above 0 and worth the net sales of all its lines.
WITH lines AS (
  SELECT * FROM order_lines WHERE customer_id IS NOT NULL AND ordered_on < CAST($as_of AS DATE)),
orders AS (
  SELECT customer_id, min(ordered_on) FILTER (WHERE net_sales > 0) AS dated_on, sum(net_sales) AS net_sales
  FROM lines GROUP BY customer_id, coalesce(order_id, strftime(ordered_on, '%Y-%m-%d'))),
largest AS (
  SELECT customer_id, max(net_sales) AS largest_order, count(*) AS orders, count(DISTINCT dated_on) AS order_days
  FROM orders WHERE dated_on >= CAST($year_ago AS DATE) GROUP BY customer_id),
volumes AS (
  SELECT customer_id, coalesce(sum(net_sales) FILTER (WHERE ordered_on >= CAST($volume_from AS DATE)), 0) AS volume
  FROM lines GROUP BY customer_id)
SELECT customer_id, CAST(volume AS DECIMAL(38,4)) AS volume, CAST(largest_order AS DECIMAL(38,4)) AS largest_order,
  coalesce(orders, 0) AS orders, coalesce(order_days, 0) AS order_days
FROM volumes LEFT JOIN largest USING (customer_id)
ORDER BY customer_id
