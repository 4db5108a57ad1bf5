-- What became of a letter for each of its recipients; one without a row waits still.
CREATE TABLE recipient (
    letter TEXT NOT NULL,
    address TEXT NOT NULL,
    delivery TEXT NOT NULL CHECK (delivery IN ('queued', 'sent', 'refused', 'retrying', 'held')),
    detail TEXT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (letter, address)
);
