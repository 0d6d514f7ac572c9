-- Lines with what is given back for them: for a line itself, and for its order on the first of its lines.
SELECT * EXCLUDE (back, above, nth),
  CAST(CASE WHEN refund <> 0 THEN least(abs(refund), greatest(net_sales, 0)) ELSE 0 END
    + CASE WHEN nth = 1 AND back > 0 THEN least(back, above) ELSE 0 END AS DECIMAL(18,4)) AS given_back
FROM (
  SELECT *, max(abs(order_refund)) OVER of_order AS back, sum(greatest(net_sales, 0)) OVER of_order AS above,
    row_number() OVER (of_order ORDER BY place) AS nth
  FROM lines_reduced
  WINDOW of_order AS (PARTITION BY part_no, coalesce(order_id, 'row ' || place), ordered_on, customer_id))
