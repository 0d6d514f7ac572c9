-- Net sales, margin and the net sales it is of, per account with a dossier and month, [from_on, until).
SELECT account_id, CAST(date_trunc('month', ordered_on) AS DATE) AS month, CAST(sum(net_sales) AS DOUBLE) AS net_sales,
  CAST(sum(net_sales - cost) AS DOUBLE) AS margin,
  CAST(coalesce(sum(net_sales) FILTER (WHERE cost IS NOT NULL), 0) AS DOUBLE) AS margin_base
FROM order_lines JOIN account_customers USING (customer_id)
WHERE ordered_on >= CAST($from_on AS DATE) AND ordered_on < CAST($until AS DATE)
GROUP BY account_id, month ORDER BY account_id, month
