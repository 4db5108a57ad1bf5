-- Portable on purpose: TEXT identifiers, BIGINT milliseconds of universal time, no database functions, so that another
-- SQL database can hold the same tables.

CREATE TABLE document (
    id TEXT NOT NULL PRIMARY KEY,
    deposit TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    name TEXT NOT NULL,
    bank TEXT NOT NULL,                 -- '' when the folder did not tell
    received BIGINT NOT NULL,
    refusal TEXT,                       -- finding code: never opened (link, device, …)
    repeat_of TEXT,                     -- first document with the same bytes from the same bank
    state TEXT NOT NULL CHECK (state IN ('received', 'examined', 'quarantined', 'erased')),
    reading TEXT,
    dossier TEXT
);
CREATE INDEX document_bytes ON document (sha256, bank);
CREATE INDEX document_deposit ON document (deposit);
CREATE INDEX document_dossier ON document (dossier);

CREATE TABLE dossier (
    reference TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    bank TEXT NOT NULL,
    step TEXT NOT NULL,
    opened BIGINT NOT NULL,
    since BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX dossier_step ON dossier (step, since);

-- Identifiers by which a later document finds its dossier.
CREATE TABLE mark (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    dossier TEXT NOT NULL,
    PRIMARY KEY (name, value, dossier)
);
CREATE INDEX mark_dossier ON mark (dossier);

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE declaration (
    file_type TEXT NOT NULL,
    bank_code TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    dossier TEXT NOT NULL,
    outbox TEXT NOT NULL,               -- folder under the outbox: 'monetique' or a bank's
    content TEXT NOT NULL,              -- what is declared, before it is laid out
    bytes BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'new', 'staged', 'published', 'recalled')),
    decided BIGINT NOT NULL,
    published BIGINT,
    PRIMARY KEY (file_type, bank_code, sequence)
);
CREATE INDEX declaration_dossier ON declaration (dossier);

-- Files published beside a declaration.
CREATE TABLE companion (
    declaration TEXT NOT NULL,
    suffix TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (declaration, suffix)
);

CREATE TABLE letter (
    message_id TEXT NOT NULL PRIMARY KEY,
    dossier TEXT NOT NULL,
    subject TEXT NOT NULL,
    recipients TEXT NOT NULL,
    message BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'sent', 'refused')),
    written BIGINT NOT NULL,
    sent BIGINT
);
CREATE INDEX letter_dossier ON letter (dossier);

CREATE TABLE answer (
    id TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    folder TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'left', 'removed')),
    written BIGINT NOT NULL
);
CREATE INDEX answer_document ON answer (document);

CREATE TABLE answer_file (
    answer TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (answer, name)
);

-- What is to be done, each once. A loan is a due time in the future and a number that the borrower must show.
CREATE TABLE errand (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'done', 'parked')),
    due BIGINT NOT NULL,
    give_up BIGINT NOT NULL,
    failures BIGINT NOT NULL,           -- ended with a setback
    loans BIGINT NOT NULL,              -- lent since the last report: more than a few means it kills its borrower
    lent BIGINT NOT NULL,               -- 0 or 1
    loan BIGINT NOT NULL,
    last_error TEXT,
    UNIQUE (kind, subject)
);
CREATE INDEX errand_due ON errand (kind, due, id) WHERE state = 'live' AND lent = 0;
CREATE INDEX errand_lent ON errand (kind, due, id) WHERE state = 'live' AND lent = 1;
CREATE INDEX errand_parked ON errand (id) WHERE state = 'parked';
CREATE INDEX errand_done ON errand (due) WHERE state = 'done';

-- Append only; each row holds the hash of the one before and of its own content.
CREATE TABLE journal (
    number BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    event TEXT NOT NULL,
    dossier TEXT NOT NULL,
    document TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX journal_dossier ON journal (dossier, number);
