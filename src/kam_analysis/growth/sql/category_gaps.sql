-- Account and category that it buys nothing or much less of than its like: the median share of the others of its group, and the money.
WITH used AS (
  SELECT DISTINCT likeness, like_key FROM account_groups WHERE is_chosen),
grid AS (
  SELECT likeness, like_key, groups.account_id, category, coalesce(bought.share, 0) AS share
  FROM account_groups AS groups JOIN used USING (likeness, like_key)
  CROSS JOIN (SELECT DISTINCT category FROM account_categories) AS categories
  LEFT JOIN account_categories AS bought USING (account_id, category)),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY likeness, like_key, category ORDER BY share, account_id) AS place FROM grid),
sorted AS (
  SELECT likeness, like_key, category, list(share ORDER BY place) AS shares, round(avg(share), 9) AS mean_share,
    count(*) FILTER (WHERE share > 0) AS buyers
  FROM placed GROUP BY likeness, like_key, category),
compared AS (
  SELECT placed.account_id, category, placed.share, likeness, likes, mean_share, buyers - CAST(placed.share > 0 AS BIGINT) AS buyers,
    (likes + 1) // 2 AS low_place, likes // 2 + 1 AS high_place, placed.place AS own_place, shares
  FROM placed JOIN account_groups USING (likeness, like_key, account_id) JOIN sorted USING (likeness, like_key, category)
  WHERE is_chosen),
told AS (
  SELECT account_id, category, share, likeness, likes, buyers,
    (shares[low_place + CAST(low_place >= own_place AS BIGINT)] + shares[high_place + CAST(high_place >= own_place AS BIGINT)]) / 2
      AS like_share,
    round(sum(least(share, mean_share)) OVER (PARTITION BY account_id), 6) AS overlap
  FROM compared),
wholes AS (
  SELECT account_id, max(whole) AS whole FROM account_categories GROUP BY account_id)
SELECT account_id, category, coalesce(net_sales, 0) AS net_sales, last_on, told.share, likeness, likes AS peers, buyers, like_share AS peer_share, overlap,
  (like_share - told.share) * CAST(wholes.whole AS DOUBLE) AS gap
FROM told JOIN wholes USING (account_id) LEFT JOIN account_categories USING (account_id, category)
WHERE like_share > 0 AND told.share < $under_share * like_share
ORDER BY account_id, category
