"""Running any network: devices, precisions, batches, streams, and whether it computes aright."""
