"""The subcommands of ``ipstation``: one short file each.

Each offers ``add_commands(commands)``: its parsers, with ``run(config, arguments)`` giving the
exit code.
"""
