-- Lines without an item that hold the total of their order, whose other lines name their items; where most such lines do.
WITH heads AS (
  SELECT part_no, order_id, min(line_no) AS line, sum(net_sales) AS total
  FROM lines_shown WHERE item IS NULL AND sku IS NULL AND order_id IS NOT NULL AND net_sales <> 0
  GROUP BY part_no, order_id HAVING count(*) = 1),
found AS (
  SELECT line, abs(max(total) - sum(net_sales)) < 0.01 AS is_total
  FROM heads JOIN lines_shown USING (part_no, order_id) WHERE line_no <> line AND net_sales IS NOT NULL GROUP BY line)
SELECT line FROM found WHERE is_total AND (SELECT count(*) FILTER (WHERE is_total) >= greatest($fewest, $most * count(*)) FROM found)
