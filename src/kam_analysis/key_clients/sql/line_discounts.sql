-- Discount and sales before it, per customer with a line above 0 before its discount, over the lines whose discount is
-- known, from $from_on until $as_of. A surcharge is no discount: the line counts as sold at its own price.
SELECT customer_id, CAST(sum(discount) AS DECIMAL(38,4)) AS discount,
  CAST(sum(net_sales + discount) AS DECIMAL(38,4)) AS sales_before_discount
FROM (
  SELECT customer_id, net_sales, greatest(discount, 0) AS discount FROM order_lines
  WHERE customer_id IS NOT NULL AND discount IS NOT NULL
    AND ordered_on >= CAST($from_on AS DATE) AND ordered_on < CAST($as_of AS DATE))
WHERE net_sales + discount > 0 GROUP BY customer_id ORDER BY customer_id
