-- Net sales and margin of every buyer in the 12 months up to its last order day.
WITH stops AS (
  SELECT customer_id, max(ordered_on) AS last_on FROM customer_orders WHERE ordered_on < CAST($as_of AS DATE) GROUP BY customer_id)
SELECT customer_id, last_on, CAST(sum(net_sales) AS DOUBLE) AS net_sales_year, CAST(sum(net_sales - cost) AS DOUBLE) AS margin_year
FROM stops JOIN order_lines USING (customer_id)
WHERE ordered_on > last_on - INTERVAL 12 MONTH AND ordered_on <= last_on
GROUP BY customer_id, last_on
ORDER BY customer_id
