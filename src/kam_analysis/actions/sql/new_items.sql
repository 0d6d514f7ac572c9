-- Per key account: items first sold in the last days in a category of its last 12 months, how many of them it bought, and those it did not, best sold first.
WITH lines AS (
  SELECT account_id, coalesce(sku, item) AS product, coalesce(item, sku) AS item, coalesce(category, '') AS category,
    ordered_on, line_no, net_sales
  FROM order_lines LEFT JOIN key_members USING (customer_id)
  WHERE NOT is_service AND ordered_on < CAST($as_of AS DATE) AND coalesce(sku, item) IS NOT NULL),
sold AS (FROM lines WHERE net_sales > 0),
new AS (
  SELECT product, arg_max(item, (ordered_on, line_no)) AS item, arg_max(category, (ordered_on, line_no)) AS category,
    sum(net_sales) AS net_sales
  FROM lines GROUP BY product
  HAVING min(ordered_on) FILTER (WHERE net_sales > 0) >= CAST($new_from AS DATE) AND sum(net_sales) > 0),
fields AS (
  SELECT DISTINCT account_id, category FROM sold WHERE account_id IS NOT NULL AND ordered_on >= CAST($year_ago AS DATE)),
taken AS (SELECT DISTINCT account_id, product FROM sold),
pairs AS (
  SELECT account_id, new.*, taken.product IS NOT NULL AS is_bought
  FROM fields JOIN new USING (category) LEFT JOIN taken USING (account_id, product)),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY account_id, is_bought ORDER BY net_sales DESC, product) AS place FROM pairs)
SELECT account_id, count(*) AS new_items, count(*) FILTER (WHERE is_bought) AS bought,
  string_agg(item, '; ' ORDER BY place) FILTER (WHERE NOT is_bought AND place <= 3) AS to_offer
FROM placed GROUP BY account_id ORDER BY account_id
