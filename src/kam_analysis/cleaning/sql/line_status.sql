SELECT file, sheet, min(line_no) AS first_line_no, reason, customer_id IS NOT NULL AS is_identified, is_nobody,
  count(*) AS rows, CAST(coalesce(sum(net_sales), 0) AS DECIMAL(38,4)) AS net_sales
FROM lines_classified GROUP BY file, sheet, reason, is_identified, is_nobody ORDER BY first_line_no, reason, is_identified, is_nobody
