"""What people read: texts and numbers in their language, drawings, pages, the index. It never computes a figure."""
