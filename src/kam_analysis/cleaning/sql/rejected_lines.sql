SELECT line_no, file, sheet, row, reason, customer_id, order_id, ordered_on, coalesce(net_sales, 0) AS net_sales
FROM lines_judged WHERE reason IS NOT NULL
