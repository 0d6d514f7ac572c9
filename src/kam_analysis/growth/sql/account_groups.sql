-- Groups of like accounts that an account can stand in, the narrowest first: by industry, size and region, else by its main category.
WITH looked_at AS (
  SELECT account_id, arg_max(category, (share, category)) AS main_category
  FROM account_categories WHERE order_days >= $order_days GROUP BY account_id),
traits AS (
  SELECT account_id, main_category, industry, size, region
  FROM looked_at LEFT JOIN account_traits USING (account_id)),
levels AS (
  SELECT account_id, 1 AS place, 'industry_size_region' AS likeness, concat_ws(chr(31), industry, size, region) AS like_key
  FROM traits WHERE industry IS NOT NULL AND size IS NOT NULL AND region IS NOT NULL
  UNION ALL SELECT account_id, 2, 'industry_size', concat_ws(chr(31), industry, size)
  FROM traits WHERE industry IS NOT NULL AND size IS NOT NULL
  UNION ALL SELECT account_id, 3, 'industry', industry FROM traits WHERE industry IS NOT NULL
  UNION ALL SELECT account_id, 4, 'main_category', main_category FROM traits),
counted AS (
  SELECT *, count(*) OVER (PARTITION BY likeness, like_key) - 1 AS likes FROM levels)
SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY likes < $peers, place) = 1 AND likes >= $peers AS is_chosen
FROM counted ORDER BY account_id, place
