-- What was bought from suppliers for each customer ('' for lines without one), by term: '' for all purchases, else the
-- category, item or item code that a term names. Volume: what tiers count, the cost or the quantity.
WITH lines AS (
  SELECT coalesce(customer_id, '') AS customer_id, ordered_on >= CAST($year_ago AS DATE) AS is_12m,
    CAST(CASE WHEN $measure = 'units' THEN qty ELSE CAST(cost AS DOUBLE) END AS DOUBLE) AS volume,
    CAST(cost AS DECIMAL(18,4)) AS cost,
    unnest(list_distinct(['', category, item, sku])) AS term
  FROM order_lines
  WHERE NOT is_service AND cost IS NOT NULL
    AND ordered_on >= CAST($two_years_ago AS DATE) AND ordered_on < CAST($as_of AS DATE))
SELECT term, customer_id,
  coalesce(sum(volume) FILTER (WHERE is_12m), 0) AS volume,
  CAST(coalesce(sum(cost) FILTER (WHERE is_12m), 0) AS DECIMAL(38,4)) AS cost,
  coalesce(sum(volume) FILTER (WHERE NOT is_12m), 0) AS volume_before,
  CAST(coalesce(sum(cost) FILTER (WHERE NOT is_12m), 0) AS DECIMAL(38,4)) AS cost_before
FROM lines WHERE list_contains($terms, term) GROUP BY term, customer_id ORDER BY term, customer_id
