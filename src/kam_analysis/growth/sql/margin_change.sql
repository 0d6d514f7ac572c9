-- Change of the margin of every account parted into price, cost, volume and mix; what no quantity explains stands apart.
WITH parts AS (
  SELECT account_id, q0, q1, s0, s1, c0, c1, product IS NOT NULL AND q0 > 0 AS is_before, product IS NOT NULL AND q1 > 0 AS is_after,
    CAST(s0 AS DOUBLE) AS d0, CAST(s1 AS DOUBLE) AS d1, CAST(c0 AS DOUBLE) AS e0, CAST(c1 AS DOUBLE) AS e1
  FROM margin_products),
effects AS (
  SELECT account_id, s0, s1, c0, c1, is_before, is_after,
    CASE WHEN is_before AND is_after THEN d1 - q1 * d0 / q0 ELSE 0 END AS price,
    CASE WHEN is_before AND is_after THEN q1 * e0 / q0 - e1 ELSE 0 END AS cost,
    CASE WHEN is_before AND is_after THEN q1 * d0 / q0 WHEN is_after THEN d1 ELSE 0 END AS sales_at_old,
    CASE WHEN is_before THEN d0 ELSE 0 END AS sales_old, CASE WHEN is_before THEN d0 - e0 ELSE 0 END AS margin_old,
    CASE WHEN is_after THEN 0 ELSE s1 - c1 END - CASE WHEN is_before THEN 0 ELSE s0 - c0 END AS other
  FROM parts),
sums AS (
  SELECT account_id, sum(s0) AS sales_before, sum(s1) AS sales_after, sum(s0 - c0) AS margin_before, sum(s1 - c1) AS margin_after,
    CAST(sum(CAST(round(price, 4) AS DECIMAL(38,4))) AS DECIMAL(38,4)) AS price_effect,
    CAST(sum(CAST(round(cost, 4) AS DECIMAL(38,4))) AS DECIMAL(38,4)) AS cost_effect,
    sum(CAST(round(sales_at_old, 4) AS DECIMAL(38,4))) AS sales_at_old, sum(CAST(round(sales_old, 4) AS DECIMAL(38,4))) AS sales_old,
    sum(CAST(round(margin_old, 4) AS DECIMAL(38,4))) AS margin_old, sum(other) AS other_effect
  FROM effects GROUP BY account_id),
volumes AS (
  SELECT *, CAST(round(CAST(margin_old AS DOUBLE) * (CAST(sales_at_old AS DOUBLE) / CAST(sales_old AS DOUBLE) - 1), 4)
    AS DECIMAL(38,4)) AS volume_effect
  FROM sums WHERE sales_old > 0 AND sales_at_old > 0)
SELECT account_id, sales_before, sales_after, margin_before, margin_after, price_effect, cost_effect, volume_effect, other_effect,
  margin_after - margin_before - price_effect - cost_effect - volume_effect - other_effect AS mix_effect
FROM volumes ORDER BY account_id
