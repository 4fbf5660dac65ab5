"""From result folders to what people read: pages, pictures, summaries for machines that run tests."""
