-- The items that a customer bought on most days of the last 12 months, up to three and on two days at least, the most usual first.
WITH bought AS (
  SELECT customer_id, coalesce(item, sku) AS item, count(DISTINCT ordered_on) AS days, sum(net_sales) AS net_sales
  FROM order_lines
  WHERE customer_id IS NOT NULL AND NOT is_service AND net_sales > 0 AND coalesce(item, sku) IS NOT NULL
    AND ordered_on >= CAST($year_ago AS DATE) AND ordered_on < CAST($as_of AS DATE)
  GROUP BY ALL HAVING count(DISTINCT ordered_on) > 1),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY days DESC, net_sales DESC, item) AS place FROM bought)
SELECT customer_id, string_agg(item, '; ' ORDER BY place) AS usual_items
FROM placed WHERE place <= 3 GROUP BY customer_id ORDER BY customer_id
