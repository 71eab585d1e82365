"""
All SQL of the house.

Functions take a transaction (`Tx`), never commit, and return model types.
`database` opens, `tables` and `migrations` say what there is; then one file
per room that asks: `archives`, `entries`, `editions`, `outbox`, `audience`,
`runs`; `reports` reads across them for pages and commands.
"""
