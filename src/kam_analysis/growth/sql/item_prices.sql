-- What each account paid for a unit of each item in each band of quantity, last 12 months, beside the median of all its buyers.
WITH sold AS (
  SELECT account_id, coalesce(sku, item) AS product, coalesce(unit, '') AS unit, coalesce(item, sku) AS item, qty, net_sales,
    CASE WHEN qty < 2 THEN 0 WHEN qty < 5 THEN 2 WHEN qty < 10 THEN 5 WHEN qty < 20 THEN 10 WHEN qty < 50 THEN 20
      WHEN qty < 100 THEN 50 WHEN qty < 200 THEN 100 WHEN qty < 500 THEN 200 WHEN qty < 1000 THEN 500 ELSE 1000 END AS qty_from
  FROM order_lines JOIN account_of USING (customer_id)
  WHERE NOT is_service AND coalesce(sku, item) IS NOT NULL AND qty > 0 AND net_sales > 0
    AND ordered_on >= CAST($year_ago AS DATE) AND ordered_on < CAST($as_of AS DATE)),
paid AS (
  SELECT account_id, product, unit, qty_from, max(item) AS item, CAST(sum(qty) AS DOUBLE) AS qty,
    CAST(sum(net_sales) AS DECIMAL(38,4)) AS sales
  FROM sold GROUP BY account_id, product, unit, qty_from),
priced AS (
  SELECT *, CAST(sales AS DOUBLE) / qty AS price FROM paid),
usual AS (
  SELECT product, unit, qty_from, median(price) AS median_price, count(*) AS buyers
  FROM priced GROUP BY product, unit, qty_from HAVING count(*) >= $price_buyers)
SELECT account_id, product, unit, qty_from, item, qty, sales, price, median_price, buyers
FROM priced JOIN usual USING (product, unit, qty_from)
ORDER BY account_id, product, unit, qty_from
