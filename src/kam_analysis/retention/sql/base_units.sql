-- The unit value with most of the customer's net sales in the window, ties by the latest line, then by name.
SELECT customer_id, unit_column, unit FROM (
  SELECT customer_id, unit_column, unit, row_number() OVER (
    PARTITION BY customer_id, unit_column ORDER BY sum(net_sales) DESC, max(ordered_on) DESC, unit) AS place
  FROM (
    SELECT customer_id, ordered_on, net_sales,
      unnest(['manager', 'department', 'country', 'region', 'channel']) AS unit_column,
      unnest([manager, department, country, region, channel]) AS unit
    FROM order_lines
    WHERE customer_id IS NOT NULL AND ordered_on >= CAST($from_on AS DATE) AND ordered_on < CAST($until AS DATE))
  WHERE unit IS NOT NULL GROUP BY customer_id, unit_column, unit)
WHERE place = 1
