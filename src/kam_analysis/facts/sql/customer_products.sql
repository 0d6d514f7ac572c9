SELECT customer_id, coalesce(sku, item) AS product, min(ordered_on) AS first_on
FROM order_lines WHERE customer_id IS NOT NULL AND NOT is_service AND net_sales > 0
GROUP BY ALL
