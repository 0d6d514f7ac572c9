SELECT lines_read.*, coalesce(copy_no, 1) AS copy_no, reason
FROM lines_read LEFT JOIN line_reasons ON line_no = line_reasons.line
  LEFT JOIN lines_counted ON line_no = lines_counted.line
