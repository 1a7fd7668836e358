//! What a store in PostgreSQL says to the database.
//!
//! Part of [`super`].

/// The tables, and what a connection needs to know.
pub(super) const SCHEMA: &str = "
    SELECT pg_advisory_xact_lock(7166191);
    CREATE TABLE IF NOT EXISTS fsm_format (format bigint NOT NULL);
    INSERT INTO fsm_format SELECT 1 WHERE NOT EXISTS (SELECT FROM fsm_format);
    CREATE TABLE IF NOT EXISTS fsm_step (
        key bytea, sequence bigint, message bytea,
        PRIMARY KEY (key, sequence));
    CREATE TABLE IF NOT EXISTS fsm_machine (
        key bytea PRIMARY KEY, sequence bigint NOT NULL, wake bigint, ended bigint, row bytea NOT NULL);
    CREATE INDEX IF NOT EXISTS fsm_due ON fsm_machine (wake, key) WHERE wake IS NOT NULL;
    CREATE TABLE IF NOT EXISTS fsm_outbox (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key bytea NOT NULL, sequence bigint NOT NULL, bytes bytea NOT NULL);
    SET synchronous_commit = on;";

/// Everyone inserts in the order of keys, or two could wait for each other.
pub(super) const STEPS: &str = "
    INSERT INTO fsm_step
    SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bytea[]) AS step (key, sequence, message) ORDER BY key, sequence";

pub(super) const MACHINES: &str = "
    INSERT INTO fsm_machine
    SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])
    AS machine (key, sequence, wake, ended, row) ORDER BY key
    ON CONFLICT (key) DO UPDATE
    SET sequence = excluded.sequence, wake = excluded.wake, ended = excluded.ended, row = excluded.row
    WHERE fsm_machine.sequence < excluded.sequence";

/// Who emits messages waits for others that do, so that positions become visible in their order.
pub(super) const TURN: &str = "SELECT pg_advisory_xact_lock(7166192)";

pub(super) const SEND: &str = "
    INSERT INTO fsm_outbox (key, sequence, bytes)
    SELECT key, sequence, bytes FROM unnest($1::bytea[], $2::bigint[], $3::bytea[])
    WITH ORDINALITY AS message (key, sequence, bytes, place) ORDER BY place
    RETURNING position";

/// Of a machine's steps stay the last ones with an id, and one without.
pub(super) const PRUNE: &str = "
    DELETE FROM fsm_step USING (
        SELECT key, sequence, message,
            row_number() OVER (PARTITION BY key, message IS NULL ORDER BY sequence DESC) AS age
        FROM fsm_step WHERE key = ANY($2)) AS old
    WHERE fsm_step.key = old.key AND fsm_step.sequence = old.sequence
    AND old.age > CASE WHEN old.message IS NULL THEN 1 ELSE $1::bigint END";

pub(super) const FORGET: &str = "
    WITH old AS (DELETE FROM fsm_machine WHERE ended < $1 RETURNING key)
    DELETE FROM fsm_step USING old WHERE fsm_step.key = old.key";
