-- Lines of a customer, item and size of money that were taken back at least once, in order of time.
WITH lines AS (
  SELECT customer_id, coalesce(sku, item, '') AS product, abs(net_sales) AS size, ordered_on, line_no, net_sales
  FROM order_lines WHERE customer_id IS NOT NULL AND net_sales <> 0)
SELECT customer_id, product, size, net_sales > 0 AS is_sale
FROM lines SEMI JOIN (SELECT DISTINCT customer_id, product, size FROM lines WHERE net_sales < 0) AS taken_back
  USING (customer_id, product, size)
ORDER BY customer_id, product, size, ordered_on, net_sales < 0, line_no
