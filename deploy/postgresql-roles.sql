-- What the portal may do in PostgreSQL: run by the owner of the tables, once and after each `tipportal db upgrade`:
--   psql -v ON_ERROR_STOP=1 -v app=tipportal -f deploy/postgresql-roles.sql DATABASE
-- The role `app` serves both faces, tick and the command line; it owns nothing, so it can neither change a table nor
-- take a trigger away. The handling log and its checkpoints it can read and add to, and no more.
BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, :"app";
REVOKE CREATE ON SCHEMA public FROM PUBLIC, :"app";
GRANT USAGE ON SCHEMA public TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
REVOKE UPDATE, DELETE ON
  log_entries, log_nodes, checkpoints, checkpoint_mailings, checkpoint_acknowledgements,
  directory_roots, directory_snapshots, publications, publication_files
  FROM :"app";
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM :"app";
COMMIT;
