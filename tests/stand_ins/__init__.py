"""Stand-ins for what a test has not: devices, networks, servers, stages."""
