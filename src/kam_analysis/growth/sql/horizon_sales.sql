-- Net sales of every customer in the last days and in the 12 months before them.
SELECT customer_id,
  CAST(coalesce(sum(net_sales) FILTER (WHERE ordered_on >= CAST($start AS DATE)), 0) AS DECIMAL(38,4)) AS net_sales,
  CAST(coalesce(sum(net_sales) FILTER (WHERE ordered_on < CAST($start AS DATE)), 0) AS DECIMAL(38,4)) AS sales_before
FROM order_lines
WHERE customer_id IS NOT NULL AND ordered_on >= CAST($year_before AS DATE) AND ordered_on < CAST($as_of AS DATE)
GROUP BY customer_id
ORDER BY customer_id
