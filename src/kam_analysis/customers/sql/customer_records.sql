-- One row per customer id that a kept line or the customers table names.
WITH lines AS (
  SELECT customer_id, arg_max(customer_name, latest) AS line_name,
    list_sort(list(DISTINCT customer_name) FILTER (WHERE customer_name IS NOT NULL)) AS line_names,
    min(ordered_on) AS first_line_on, max(ordered_on) AS last_line_on, sum(net_sales) AS net_sales
  FROM (SELECT *, (ordered_on - DATE '1900-01-01')::BIGINT * 1000000000000 + line_no AS latest FROM order_lines)
  WHERE customer_id IS NOT NULL GROUP BY customer_id)
SELECT customer_id, coalesce(name, line_name) AS customer_name, coalesce(line_names, []) AS line_names,
  parent_id, tax_id, industry, size, country, city, manager, consent, created, updated_on, first_line_on, last_line_on,
  CAST(coalesce(net_sales, 0) AS DOUBLE) AS net_sales, customers.customer_id IS NOT NULL AS is_recorded
FROM lines FULL JOIN customers USING (customer_id) ORDER BY customer_id
