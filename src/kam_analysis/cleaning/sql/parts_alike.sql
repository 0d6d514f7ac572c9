-- Pairs of files or sheets that hold mostly the same lines where they hold the same orders, or the same days where no number
-- names the order; with the older of the two, whose days end first.
WITH counted AS (
  SELECT one, other, is_numbered, sale, alike, count(*) FILTER (WHERE part_no = one) AS of_one,
    count(*) FILTER (WHERE part_no = other) AS of_other
  FROM parts_overlapping JOIN lines_overlapping ON part_no IN (one, other) AND ordered_on BETWEEN first_on AND last_on
  GROUP BY ALL),
sales AS (
  SELECT one, other, is_numbered, sale, sum(of_one) AS of_one, sum(of_other) AS of_other,
    sum(least(of_one, of_other)) AS met
  FROM counted GROUP BY ALL),
shares AS (
  SELECT one, other, is_numbered, sum(met) AS met,
    least(sum(of_one) FILTER (WHERE of_other > 0), sum(of_other) FILTER (WHERE of_one > 0)) AS of_orders,
    least(sum(of_one), sum(of_other)) AS of_days
  FROM sales GROUP BY ALL)
SELECT one, other, is_numbered, first_on, last_on, CASE WHEN is_one_newer THEN other ELSE one END AS older
FROM shares JOIN parts_overlapping USING (one, other)
WHERE met >= $fewest AND met >= CASE WHEN is_numbered THEN $of_orders * of_orders ELSE $of_days * of_days END
