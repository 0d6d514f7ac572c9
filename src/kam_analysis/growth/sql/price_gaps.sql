-- The items for which each account pays clearly less than the median of their buyers, the most money first, at most so many an account.
WITH gaps AS (
  SELECT *, (median_price - price) * qty AS gap FROM item_prices
  WHERE price < (1 - CAST($price_gap_from AS DOUBLE)) * median_price),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY gap DESC, product, unit, qty_from) AS place FROM gaps)
SELECT account_id, product, item, nullif(unit, '') AS unit, qty_from, price, median_price, 1 - price / median_price AS below,
  qty, gap, buyers
FROM placed WHERE place <= $most
ORDER BY account_id, place
