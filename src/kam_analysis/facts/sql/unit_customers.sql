-- Net sales and latest line of every customer in every value of the unit columns, [from_on, as_of).
SELECT unit_column, unit, customer_id, CAST(sum(net_sales) AS DECIMAL(38,4)) AS net_sales, max(ordered_on) AS last_line_on
FROM (
  SELECT customer_id, ordered_on, net_sales, unnest(['manager', 'department', 'country', 'region', 'channel']) AS unit_column,
    unnest([manager, department, country, region, channel]) AS unit
  FROM order_lines
  WHERE customer_id IS NOT NULL AND ordered_on >= CAST($from_on AS DATE) AND ordered_on < CAST($as_of AS DATE))
WHERE unit IS NOT NULL AND list_contains($units, unit_column)
GROUP BY unit_column, unit, customer_id
ORDER BY unit_column, unit, customer_id
