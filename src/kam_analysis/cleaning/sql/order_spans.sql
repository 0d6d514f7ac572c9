SELECT count(*) AS orders, count(*) FILTER (WHERE last_on > first_on) AS over_several_days,
  count(*) FILTER (WHERE date_diff('day', first_on, last_on) > 31) AS over_31_days
FROM (
  SELECT customer_id, order_id, min(lines.ordered_on) AS first_on, max(lines.ordered_on) AS last_on
  FROM order_lines AS lines JOIN customer_orders USING (customer_id, order_id)
  GROUP BY customer_id, order_id)
