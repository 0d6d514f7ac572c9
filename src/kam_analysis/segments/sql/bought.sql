-- Net sales of one customer and one category (or product) before the reference date, where they are above 0.
SELECT customer_id, {column} AS product, CAST(sum(net_sales) AS DOUBLE) AS net_sales
FROM order_lines
WHERE customer_id IS NOT NULL AND {column} IS NOT NULL AND NOT is_service AND ordered_on < CAST($as_of AS DATE)
GROUP BY customer_id, {column}
HAVING sum(net_sales) > 0
ORDER BY customer_id, {column}
