"""The index that ties the pages together: ``python -m kam_analysis.site`` writes it."""
