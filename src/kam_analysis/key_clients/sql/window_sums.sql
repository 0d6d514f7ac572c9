-- Net sales of every account and combination of unit columns ("company": all lines) in thirteen windows of $window months
-- that end with $last_month (w0) and each of the twelve months before it; one pass over the lines.
WITH lines AS (
  SELECT parent_id AS account_id, manager, department, country, region, channel, net_sales, '' AS company,
    date_diff('month', ordered_on, CAST($last_month AS DATE)) AS age
  FROM order_lines JOIN customer_accounts USING (customer_id)
  WHERE customer_id IS NOT NULL AND ordered_on >= CAST($from_on AS DATE) AND ordered_on < CAST($to_on AS DATE))
SELECT account_id, company, manager, department, country, region, channel,
  sum(net_sales) FILTER (WHERE age < $window) AS w0,
  sum(net_sales) FILTER (WHERE age >= 1 AND age < 1 + $window) AS w1,
  sum(net_sales) FILTER (WHERE age >= 2 AND age < 2 + $window) AS w2,
  sum(net_sales) FILTER (WHERE age >= 3 AND age < 3 + $window) AS w3,
  sum(net_sales) FILTER (WHERE age >= 4 AND age < 4 + $window) AS w4,
  sum(net_sales) FILTER (WHERE age >= 5 AND age < 5 + $window) AS w5,
  sum(net_sales) FILTER (WHERE age >= 6 AND age < 6 + $window) AS w6,
  sum(net_sales) FILTER (WHERE age >= 7 AND age < 7 + $window) AS w7,
  sum(net_sales) FILTER (WHERE age >= 8 AND age < 8 + $window) AS w8,
  sum(net_sales) FILTER (WHERE age >= 9 AND age < 9 + $window) AS w9,
  sum(net_sales) FILTER (WHERE age >= 10 AND age < 10 + $window) AS w10,
  sum(net_sales) FILTER (WHERE age >= 11 AND age < 11 + $window) AS w11,
  sum(net_sales) FILTER (WHERE age >= 12 AND age < 12 + $window) AS w12
FROM lines GROUP BY ALL
