-- What every account with a dossier bought of each category in the last 12 months and the 12 before; last day with a line above 0.
SELECT account_id, category,
  CAST(coalesce(sum(net_sales) FILTER (WHERE ordered_on >= CAST($year_ago AS DATE)), 0) AS DOUBLE) AS net_sales_12m,
  CAST(coalesce(sum(net_sales) FILTER (WHERE ordered_on < CAST($year_ago AS DATE)), 0) AS DOUBLE) AS net_sales_before,
  max(ordered_on) FILTER (WHERE net_sales > 0) AS last_on,
  coalesce(bool_or(net_sales > 0 AND ordered_on >= CAST($year_ago AS DATE)), false) AS is_bought,
  coalesce(bool_or(net_sales > 0 AND ordered_on < CAST($year_ago AS DATE)), false) AS was_bought
FROM order_lines JOIN account_customers USING (customer_id)
WHERE category IS NOT NULL AND NOT is_service
  AND ordered_on >= CAST($two_years_ago AS DATE) AND ordered_on < CAST($as_of AS DATE)
GROUP BY account_id, category HAVING max(ordered_on) FILTER (WHERE net_sales > 0) IS NOT NULL
ORDER BY account_id, category
