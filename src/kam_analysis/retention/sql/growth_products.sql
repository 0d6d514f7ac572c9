-- One product: quantity and net sales before and after t at the key clients and at all; a missing quantity was not sold.
-- Lines without an item or a quantity and service lines stand under no product.
WITH sold AS (
  SELECT CASE WHEN NOT is_service AND qty IS NOT NULL THEN coalesce(sku, item) END AS product, unit,
    ordered_on >= CAST($start AS DATE) AS is_after, list_contains(CAST($keys AS VARCHAR[]), customer_id) AS is_key,
    CAST(qty AS DECIMAL(30,6)) AS qty, net_sales
  FROM order_lines
  WHERE customer_id IS NOT NULL AND ordered_on >= CAST($before AS DATE) AND ordered_on < CAST($until AS DATE))
SELECT product, unit,
  CAST(sum(qty) FILTER (WHERE is_key AND NOT is_after) AS DOUBLE) AS key_qty_before,
  CAST(sum(qty) FILTER (WHERE is_key AND is_after) AS DOUBLE) AS key_qty_after,
  CAST(coalesce(sum(net_sales) FILTER (WHERE is_key AND NOT is_after), 0) AS DOUBLE) AS key_sales_before,
  CAST(coalesce(sum(net_sales) FILTER (WHERE is_key AND is_after), 0) AS DOUBLE) AS key_sales_after,
  CAST(sum(qty) FILTER (WHERE NOT is_after) AS DOUBLE) AS all_qty_before,
  CAST(sum(qty) FILTER (WHERE is_after) AS DOUBLE) AS all_qty_after,
  CAST(coalesce(sum(net_sales) FILTER (WHERE NOT is_after), 0) AS DOUBLE) AS all_sales_before,
  CAST(coalesce(sum(net_sales) FILTER (WHERE is_after), 0) AS DOUBLE) AS all_sales_after
FROM sold GROUP BY product, unit ORDER BY product, unit
