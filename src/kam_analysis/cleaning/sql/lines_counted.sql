-- Rows that stand elsewhere too: their number among equal rows of their part (copy_no) and among the parts that hold them (part_rank).
SELECT line, copy_no, part_rank FROM (
  SELECT line, copy_no, row_number() OVER (PARTITION BY row_key, copy_no ORDER BY part_no) AS part_rank
  FROM (
    SELECT rowid AS line, part_no, row_key, row_number() OVER (PARTITION BY part_no, row_key ORDER BY rowid) AS copy_no
    FROM lines_read))
WHERE copy_no > 1 OR part_rank > 1
