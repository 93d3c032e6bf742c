-- Times are microseconds since 1970 in UTC. Documents are JSON, kept byte by byte; a column stands beside them only where a query or an index
-- needs it. {p} is the schema and the table prefix, {i} the prefix of indexes. Texts are compared byte by byte.

CREATE TABLE {p}meta (
  name  text COLLATE "C" PRIMARY KEY,
  value bigint NOT NULL
);

CREATE TABLE {p}ids (
  name text COLLATE "C" PRIMARY KEY,
  next bigint NOT NULL
);

-- box: 0 inbox, 1 archive, 2 spam, 3 any other folder, 4 deleted, 5 merged. Each list walks one index from one end.
CREATE TABLE {p}tickets (
  id            bigint PRIMARY KEY,
  box           smallint NOT NULL,
  folder        text COLLATE "C" NOT NULL,
  class         text COLLATE "C" NOT NULL,
  status        text COLLATE "C" NOT NULL,
  department    text COLLATE "C" NOT NULL,
  brand         text COLLATE "C" NOT NULL,
  priority      text COLLATE "C" NOT NULL,
  channel       text COLLATE "C" NOT NULL,
  assignee      text COLLATE "C" NOT NULL,
  requester     text COLLATE "C" NOT NULL,
  email         text COLLATE "C" NOT NULL,
  organisation  text COLLATE "C" NOT NULL,
  service       text COLLATE "C" NOT NULL,
  external      text COLLATE "C" NOT NULL,
  unread        smallint NOT NULL,
  unread_client smallint NOT NULL,
  created       bigint NOT NULL,
  updated       bigint NOT NULL,
  replied       bigint NOT NULL,
  doc           text COLLATE "C" NOT NULL
);

-- The columns that a list goes by, its time and the id. Each of its walks has an order that only one index has: what is walked of a box and a
-- column must not be walked of the box alone, and so that index is of something that is not the box itself.
CREATE INDEX {i}tickets_updated ON {p}tickets ((box + 0), updated, id);
CREATE INDEX {i}tickets_created ON {p}tickets (box, created, id);
CREATE INDEX {i}tickets_replied ON {p}tickets (box, replied, id);
CREATE INDEX {i}tickets_class ON {p}tickets (box, class, updated, id);
CREATE INDEX {i}tickets_status ON {p}tickets (box, status, updated, id);
CREATE INDEX {i}tickets_department ON {p}tickets (box, department, updated, id);
CREATE INDEX {i}tickets_brand ON {p}tickets (box, brand, updated, id);
CREATE INDEX {i}tickets_priority ON {p}tickets (box, priority, updated, id);
CREATE INDEX {i}tickets_assignee ON {p}tickets (box, assignee, updated, id);
CREATE INDEX {i}tickets_requester ON {p}tickets (requester, updated, id) WHERE requester <> '';
CREATE INDEX {i}tickets_email ON {p}tickets (email, updated, id) WHERE email <> '';
CREATE INDEX {i}tickets_organisation ON {p}tickets (organisation, updated, id) WHERE organisation <> '';
CREATE INDEX {i}tickets_service ON {p}tickets (service, updated, id) WHERE service <> '';
CREATE INDEX {i}tickets_external ON {p}tickets (external, id) WHERE external <> '';

-- What a ticket has several of. kind: 1 tag, 2 participant's address, 3 watcher, 4 related object, 5 key of a custom field.
CREATE TABLE {p}facets (
  kind    smallint NOT NULL,
  value   text COLLATE "C" NOT NULL,
  updated bigint NOT NULL,
  ticket  bigint NOT NULL,
  PRIMARY KEY (kind, value, updated, ticket)
);

CREATE TABLE {p}field_values (
  ticket bigint NOT NULL,
  field  text COLLATE "C" NOT NULL,
  value  text COLLATE "C" NOT NULL,
  PRIMARY KEY (ticket, field)
);
CREATE INDEX {i}field_values_order ON {p}field_values (field, value, ticket);

CREATE TABLE {p}messages (
  id     bigint PRIMARY KEY,
  ticket bigint NOT NULL,
  seq    bigint NOT NULL,
  kind   text COLLATE "C" NOT NULL,
  body   text COLLATE "C" NOT NULL,
  html   text COLLATE "C" NOT NULL,
  doc    text COLLATE "C" NOT NULL
);
CREATE INDEX {i}messages_ticket ON {p}messages (ticket, seq, id);

CREATE TABLE {p}events (
  id     bigint PRIMARY KEY,
  ticket bigint NOT NULL,
  seq    bigint NOT NULL,
  at     bigint NOT NULL,
  type   text COLLATE "C" NOT NULL,
  doc    text COLLATE "C" NOT NULL
);
CREATE INDEX {i}events_ticket ON {p}events (ticket, seq, id);
CREATE INDEX {i}events_at ON {p}events (at, id);

-- state: 0 pending, 1 leased, 2 done, 3 dead. order_key is NULL for work in no lane. ready: 1 for pending work that no lane is known to hold;
-- parked: the lane that work waits for, which makes it ready when it moves.
CREATE TABLE {p}work (
  id           bigint PRIMARY KEY,
  kind         text COLLATE "C" NOT NULL,
  name         text COLLATE "C" NOT NULL,
  order_key    text COLLATE "C",
  seq          bigint NOT NULL,
  hold_on_dead smallint NOT NULL,
  after_key    text COLLATE "C" NOT NULL,
  due          bigint NOT NULL,
  state        smallint NOT NULL,
  epoch        bigint NOT NULL,
  attempt      bigint NOT NULL,
  leased_to    bigint NOT NULL,
  effect       smallint NOT NULL,
  event        bigint NOT NULL,
  ticket       bigint NOT NULL,
  error        text COLLATE "C" NOT NULL,
  created      bigint NOT NULL,
  finished     bigint NOT NULL,
  doc          text COLLATE "C",
  ready        smallint NOT NULL,
  parked       text COLLATE "C"
);
CREATE UNIQUE INDEX {i}work_lane ON {p}work (order_key, seq, name);
CREATE INDEX {i}work_open ON {p}work (order_key, seq, id, state) WHERE state <> 2 AND order_key IS NOT NULL;
CREATE INDEX {i}work_ready ON {p}work (kind, name, due, id) WHERE ready = 1;
CREATE INDEX {i}work_parked ON {p}work (parked, seq) WHERE parked IS NOT NULL;
CREATE INDEX {i}work_leased ON {p}work (leased_to) WHERE state = 1;
CREATE INDEX {i}work_done ON {p}work (kind, finished, id) WHERE state = 2;
CREATE INDEX {i}work_kind ON {p}work (kind, id) WHERE state <> 2;

CREATE TABLE {p}records (
  kind    text COLLATE "C" NOT NULL,
  name    text COLLATE "C" NOT NULL,
  parent  text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  doc     text COLLATE "C",
  PRIMARY KEY (kind, name)
);
CREATE INDEX {i}records_parent ON {p}records (kind, parent, name) WHERE parent <> '';

CREATE TABLE {p}keys (
  kind   text COLLATE "C" NOT NULL,
  name   text COLLATE "C" NOT NULL,
  holder bigint NOT NULL,
  PRIMARY KEY (kind, name)
);

CREATE TABLE {p}links (
  kind   text COLLATE "C" NOT NULL,
  name   text COLLATE "C" NOT NULL,
  target bigint NOT NULL,
  PRIMARY KEY (kind, name, target)
);

-- data is random or compressed as a rule: compressing it again is in vain.
CREATE TABLE {p}chunks (
  content text COLLATE "C" NOT NULL,
  n       bigint NOT NULL,
  data    bytea NOT NULL,
  PRIMARY KEY (content, n)
);
ALTER TABLE {p}chunks ALTER COLUMN data SET STORAGE EXTERNAL;

-- Numbers of live tickets (box below 4). kind: 0 by place, 1 by assignee, 2 by tag; name: the assignee or the tag. Writers add differences to
-- tally_changes, whose rows add up to those of tallies, and are summed up there later. id: a hash of what the number is of.
CREATE TABLE {p}tallies (
  id         text COLLATE "C" PRIMARY KEY,
  kind       smallint NOT NULL,
  name       text COLLATE "C" NOT NULL,
  folder     text COLLATE "C" NOT NULL,
  department text COLLATE "C" NOT NULL,
  brand      text COLLATE "C" NOT NULL,
  class      text COLLATE "C" NOT NULL,
  status     text COLLATE "C" NOT NULL,
  assigned   smallint NOT NULL,
  n          bigint NOT NULL,
  unread     bigint NOT NULL
);
CREATE INDEX {i}tallies_name ON {p}tallies (kind, name);

CREATE TABLE {p}tally_changes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind       smallint NOT NULL,
  name       text COLLATE "C" NOT NULL,
  folder     text COLLATE "C" NOT NULL,
  department text COLLATE "C" NOT NULL,
  brand      text COLLATE "C" NOT NULL,
  class      text COLLATE "C" NOT NULL,
  status     text COLLATE "C" NOT NULL,
  assigned   smallint NOT NULL,
  n          bigint NOT NULL,
  unread     bigint NOT NULL
);

-- Search. Tickets whose documents may be out of date: a mark is a number that no other mark of the ticket has.
CREATE TABLE {p}stale (
  ticket bigint PRIMARY KEY,
  mark   bigint NOT NULL,
  since  bigint NOT NULL
);

-- words: the tokens of the ticket that the document was made of, each behind a letter for its column: w who, c codes, s subject, p people, n notes,
-- b body; with places by column. updated and version are of that ticket.
CREATE TABLE {p}documents (
  ticket  bigint PRIMARY KEY,
  version bigint NOT NULL,
  updated bigint NOT NULL,
  words   tsvector NOT NULL
);
CREATE INDEX {i}documents_updated ON {p}documents (updated, ticket);
CREATE INDEX {i}documents_words ON {p}documents USING gin (words) WITH (gin_pending_list_limit = 1024);
