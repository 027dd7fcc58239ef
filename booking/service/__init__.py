"""What can be done with bookings, one file per verb."""
