"""Parts of the retailer simulator; see harness.dev.simulate."""
