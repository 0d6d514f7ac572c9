-- One row per physical row, with its number among equal rows of its part (copy_no) and among the parts that hold it (part_rank).
SELECT line_no, copy_no, row_number() OVER (PARTITION BY row_key, copy_no ORDER BY part_no) AS part_rank
FROM (
  SELECT line_no, part_no, row_key, row_number() OVER (PARTITION BY part_no, row_key ORDER BY line_no) AS copy_no
  FROM lines_read)
