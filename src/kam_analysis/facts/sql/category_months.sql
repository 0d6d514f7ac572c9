-- How many categories a customer bought in each calendar month.
SELECT customer_id, CAST(date_trunc('month', ordered_on) AS DATE) AS month, count(DISTINCT category) AS categories
FROM order_lines
WHERE customer_id IS NOT NULL AND category IS NOT NULL AND NOT is_service AND net_sales > 0
  AND ordered_on < CAST($as_of AS DATE)
GROUP BY ALL
ORDER BY customer_id, month
