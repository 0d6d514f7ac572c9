"""What people read: texts and numbers in their language, pages, tables. It never computes a figure."""
