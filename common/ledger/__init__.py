"""The ledger: why each job ran or didn't, what a run will take, and how two trees of results differ."""
