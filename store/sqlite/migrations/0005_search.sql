-- Search. Tickets whose documents may be out of date: a mark is a number that no other mark of the ticket has.
CREATE TABLE {p}stale (
  ticket INTEGER PRIMARY KEY,
  mark   INTEGER NOT NULL,
  since  INTEGER NOT NULL
);

-- doc is the rowid in the index, and stands for the time of the last change: what is newest is at the end. updated and version are of the
-- ticket that the document was made of, sum tells documents apart.
CREATE TABLE {p}documents (
  doc     INTEGER PRIMARY KEY,
  ticket  INTEGER NOT NULL,
  version INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  sum     INTEGER NOT NULL
);
CREATE UNIQUE INDEX {p}documents_ticket ON {p}documents (ticket);

-- The index keeps no texts, and gets tokens that are cut already: what is not ASCII belongs to them.
CREATE VIRTUAL TABLE {p}search USING fts5 (subject, codes, people, body, notes, who, content='', contentless_delete=1, prefix='3', tokenize='ascii');

-- Tickets that are there already have no documents: they are made from the newest ticket down to the first.
INSERT INTO {p}meta (key, value) SELECT 'search sweep', max(id) FROM {p}tickets HAVING max(id) > 0;
INSERT INTO {p}meta (key, value) SELECT 'search sweep since', CAST(unixepoch('subsec') * 1000000 AS INTEGER) FROM {p}meta WHERE key = 'search sweep';
