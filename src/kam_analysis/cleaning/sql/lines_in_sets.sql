-- Parts of sets whose money stands in the line of the set too.
WITH parts AS (
  SELECT line_no AS line, part_no, order_id, parent_line_id AS line_id FROM lines_shown
  WHERE regexp_matches(parent_line_id, '[^0]')),
sets AS (
  SELECT DISTINCT part_no, order_id, line_id FROM lines_shown SEMI JOIN parts USING (part_no, line_id)
  WHERE net_sales <> 0)
SELECT line FROM parts JOIN sets ON parts.part_no = sets.part_no AND parts.line_id = sets.line_id
  AND parts.order_id IS NOT DISTINCT FROM sets.order_id
