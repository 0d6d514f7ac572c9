-- Net sales of the customer of each contract from its first day to its last, or to the last day analysed.
SELECT contract, CAST(coalesce(sum(net_sales), 0) AS DOUBLE) AS bought
FROM contract_days LEFT JOIN order_lines
  ON order_lines.customer_id = contract_days.customer_id AND ordered_on >= from_on AND ordered_on < until
GROUP BY contract ORDER BY contract
