"""What stays of a training: run folders, metrics, weights, checkpoints."""
