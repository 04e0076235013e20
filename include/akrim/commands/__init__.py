"""The subcommands of `akrim`, one module each; `akrim.cli` assembles them."""
