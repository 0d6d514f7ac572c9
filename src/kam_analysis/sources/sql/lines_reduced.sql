-- Lines less their share of the order's discount, which stands on one of its lines or alike on all.
WITH lines AS (
  SELECT *, max(abs(order_discount)) OVER of_order AS less,
    sum(net_sales) FILTER (WHERE net_sales > 0) OVER of_order AS above,
    sum(net_sales) FILTER (WHERE net_sales > 0) OVER (of_order ORDER BY place ROWS UNBOUNDED PRECEDING) AS upto
  FROM lines_beside
  WINDOW of_order AS (PARTITION BY part_no, coalesce(order_id, 'row ' || place), ordered_on, customer_id)),
shares AS (
  SELECT *, CASE WHEN net_sales > 0 AND less > 0 THEN CAST(
      round(CAST(least(less, above) AS DOUBLE) * CAST(upto AS DOUBLE) / CAST(above AS DOUBLE), 4)
      - round(CAST(least(less, above) AS DOUBLE) * CAST(upto - net_sales AS DOUBLE) / CAST(above AS DOUBLE), 4) AS DECIMAL(18,4)) END AS share
  FROM lines)
SELECT * EXCLUDE (less, above, upto, share)
  REPLACE (CAST(net_sales - coalesce(share, 0) AS DECIMAL(18,4)) AS net_sales,
    CAST(coalesce(discount + share, discount, share) AS DECIMAL(18,4)) AS discount)
FROM shares
