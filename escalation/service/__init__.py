"""What can be done with a ticket, one file per verb."""
