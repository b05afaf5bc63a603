"""Page -> article -> claims -> changes. Pure: no clock, network, file (but its own data, once) or log."""
