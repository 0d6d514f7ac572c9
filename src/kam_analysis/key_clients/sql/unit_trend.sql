-- Largest account, base and n of every value of one unit column of window_sums in each of its windows (months_ago 0 to 12).
WITH windows AS (
  SELECT {unit} AS unit, account_id, unnest(range(13)) AS months_ago,
    unnest([sum(w0), sum(w1), sum(w2), sum(w3), sum(w4), sum(w5), sum(w6), sum(w7), sum(w8), sum(w9), sum(w10),
      sum(w11), sum(w12)]) AS net_sales
  FROM window_sums WHERE {unit} IS NOT NULL GROUP BY {unit}, account_id)
SELECT unit, months_ago, CAST(count(*) AS BIGINT) AS n, CAST(max(net_sales) AS DECIMAL(38,4)) AS largest,
  CAST(sum(net_sales) AS DECIMAL(38,4)) AS net_sales
FROM windows WHERE net_sales > 0
GROUP BY unit, months_ago
ORDER BY unit, months_ago
