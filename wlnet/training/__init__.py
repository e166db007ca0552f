"""Training: data, losses, optimizers, and NetTrain itself."""
