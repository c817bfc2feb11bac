"""What tests and benchmarks set up and count: small courses, kills, damaged inputs."""
