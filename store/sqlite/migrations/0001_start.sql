-- Times are microseconds since 1970 in UTC. Documents are JSON; a column stands beside them only where a query or an index needs it.
-- {p} is the table prefix.

CREATE TABLE {p}meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE {p}ids (
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) WITHOUT ROWID;

-- box: 0 inbox, 1 archive, 2 spam, 3 any other folder, 4 deleted. Each list walks one index from one end.
CREATE TABLE {p}tickets (
  id           INTEGER PRIMARY KEY,
  box          INTEGER NOT NULL,
  folder       TEXT NOT NULL,
  class        TEXT NOT NULL,
  status       TEXT NOT NULL,
  department   TEXT NOT NULL,
  brand        TEXT NOT NULL,
  priority     TEXT NOT NULL,
  channel      TEXT NOT NULL,
  assignee     TEXT NOT NULL,
  requester    TEXT NOT NULL,
  email        TEXT NOT NULL,
  organisation TEXT NOT NULL,
  service      TEXT NOT NULL,
  external     TEXT NOT NULL,
  unread       INTEGER NOT NULL,
  created      INTEGER NOT NULL,
  updated      INTEGER NOT NULL,
  doc          TEXT NOT NULL
);
CREATE INDEX {p}tickets_updated ON {p}tickets (box, updated);
CREATE INDEX {p}tickets_created ON {p}tickets (box, created);
CREATE INDEX {p}tickets_class ON {p}tickets (box, class, updated);
CREATE INDEX {p}tickets_status ON {p}tickets (box, status, updated);
CREATE INDEX {p}tickets_department ON {p}tickets (box, department, updated);
CREATE INDEX {p}tickets_assignee ON {p}tickets (box, assignee, updated);
CREATE INDEX {p}tickets_requester ON {p}tickets (requester, updated) WHERE requester <> '';
CREATE INDEX {p}tickets_email ON {p}tickets (email, updated) WHERE email <> '';
CREATE INDEX {p}tickets_organisation ON {p}tickets (organisation, updated) WHERE organisation <> '';
CREATE INDEX {p}tickets_service ON {p}tickets (service, updated) WHERE service <> '';
CREATE INDEX {p}tickets_external ON {p}tickets (external) WHERE external <> '';

-- What a ticket has several of. kind: 1 tag, 2 participant's address, 3 watcher, 4 related object.
CREATE TABLE {p}facets (
  kind    INTEGER NOT NULL,
  value   TEXT NOT NULL,
  updated INTEGER NOT NULL,
  ticket  INTEGER NOT NULL,
  PRIMARY KEY (kind, value, updated, ticket)
) WITHOUT ROWID;

CREATE TABLE {p}messages (
  id     INTEGER PRIMARY KEY,
  ticket INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  kind   TEXT NOT NULL,
  body   TEXT NOT NULL,
  html   TEXT NOT NULL,
  doc    TEXT NOT NULL
);
CREATE INDEX {p}messages_ticket ON {p}messages (ticket, seq);

CREATE TABLE {p}events (
  id     INTEGER PRIMARY KEY,
  ticket INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  type   TEXT NOT NULL,
  doc    TEXT NOT NULL
);
CREATE INDEX {p}events_ticket ON {p}events (ticket, seq) WHERE ticket <> 0;
CREATE INDEX {p}events_at ON {p}events (at);

-- state: 0 pending, 1 leased, 2 done, 3 dead. parked: the lane that pending work waits for; it is looked at again when that lane moves, and
-- until then it is not in the way of others.
CREATE TABLE {p}work (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL,
  name         TEXT NOT NULL,
  order_key    TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  hold_on_dead INTEGER NOT NULL,
  after        TEXT NOT NULL,
  due          INTEGER NOT NULL,
  state        INTEGER NOT NULL,
  epoch        INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  leased_to    INTEGER NOT NULL,
  effect       INTEGER NOT NULL,
  event        INTEGER NOT NULL,
  ticket       INTEGER NOT NULL,
  error        TEXT NOT NULL,
  created      INTEGER NOT NULL,
  finished     INTEGER NOT NULL,
  doc          TEXT,
  parked       TEXT NOT NULL
);
-- Finished work stands apart: a lane is as short as what is left to do in it.
CREATE UNIQUE INDEX {p}work_lane ON {p}work (order_key, seq, name) WHERE order_key <> '' AND state <> 2;
CREATE UNIQUE INDEX {p}work_once ON {p}work (order_key, seq, name) WHERE order_key <> '' AND state = 2;
CREATE INDEX {p}work_due ON {p}work (kind, name, due) WHERE state = 0 AND parked = '';
CREATE INDEX {p}work_parked ON {p}work (parked, seq) WHERE parked <> '';
CREATE INDEX {p}work_leased ON {p}work (leased_to) WHERE state = 1;
CREATE INDEX {p}work_done ON {p}work (kind, finished) WHERE state = 2;
CREATE INDEX {p}work_dead ON {p}work (kind) WHERE state = 3;

CREATE TABLE {p}records (
  id      INTEGER PRIMARY KEY,
  kind    TEXT NOT NULL,
  key     TEXT NOT NULL,
  parent  TEXT NOT NULL,
  version INTEGER NOT NULL,
  doc     TEXT
);
CREATE UNIQUE INDEX {p}records_key ON {p}records (kind, key);
CREATE INDEX {p}records_parent ON {p}records (kind, parent, key) WHERE parent <> '';

CREATE TABLE {p}keys (
  kind TEXT NOT NULL,
  key  TEXT NOT NULL,
  id   INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;

CREATE TABLE {p}links (
  kind TEXT NOT NULL,
  key  TEXT NOT NULL,
  id   INTEGER NOT NULL,
  PRIMARY KEY (kind, key, id)
) WITHOUT ROWID;

CREATE TABLE {p}chunks (
  id   INTEGER PRIMARY KEY,
  blob TEXT NOT NULL,
  n    INTEGER NOT NULL,
  data BLOB NOT NULL
);
CREATE UNIQUE INDEX {p}chunks_blob ON {p}chunks (blob, n);
