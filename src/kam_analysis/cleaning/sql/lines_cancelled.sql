-- Sales whose order was called off, and as many of the negative lines of called-off orders as answer to one of them. Where only
-- the first line of an order bears its status, the others are of it too.
WITH off AS (SELECT DISTINCT part_no, order_id FROM lines_shown WHERE is_called_off AND order_id IS NOT NULL)
SELECT line FROM (
  SELECT line, net_sales >= 0 AS is_sale,
    count(*) FILTER (WHERE net_sales >= 0) OVER (PARTITION BY customer_id, product, abs(net_sales)) AS sales,
    row_number() OVER (PARTITION BY customer_id, product, abs(net_sales), net_sales >= 0 ORDER BY line) AS place
  FROM (
    SELECT line_no AS line, customer_id, coalesce(sku, item, '') AS product, net_sales
    FROM lines_shown LEFT JOIN off USING (part_no, order_id)
    WHERE ordered_on IS NOT NULL AND net_sales IS NOT NULL
      AND (is_called_off OR (status IS NULL AND off.order_id IS NOT NULL))))
WHERE is_sale OR place <= sales
