-- Order lines with the item (code, else item) in the place of the category.
SELECT customer_id, order_id, ordered_on, coalesce(sku, item) AS category, net_sales, cost, is_service FROM order_lines
