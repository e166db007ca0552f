"""The layers: one file a family, one class a layer. No array library is imported here; arithmetic arrives as `xp`."""
