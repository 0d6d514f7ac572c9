-- Largest customer, base and n of every value of one unit column ("company": all lines) in the twelve windows of $window
-- months that end with $last_month and each of the eleven months before it (months_ago 0 to 11); one pass over the lines.
WITH lines AS (
  SELECT *, '' AS company, date_diff('month', ordered_on, CAST($last_month AS DATE)) AS age
  FROM order_lines
  WHERE customer_id IS NOT NULL AND ordered_on >= CAST($from_on AS DATE) AND ordered_on < CAST($to_on AS DATE)),
windows AS (
  SELECT {unit} AS unit, customer_id, unnest(range(12)) AS months_ago, unnest([
    sum(net_sales) FILTER (WHERE age < $window),
    sum(net_sales) FILTER (WHERE age >= 1 AND age < 1 + $window),
    sum(net_sales) FILTER (WHERE age >= 2 AND age < 2 + $window),
    sum(net_sales) FILTER (WHERE age >= 3 AND age < 3 + $window),
    sum(net_sales) FILTER (WHERE age >= 4 AND age < 4 + $window),
    sum(net_sales) FILTER (WHERE age >= 5 AND age < 5 + $window),
    sum(net_sales) FILTER (WHERE age >= 6 AND age < 6 + $window),
    sum(net_sales) FILTER (WHERE age >= 7 AND age < 7 + $window),
    sum(net_sales) FILTER (WHERE age >= 8 AND age < 8 + $window),
    sum(net_sales) FILTER (WHERE age >= 9 AND age < 9 + $window),
    sum(net_sales) FILTER (WHERE age >= 10 AND age < 10 + $window),
    sum(net_sales) FILTER (WHERE age >= 11 AND age < 11 + $window)]) AS net_sales
  FROM lines WHERE {unit} IS NOT NULL GROUP BY {unit}, customer_id)
SELECT unit, months_ago, CAST(count(*) AS BIGINT) AS n, CAST(max(net_sales) AS DECIMAL(38,4)) AS largest,
  CAST(sum(net_sales) AS DECIMAL(38,4)) AS net_sales
FROM windows WHERE net_sales > 0
GROUP BY unit, months_ago
ORDER BY unit, months_ago
