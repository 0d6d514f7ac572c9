"""Small curves: what stands in the colour of the subject, gaps, ends, hostile labels."""

import re

from kam_analysis.report.spark import spark_bars, spark_line


def _bars(drawn, css):
    found = re.search(rf'class="{css}" stroke-width="3.8" d="([^"]*)"', str(drawn))
    return re.findall(r"v-([\d.]+)", found[1]) if found else []


def test_the_last_twelve_months_stand_out_and_the_tallest_fills_the_height():
    drawn = spark_bars([float(number) for number in range(1, 31)], "Sales")
    assert len(_bars(drawn, "s-ctx")) == 12 and len(_bars(drawn, "s-main")) == 12
    assert _bars(drawn, "s-main")[-1] == "33.0"
    assert _bars(drawn, "s-ctx")[0] == f"{33 * 7 / 30:.1f}"


def test_a_short_history_ends_at_the_right_and_an_empty_month_is_a_gap():
    drawn = str(spark_bars([5.0, 0.0, -1.0, 10.0], "Sales"))
    assert _bars(drawn, "s-main") == ["16.5", "33.0"] and _bars(drawn, "s-ctx") == []
    assert "M102.5 34" in drawn and "M117.5 34" in drawn


def test_nothing_sold_draws_the_base_line_only():
    drawn = str(spark_bars([0.0, 0.0], "Sales"))
    assert drawn.count("<path") == 1 and 'class="s-ink"' in drawn


def test_a_line_skips_what_is_missing_and_ends_with_its_dot():
    drawn = str(spark_line([None, 0.2, None, 0.1], "Share"))
    assert drawn.count("<path") == 2
    assert "M3.0 4.0L115.0 30.0" in drawn and "M115.0 30.0h.01" in drawn


def test_a_level_line_does_not_divide_by_nothing():
    assert "L115.0 30.0" in str(spark_line([0.3, 0.3], "Share"))


def test_labels_are_escaped():
    for drawn in (spark_bars([1.0], '"><script>x</script>'), spark_line([1.0, 2.0], '"><script>x</script>')):
        assert "<script" not in str(drawn)
