-- What the lines of an order say of one day. An order is the lines of one (customer, order id), or customer-day.
SELECT customer_id, coalesce(lines.order_id, strftime(ordered_on, '%Y-%m-%d')) AS order_id, ordered_on,
  bool_or(lines.order_id IS NOT NULL) AS has_document, count(*) AS lines,
  CAST(sum(net_sales) AS DECIMAL(38,4)) AS net_sales,
  CAST(coalesce(sum(net_sales) FILTER (WHERE net_sales > 0), 0) AS DECIMAL(38,4)) AS gross_sales,
  CAST(sum(net_sales - cost) AS DECIMAL(38,4)) AS margin,
  CAST(coalesce(sum(net_sales) FILTER (WHERE cost IS NOT NULL), 0) AS DECIMAL(38,4)) AS margin_base
FROM order_lines AS lines WHERE customer_id IS NOT NULL
GROUP BY ALL
