-- Items that somebody bought in the last days, with their latest name.
SELECT coalesce(sku, item) AS category, arg_max(coalesce(item, sku), (ordered_on, line_no)) AS item
FROM order_lines
WHERE NOT is_service AND net_sales > 0 AND coalesce(sku, item) IS NOT NULL AND ordered_on < CAST($as_of AS DATE)
GROUP BY coalesce(sku, item) HAVING max(ordered_on) >= CAST($sold_from AS DATE)
