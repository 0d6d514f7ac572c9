SELECT line_no, file, sheet, row, customer_id, customer_name, order_id, ordered_on, sku, item, category, qty, unit,
  unit_price, net_sales, discount, cost, manager, department, country, region, channel, status, is_service
FROM lines_read WHERE is_kept
