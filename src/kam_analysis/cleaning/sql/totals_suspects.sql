-- Lines that may be totals with the sum and the number of the ordinary lines above them.
WITH lines AS (
  SELECT line_no AS line, lines_shown.part_no, CASE WHEN is_unpivoted THEN ordered_on END AS month, row, is_unpivoted,
    net_sales, coalesce(customer_name, customer_id) AS customer, name
  FROM lines_shown LEFT JOIN totals_named ON line_no = line
  WHERE (ordered_on IS NOT NULL OR name IS NOT NULL) AND net_sales IS NOT NULL AND lines_shown.part_no IN (SELECT part_no FROM totals_named)),
summed AS (
  SELECT line, part_no, month, row, name, is_unpivoted,
    last_value(CASE WHEN name IS NULL THEN customer END IGNORE NULLS) OVER above AS customer_above, net_sales,
    coalesce(sum(net_sales) FILTER (WHERE name IS NULL) OVER above, 0) AS sum_before,
    count(*) FILTER (WHERE name IS NULL) OVER above AS lines_before
  FROM lines
  WINDOW above AS (PARTITION BY part_no, month ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))
SELECT * FROM summed WHERE name IS NOT NULL ORDER BY line
