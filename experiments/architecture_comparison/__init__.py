"""Track `architecture_comparison`: networks trained from scratch under one stated recipe."""
