-- What each account paid in all for the items that can be compared, what the median prices would have come to, and its discount.
WITH discounts AS (
  SELECT account_id, CAST(sum(discount) AS DOUBLE) AS discount, CAST(sum(net_sales) AS DOUBLE) AS discounted_sales
  FROM order_lines JOIN account_of USING (customer_id)
  WHERE discount IS NOT NULL AND NOT is_service AND net_sales > 0
    AND ordered_on >= CAST($year_ago AS DATE) AND ordered_on < CAST($as_of AS DATE)
  GROUP BY account_id)
SELECT account_id, count(*) AS items, CAST(sum(sales) AS DOUBLE) AS compared_sales,
  CAST(sum(CAST(round(median_price * qty, 4) AS DECIMAL(38,4))) AS DOUBLE) AS median_sales,
  any_value(discount / nullif(discounted_sales + discount, 0)) AS discount_share
FROM item_prices LEFT JOIN discounts USING (account_id)
GROUP BY account_id
ORDER BY account_id
