"""The node: from what a source says to the summaries that leave."""
