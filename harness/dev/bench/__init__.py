"""What things cost, as ratios against other ways of doing them. A bench is never a timed test."""
