-- One customer and category: how many of its order days had the category, between the first and the last of them and since.
WITH days AS (
  SELECT customer_id, ordered_on, row_number() OVER (PARTITION BY customer_id ORDER BY ordered_on) AS place,
    count(*) OVER (PARTITION BY customer_id) AS order_days
  FROM (SELECT DISTINCT customer_id, ordered_on FROM customer_orders WHERE ordered_on < CAST($as_of AS DATE))),
sold AS (
  SELECT lines.customer_id, lines.category, lines.ordered_on, lines.net_sales, lines.cost, orders.ordered_on AS order_day
  FROM {lines} AS lines LEFT JOIN customer_orders AS orders
    ON lines.customer_id = orders.customer_id
    AND coalesce(lines.order_id, strftime(lines.ordered_on, '%Y-%m-%d')) = orders.order_id
  WHERE lines.customer_id IS NOT NULL AND lines.category IS NOT NULL AND NOT lines.is_service
    AND lines.ordered_on < CAST($as_of AS DATE)),
bought AS (
  SELECT customer_id, category, count(*) AS category_days, min(place) AS first_place, max(place) AS last_place,
    max(ordered_on) AS last_on, max(order_days) AS order_days
  FROM (SELECT DISTINCT customer_id, category, order_day AS ordered_on FROM sold WHERE net_sales > 0) JOIN days
    USING (customer_id, ordered_on)
  GROUP BY customer_id, category),
counted AS (
  SELECT *, count(*) OVER (PARTITION BY customer_id) AS categories FROM bought)
SELECT customer_id, category, category_days, last_on, last_place - first_place - 1 AS days_between,
  category_days - 2 AS with_between, order_days - last_place AS days_since, categories,
  CAST(sum(net_sales) AS DOUBLE) AS net_sales_year, CAST(sum(net_sales - cost) AS DOUBLE) AS margin_year
FROM counted JOIN sold USING (customer_id, category)
WHERE category_days >= $fewest AND sold.ordered_on > last_on - INTERVAL 12 MONTH AND sold.ordered_on <= last_on
GROUP BY customer_id, category, category_days, last_on, first_place, last_place, order_days, categories
ORDER BY customer_id, category
