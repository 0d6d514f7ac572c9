SELECT count(*) AS orders, count(*) FILTER (WHERE last_on > first_on) AS over_several_days,
  count(*) FILTER (WHERE date_diff('day', first_on, last_on) > 31) AS over_31_days
FROM (
  SELECT min(ordered_on) AS first_on, max(ordered_on) AS last_on
  FROM order_days WHERE has_document GROUP BY customer_id, order_id HAVING max(gross_sales) > 0)
