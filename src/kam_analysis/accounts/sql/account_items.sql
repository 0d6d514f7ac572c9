-- Per account with a dossier and item: on how many of the account's order days it was bought, between the first and the last
-- of them and since, and its net sales in the 12 months up to the last.
WITH days AS (
  SELECT account_id, ordered_on, row_number() OVER (PARTITION BY account_id ORDER BY ordered_on) AS place,
    count(*) OVER (PARTITION BY account_id) AS order_days
  FROM (SELECT DISTINCT account_id, ordered_on FROM customer_orders JOIN account_customers USING (customer_id)
    WHERE ordered_on < CAST($as_of AS DATE))),
sold AS (
  SELECT account_id, coalesce(sku, item) AS product, coalesce(item, sku) AS item, ordered_on, line_no, net_sales
  FROM order_lines JOIN account_customers USING (customer_id)
  WHERE NOT is_service AND coalesce(sku, item) IS NOT NULL AND ordered_on < CAST($as_of AS DATE)),
bought AS (
  SELECT account_id, product, count(*) AS item_days, min(place) AS first_place, max(place) AS last_place,
    max(ordered_on) AS last_on, max(order_days) AS order_days
  FROM (SELECT DISTINCT account_id, product, ordered_on FROM sold WHERE net_sales > 0) JOIN days USING (account_id, ordered_on)
  GROUP BY account_id, product)
SELECT account_id, product, arg_max(item, (ordered_on, line_no)) AS item, item_days, last_on,
  last_place - first_place - 1 AS days_between, item_days - 2 AS with_between, order_days - last_place AS days_since,
  CAST(sum(net_sales) AS DOUBLE) AS net_sales_year,
  CAST(coalesce(sum(net_sales) FILTER (WHERE ordered_on >= CAST($year_ago AS DATE)), 0) AS DOUBLE) AS net_sales_12m
FROM bought JOIN sold USING (account_id, product)
WHERE ordered_on > last_on - INTERVAL 12 MONTH AND ordered_on <= last_on
GROUP BY account_id, product, item_days, last_on, first_place, last_place, order_days
ORDER BY account_id, product
