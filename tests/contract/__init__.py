"""What two sides must agree on."""
