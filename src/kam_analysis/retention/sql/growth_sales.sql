-- One customer: net sales and orders before and after t.
WITH sold AS (
  SELECT customer_id,
    sum(net_sales) FILTER (WHERE ordered_on < CAST($start AS DATE)) AS before,
    sum(net_sales) FILTER (WHERE ordered_on >= CAST($start AS DATE)) AS after
  FROM order_lines
  WHERE customer_id IS NOT NULL AND ordered_on >= CAST($before AS DATE) AND ordered_on < CAST($until AS DATE)
  GROUP BY customer_id),
placed AS (
  SELECT customer_id, bool_or(ordered_on < CAST($start AS DATE)) AS was_buyer,
    bool_or(ordered_on >= CAST($start AS DATE)) AS is_buyer
  FROM customer_orders
  WHERE ordered_on >= CAST($before AS DATE) AND ordered_on < CAST($until AS DATE)
  GROUP BY customer_id)
SELECT customer_id, CAST(coalesce(before, 0) AS DOUBLE) AS net_sales_before, CAST(coalesce(after, 0) AS DOUBLE) AS net_sales_after,
  coalesce(was_buyer, false) AS was_buyer, coalesce(is_buyer, false) AS is_buyer
FROM sold LEFT JOIN placed USING (customer_id)
ORDER BY customer_id
