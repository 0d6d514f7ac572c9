-- The first reason that holds; NULL keeps the line. A row that stands a times in one file and b times in another stays max(a, b) times.
SELECT line_no AS line, ordered_on, CASE
    WHEN is_hidden THEN 'hidden_row'
    WHEN part_rank > 1 THEN 'repeated_across_files'
    WHEN line_no IN (SELECT line FROM lines_older) THEN 'same_sale'
    WHEN copy_no > 1 AND $drop_duplicates THEN 'exact_duplicate'
    WHEN is_head THEN 'totals_row'
    WHEN $drop_totals AND ordered_on IS NULL AND is_head IS NULL AND regexp_matches(
      concat_ws(chr(10), date_text, customer_id, customer_name, order_id, sku, item), $totals) THEN 'totals_row'
    WHEN $drop_totals AND line_no IN (SELECT line FROM totals_lines) THEN 'totals_row'
    WHEN $drop_totals AND line_no IN (SELECT line FROM lines_of_heads) THEN 'totals_row'
    WHEN ordered_on IS NULL AND NOT has_money_text AND net_sales IS NULL THEN 'no_line'
    WHEN date_text IS NULL THEN 'no_date'
    WHEN ordered_on IS NULL THEN 'unreadable_date'
    WHEN is_number_unreadable THEN 'unreadable_number'
    WHEN net_sales IS NULL AND NOT has_money_text THEN 'no_amount'
    WHEN net_sales IS NULL THEN 'unreadable_number'
    WHEN line_no IN (SELECT line FROM lines_in_sets) THEN 'part_of_set'
    WHEN is_test THEN 'test_line'
    WHEN line_no IN (SELECT line FROM lines_cancelled) THEN 'cancelled_order'
    WHEN is_no_sale OR (status IS NULL AND (part_no, order_id) IN (
      SELECT (part_no, order_id) FROM lines_read WHERE is_no_sale AND order_id IS NOT NULL)) THEN 'no_sale'
    WHEN is_service AND $drop_services THEN 'service_line'
    WHEN ordered_on < CAST($first_day AS DATE) OR ordered_on > CAST($last_day AS DATE) THEN 'far_date'
    WHEN ordered_on < CAST($lines_from AS DATE) THEN 'before_window'
    WHEN ordered_on >= CAST($as_of AS DATE) THEN 'after_as_of'
  END AS reason
FROM lines_read LEFT JOIN lines_counted ON line_no = line
