"""The subcommands of ``ipstation``: one short file each."""
