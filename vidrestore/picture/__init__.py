"""What every stage that looks at pictures or faces stands on."""
