-- Lines of days that several files or sheets hold: the sale, by its number or else its customer, and the line without what
-- an export made again may write otherwise: a state, the day of the export, a person.
WITH spans AS (
  SELECT part_no, min(first_on) AS first_on, max(last_on) AS last_on
  FROM (SELECT one AS part_no, * FROM parts_overlapping UNION ALL SELECT other, * FROM parts_overlapping) GROUP BY part_no)
SELECT line_no AS line, part_no, ordered_on, order_id IS NOT NULL AS is_numbered,
  hash(ordered_on, coalesce(order_id, customer_id, customer_name), order_id IS NULL) AS sale,
  hash(ordered_on, coalesce(order_id, customer_id, customer_name), order_id IS NULL, sku, item, qty, net_sales) AS alike,
  row_key, row_check
FROM lines_shown JOIN spans USING (part_no)
WHERE ordered_on BETWEEN first_on AND last_on AND net_sales IS NOT NULL
  AND coalesce(order_id, customer_id, customer_name) IS NOT NULL
