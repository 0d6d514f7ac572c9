-- Lines with a date and no item whose texts hold a word of totals, with the sum and the number of the ordinary lines above them.
WITH named AS (
  SELECT rowid AS line, part_no, CASE WHEN is_unpivoted THEN ordered_on END AS month, row, is_unpivoted, net_sales,
    coalesce(customer_name, customer_id) AS customer,
    CASE
      WHEN sku IS NOT NULL OR NOT coalesce(regexp_matches(item, $totals), true) THEN NULL
      WHEN regexp_matches(customer_name, $totals) THEN customer_name
      WHEN regexp_matches(customer_id, $totals) THEN customer_id
      WHEN regexp_matches(order_id, $totals) THEN order_id
      WHEN regexp_matches(item, $totals) THEN item
      WHEN coalesce(customer_id, customer_name) IS NULL AND regexp_matches(manager, $totals) THEN manager
      WHEN coalesce(customer_id, customer_name) IS NULL AND regexp_matches(department, $totals) THEN department
    END AS name
  FROM lines_read WHERE ordered_on IS NOT NULL AND net_sales IS NOT NULL),
summed AS (
  SELECT line, part_no, month, row, name, is_unpivoted,
    last_value(CASE WHEN name IS NULL THEN customer END IGNORE NULLS) OVER above AS customer_above, net_sales,
    coalesce(sum(net_sales) FILTER (WHERE name IS NULL) OVER above, 0) AS sum_before,
    count(*) FILTER (WHERE name IS NULL) OVER above AS lines_before
  FROM named WHERE part_no IN (SELECT part_no FROM named WHERE name IS NOT NULL)
  WINDOW above AS (PARTITION BY part_no, month ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))
SELECT * FROM summed WHERE name IS NOT NULL ORDER BY line
