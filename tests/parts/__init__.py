"""Real parts for the tests: PostgreSQL, Apache Kafka, a browser. Never a stand-in for any of them."""
