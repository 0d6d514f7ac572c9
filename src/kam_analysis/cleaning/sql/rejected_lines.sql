SELECT line_no, file, sheet, row, reason, customer_id, order_id, ordered_on, coalesce(net_sales, 0) AS net_sales
FROM line_reasons JOIN lines_read ON line_no = line
