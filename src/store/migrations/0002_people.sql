-- People who work with guichet. `name` is folded, so that one person has one row; passwords are hashes.
CREATE TABLE account (
    name TEXT NOT NULL PRIMARY KEY,
    shown TEXT NOT NULL,
    roles TEXT NOT NULL,
    password TEXT NOT NULL
);
