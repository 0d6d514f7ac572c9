-- Rows that stand elsewhere too: their number among equal rows of their part (copy_no) and among the parts that hold them (part_rank).
WITH repeated AS (SELECT row_key FROM lines_shown GROUP BY row_key HAVING count(*) > 1)
SELECT line, copy_no, part_rank FROM (
  SELECT line, copy_no, row_number() OVER (PARTITION BY row_key, row_check, copy_no ORDER BY part_no) AS part_rank
  FROM (
    SELECT line_no AS line, part_no, row_key, row_check,
      row_number() OVER (PARTITION BY part_no, row_key, row_check ORDER BY line_no) AS copy_no
    FROM lines_shown SEMI JOIN repeated USING (row_key)))
WHERE copy_no > 1 OR part_rank > 1
