WITH sums AS (
  SELECT customer_id,
    CAST(sum(lines) AS BIGINT) AS lines,
    sum(net_sales) AS net_sales,
    sum(gross_sales) AS gross_sales,
    sum(margin) AS margin,
    sum(margin_base) AS margin_base,
    coalesce(sum(net_sales) FILTER (WHERE is_12m), 0) AS net_sales_12m,
    coalesce(sum(gross_sales) FILTER (WHERE is_12m), 0) AS gross_sales_12m,
    sum(margin) FILTER (WHERE is_12m) AS margin_12m,
    coalesce(sum(margin_base) FILTER (WHERE is_12m), 0) AS margin_base_12m,
    coalesce(sum(net_sales) FILTER (WHERE is_before), 0) AS net_sales_before
  FROM (
    SELECT *, ordered_on >= CAST($year_ago AS DATE) AS is_12m,
      ordered_on >= CAST($two_years_ago AS DATE) AND ordered_on < CAST($year_ago AS DATE) AS is_before
    FROM order_days WHERE ordered_on < CAST($as_of AS DATE))
  GROUP BY customer_id),
names AS (
  SELECT customer_id, arg_max(customer_name, (ordered_on - DATE '1900-01-01')::BIGINT * 1000000000000 + line_no) AS line_name
  FROM order_lines WHERE customer_id IS NOT NULL AND ordered_on < CAST($as_of AS DATE) GROUP BY customer_id),
plain AS (
  SELECT customer_id, coalesce(customers.name, line_name, customer_id) AS name
  FROM sums LEFT JOIN names USING (customer_id) LEFT JOIN customers USING (customer_id)),
shown AS (
  SELECT customer_id, CASE WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || customer_id || ')' ELSE name END AS customer_name
  FROM plain),
kinds AS (
  SELECT customer_id, count(product) AS products FROM customer_products
  WHERE first_on < CAST($as_of AS DATE) GROUP BY customer_id),
days AS (
  SELECT customer_id, ordered_on, date_diff('day', lag(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on), ordered_on) AS gap
  FROM (SELECT DISTINCT customer_id, ordered_on FROM {customer_orders})),
places AS (
  SELECT customer_id, gap, row_number() OVER (PARTITION BY customer_id ORDER BY gap NULLS LAST) AS place,
    count(gap) OVER (PARTITION BY customer_id) AS gaps
  FROM days),
rhythm AS (
  SELECT customer_id, count(*) AS order_days,
    avg(gap) FILTER (WHERE 2 * place BETWEEN gaps AND gaps + 2) AS median_gap_days -- median() needs all memory at once
  FROM places GROUP BY customer_id),
orders AS (
  SELECT customer_id, count(*) AS orders, min(ordered_on) AS first_order_on, max(ordered_on) AS last_order_on,
    count(*) FILTER (WHERE ordered_on >= CAST($year_ago AS DATE)) AS orders_12m
  FROM {customer_orders} GROUP BY customer_id),
units AS (
  SELECT customer_id, max(unit) FILTER (WHERE unit_column = 'manager') AS manager,
    max(unit) FILTER (WHERE unit_column = 'department') AS department,
    max(unit) FILTER (WHERE unit_column = 'country') AS country, max(unit) FILTER (WHERE unit_column = 'region') AS region
  FROM {customer_units} GROUP BY customer_id)
SELECT sums.customer_id, customer_name,
  coalesce(customers.parent_id, sums.customer_id) AS parent_id, customers.industry, customers.size,
  coalesce(customers.region, units.region) AS region, coalesce(customers.country, units.country) AS country,
  coalesce(units.manager, customers.manager) AS manager, units.department, lines,
  coalesce(orders.orders, 0) AS orders, coalesce(order_days, 0) AS order_days, first_order_on, last_order_on,
  date_diff('day', last_order_on, CAST($as_of AS DATE)) AS recency_days,
  date_diff('day', first_order_on, CAST($as_of AS DATE)) AS tenure_days,
  median_gap_days, coalesce(products, 0) AS products, net_sales, gross_sales, margin, margin_base, coalesce(orders_12m, 0) AS orders_12m,
  net_sales_12m, gross_sales_12m, margin_12m, margin_base_12m, net_sales_before
FROM sums LEFT JOIN shown USING (customer_id) LEFT JOIN orders USING (customer_id) LEFT JOIN rhythm USING (customer_id) LEFT JOIN kinds USING (customer_id) LEFT JOIN units USING (customer_id)
  LEFT JOIN customers USING (customer_id)
ORDER BY sums.customer_id
