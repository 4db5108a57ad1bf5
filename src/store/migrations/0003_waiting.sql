-- Declarations decided on that have not left: held for a second person, or waiting for the batch of the day. They have no number:
-- a number is taken by a file when it leaves, so that its receiver never sees a gap.
CREATE TABLE waiting (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,                 -- as people call it: DPR00008.D26-000123
    file_type TEXT NOT NULL,
    bank_code TEXT NOT NULL,
    dossier TEXT NOT NULL,
    outbox TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'batch', 'left', 'recalled')),
    decided BIGINT NOT NULL,
    file TEXT                           -- the file it left in
);
CREATE INDEX waiting_dossier ON waiting (dossier, state);
CREATE INDEX waiting_state ON waiting (state, file_type, bank_code);

-- Dossiers that a file declares: one, or all those of a batch.
CREATE TABLE declared (
    file TEXT NOT NULL,
    dossier TEXT NOT NULL,
    PRIMARY KEY (file, dossier)
);
CREATE INDEX declared_dossier ON declared (dossier);

INSERT INTO declared (file, dossier) SELECT name, dossier FROM declaration;
INSERT INTO waiting (id, name, file_type, bank_code, dossier, outbox, content, state, decided)
    SELECT name, file_type || '000' || bank_code || '.' || dossier, file_type, bank_code, dossier, outbox, content, 'held', decided
    FROM declaration WHERE state = 'held';
UPDATE declaration SET state = 'recalled' WHERE state = 'held';

-- A person's account may be closed, and waits longer after each wrong password.
ALTER TABLE account ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN failed BIGINT;

-- What people and acknowledgements prove an event with: kept with the other originals, by its hash.
CREATE TABLE proof (
    sha256 TEXT NOT NULL,
    dossier TEXT NOT NULL,
    kept BIGINT NOT NULL,
    PRIMARY KEY (sha256, dossier)
);
