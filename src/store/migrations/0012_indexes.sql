-- Looks of the daemon and lists for people that would else pass over every errand ever done, or over the bytes of dossiers. An index on
-- `lent = 0` serves no statement that binds `lent`.
DROP INDEX errand_due;
CREATE INDEX errand_open ON errand (state, kind, due, id) WHERE state <> 'done';
CREATE INDEX dossier_latest ON dossier (since DESC, reference DESC, bank, step);
-- Whether a smaller number is still to go.
CREATE INDEX declaration_open ON declaration (file_type, bank_code, sequence) WHERE state IN ('new', 'staged');
