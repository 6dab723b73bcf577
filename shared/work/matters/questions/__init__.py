"""What is known of matters: tables, handlers and questions.

May import the rules and `shared/projections`. To add a question: a function here; a table: a Projection in the catalogue.
"""
