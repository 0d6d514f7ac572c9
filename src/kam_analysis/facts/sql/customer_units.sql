-- The unit value with most of the customer's net sales in the last 12 months (earlier lines only where there is none), ties by the latest line, then by name.
SELECT customer_id, unit_column, unit FROM (
  SELECT customer_id, unit_column, unit, row_number() OVER (
    PARTITION BY customer_id, unit_column ORDER BY is_recent DESC, sum(net_sales) DESC, max(ordered_on) DESC, unit) AS place
  FROM (
    SELECT customer_id, ordered_on, net_sales, is_recent,
      unnest(['manager', 'department', 'country', 'region']) AS unit_column,
      unnest([manager, department, country, region]) AS unit
    FROM (
      SELECT customer_id, manager, department, country, region, lines.ordered_on >= CAST($year_ago AS DATE) AS is_recent,
        max(lines.ordered_on) AS ordered_on, sum(net_sales) AS net_sales
      FROM order_lines AS lines WHERE customer_id IS NOT NULL AND lines.ordered_on < CAST($as_of AS DATE)
      GROUP BY ALL))
  WHERE unit IS NOT NULL GROUP BY customer_id, unit_column, unit, is_recent)
WHERE place = 1
