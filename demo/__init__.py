"""The sample site and the local servers that show Tollwatch at work, on loopback only."""
