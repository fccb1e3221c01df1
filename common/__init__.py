"""What two tracks or more share."""
