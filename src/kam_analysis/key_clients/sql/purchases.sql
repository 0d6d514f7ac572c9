-- Net sales of the volume's window, and the largest order, orders and order days of the last 12 months of every customer
-- with a line in them. An order is dated by its earliest line above 0 and worth the net sales of all its lines, also of
-- those before; without an order number it is one day.
WITH orders AS (
  SELECT customer_id, min(ordered_on) FILTER (WHERE net_sales > 0) AS dated_on, sum(net_sales) AS net_sales,
    sum(net_sales) FILTER (WHERE ordered_on >= CAST($volume_from AS DATE)) AS volume
  FROM order_lines
  WHERE customer_id IS NOT NULL AND ordered_on < CAST($as_of AS DATE)
    AND (ordered_on >= CAST($year_ago AS DATE) OR order_id IS NOT NULL)
  GROUP BY customer_id, order_id, CASE WHEN order_id IS NULL THEN ordered_on END
  HAVING max(ordered_on) >= CAST($year_ago AS DATE)),
days AS (
  SELECT customer_id, dated_on, dated_on >= CAST($year_ago AS DATE) AS is_counted, sum(volume) AS volume,
    max(net_sales) AS largest_order, count(*) AS orders
  FROM orders GROUP BY customer_id, dated_on)
SELECT customer_id, CAST(coalesce(sum(volume), 0) AS DECIMAL(38,4)) AS volume,
  CAST(max(largest_order) FILTER (WHERE is_counted) AS DECIMAL(38,4)) AS largest_order,
  CAST(coalesce(sum(orders) FILTER (WHERE is_counted), 0) AS BIGINT) AS orders,
  count(*) FILTER (WHERE is_counted) AS order_days
FROM days GROUP BY customer_id ORDER BY customer_id
