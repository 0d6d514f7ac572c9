SELECT lines_read.rowid + 1 AS line_no, lines_read.*, coalesce(copy_no, 1) AS copy_no, reason
FROM lines_read LEFT JOIN line_reasons ON lines_read.rowid = line_reasons.line
  LEFT JOIN lines_counted ON lines_read.rowid = lines_counted.line
