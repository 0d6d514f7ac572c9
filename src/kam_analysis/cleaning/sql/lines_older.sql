-- Lines of the older of two such files whose sale the newer one holds too, unless the very row stands in another file.
SELECT DISTINCT old.line FROM parts_alike
  JOIN lines_overlapping AS old ON old.part_no = older AND old.is_numbered = parts_alike.is_numbered
    AND old.ordered_on BETWEEN first_on AND last_on
  SEMI JOIN lines_overlapping AS new ON new.sale = old.sale AND new.part_no = one + other - older
WHERE NOT EXISTS (SELECT 1 FROM lines_overlapping AS same WHERE same.row_key = old.row_key AND same.row_check = old.row_check
  AND same.part_no <> old.part_no)
