"""What is kept: tables, migrations, and the statements that SQLite and PostgreSQL share.

The only package that knows SQLAlchemy and Alembic. Engines are synchronous: `write_triples`
belongs on the recorder's thread, never on the loop that probes.
"""
