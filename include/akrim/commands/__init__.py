"""The subcommands of `akrim`, one module each; `akrim.cli` puts them together."""
