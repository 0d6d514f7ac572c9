-- Lines without an item whose texts hold a word of totals, and those without a date, or without any text.
SELECT line, part_no, name FROM (
  SELECT line_no AS line, part_no, CASE
      WHEN ordered_on IS NULL AND date_text IS NULL THEN coalesce(customer_name, customer_id, order_id, item, '')
      WHEN ordered_on IS NULL OR NOT coalesce(regexp_matches(item, $totals), true) THEN NULL
      WHEN regexp_matches(customer_name, $totals) THEN customer_name
      WHEN regexp_matches(customer_id, $totals) THEN customer_id
      WHEN regexp_matches(order_id, $totals) THEN order_id
      WHEN regexp_matches(item, $totals) THEN item
      WHEN coalesce(customer_id, customer_name) IS NULL AND regexp_matches(manager, $totals) THEN manager
      WHEN coalesce(customer_id, customer_name) IS NULL AND regexp_matches(department, $totals) THEN department
      WHEN coalesce(customer_id, customer_name, order_id, item) IS NULL THEN ''
    END AS name
  FROM lines_shown WHERE is_head IS NULL AND sku IS NULL AND net_sales IS NOT NULL)
WHERE name IS NOT NULL
