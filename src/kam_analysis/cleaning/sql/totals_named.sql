-- Lines with a date and no item whose texts hold a word of totals.
SELECT line, part_no, name FROM (
  SELECT line_no AS line, part_no, CASE
      WHEN NOT coalesce(regexp_matches(item, $totals), true) THEN NULL
      WHEN regexp_matches(customer_name, $totals) THEN customer_name
      WHEN regexp_matches(customer_id, $totals) THEN customer_id
      WHEN regexp_matches(order_id, $totals) THEN order_id
      WHEN regexp_matches(item, $totals) THEN item
      WHEN coalesce(customer_id, customer_name) IS NULL AND regexp_matches(manager, $totals) THEN manager
      WHEN coalesce(customer_id, customer_name) IS NULL AND regexp_matches(department, $totals) THEN department
    END AS name
  FROM lines_read WHERE is_head IS NULL AND sku IS NULL AND ordered_on IS NOT NULL AND net_sales IS NOT NULL)
WHERE name IS NOT NULL
