-- What was bought from suppliers for each customer ('' for lines without one), by term: '' for all purchases, else the
-- category, item or item code that a term names. Volume: what tiers count, the cost or the quantity.
WITH lines AS (
  SELECT coalesce(customer_id, '') AS customer_id, ordered_on >= CAST($year_ago AS DATE) AS is_12m,
    CASE WHEN $measure = 'units' THEN CAST(qty AS DECIMAL(18,6)) ELSE CAST(cost AS DECIMAL(18,4)) END AS volume,
    CAST(cost AS DECIMAL(18,4)) AS cost, category, item, sku
  FROM order_lines
  WHERE NOT is_service AND cost IS NOT NULL
    AND ordered_on >= CAST($two_years_ago AS DATE) AND ordered_on < CAST($as_of AS DATE)),
terms AS (SELECT unnest($terms) AS term)
SELECT term, customer_id,
  CAST(coalesce(sum(volume) FILTER (WHERE is_12m), 0) AS DOUBLE) AS volume,
  CAST(coalesce(sum(cost) FILTER (WHERE is_12m), 0) AS DECIMAL(38,4)) AS cost,
  CAST(coalesce(sum(volume) FILTER (WHERE NOT is_12m), 0) AS DOUBLE) AS volume_before,
  CAST(coalesce(sum(cost) FILTER (WHERE NOT is_12m), 0) AS DECIMAL(38,4)) AS cost_before
FROM lines, terms WHERE term = '' OR term = category OR term = item OR term = sku
GROUP BY term, customer_id ORDER BY term, customer_id
