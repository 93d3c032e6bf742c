-- Times are microseconds since 1970 in UTC. Documents are JSON, kept byte by byte; a column stands beside them only where a query or an index
-- needs it. {p} is the database and the table prefix. What is compared is VARBINARY: byte by byte, and with its blanks. A statement that has run
-- already is no error when it runs again, for the server commits each by itself.

CREATE TABLE IF NOT EXISTS {p}meta (
  name  VARBINARY(64) NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS {p}ids (
  name VARBINARY(1024) NOT NULL PRIMARY KEY,
  next BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- box: 0 inbox, 1 archive, 2 spam, 3 any other folder, 4 deleted, 5 merged. The indexes are the columns that a list goes by, its time and the
-- id: each of its walks is in the order of one of them.
CREATE TABLE IF NOT EXISTS {p}tickets (
  id            BIGINT NOT NULL PRIMARY KEY,
  box           TINYINT NOT NULL,
  folder        VARBINARY(255) NOT NULL,
  class         VARBINARY(255) NOT NULL,
  status        VARBINARY(255) NOT NULL,
  department    VARBINARY(255) NOT NULL,
  brand         VARBINARY(255) NOT NULL,
  priority      VARBINARY(255) NOT NULL,
  channel       VARBINARY(255) NOT NULL,
  assignee      VARBINARY(1024) NOT NULL,
  requester     VARBINARY(1024) NOT NULL,
  email         VARBINARY(1024) NOT NULL,
  organisation  VARBINARY(1024) NOT NULL,
  service       VARBINARY(1024) NOT NULL,
  external      VARBINARY(1024) NOT NULL,
  unread        TINYINT NOT NULL,
  unread_client TINYINT NOT NULL,
  created       BIGINT NOT NULL,
  updated       BIGINT NOT NULL,
  replied       BIGINT NOT NULL,
  doc           LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  KEY {i}tickets_updated (box, updated, id),
  KEY {i}tickets_created (box, created, id),
  KEY {i}tickets_replied (box, replied, id),
  KEY {i}tickets_class (box, class, updated, id),
  KEY {i}tickets_status (box, status, updated, id),
  KEY {i}tickets_department (box, department, updated, id),
  KEY {i}tickets_brand (box, brand, updated, id),
  KEY {i}tickets_priority (box, priority, updated, id),
  KEY {i}tickets_assignee (box, assignee, updated, id),
  KEY {i}tickets_requester (requester, updated, id),
  KEY {i}tickets_email (email, updated, id),
  KEY {i}tickets_organisation (organisation, updated, id),
  KEY {i}tickets_service (service, updated, id),
  KEY {i}tickets_external (external, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- What a ticket has several of. kind: 1 tag, 2 participant's address, 3 watcher, 4 related object, 5 key of a custom field.
CREATE TABLE IF NOT EXISTS {p}facets (
  kind    TINYINT NOT NULL,
  value   VARBINARY(2048) NOT NULL,
  updated BIGINT NOT NULL,
  ticket  BIGINT NOT NULL,
  PRIMARY KEY (kind, value, updated, ticket)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS {p}field_values (
  ticket BIGINT NOT NULL,
  field  VARBINARY(1024) NOT NULL,
  value  VARBINARY(1024) NOT NULL,
  PRIMARY KEY (ticket, field),
  KEY {i}field_values_order (field, value, ticket)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS {p}messages (
  id     BIGINT NOT NULL PRIMARY KEY,
  ticket BIGINT NOT NULL,
  seq    BIGINT NOT NULL,
  kind   VARBINARY(64) NOT NULL,
  body   LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  html   LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  doc    LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  KEY {i}messages_ticket (ticket, seq, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS {p}events (
  id     BIGINT NOT NULL PRIMARY KEY,
  ticket BIGINT NOT NULL,
  seq    BIGINT NOT NULL,
  at     BIGINT NOT NULL,
  type   VARBINARY(255) NOT NULL,
  doc    LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  KEY {i}events_ticket (ticket, seq, id),
  KEY {i}events_at (at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- state: 0 pending, 1 leased, 2 done, 3 dead. order_key is NULL for work in no lane. ready: 1 for pending work that no lane is known to hold;
-- parked: the lane that work waits for, which makes it ready when it moves.
CREATE TABLE IF NOT EXISTS {p}work (
  id           BIGINT NOT NULL PRIMARY KEY,
  kind         VARBINARY(64) NOT NULL,
  name         VARBINARY(1024) NOT NULL,
  order_key    VARBINARY(1024),
  seq          BIGINT NOT NULL,
  hold_on_dead TINYINT NOT NULL,
  after_key    VARBINARY(1024) NOT NULL,
  due          BIGINT NOT NULL,
  state        TINYINT NOT NULL,
  epoch        BIGINT NOT NULL,
  attempt      BIGINT NOT NULL,
  leased_to    BIGINT NOT NULL,
  effect       TINYINT NOT NULL,
  event        BIGINT NOT NULL,
  ticket       BIGINT NOT NULL,
  error        LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  created      BIGINT NOT NULL,
  finished     BIGINT NOT NULL,
  doc          LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  ready        TINYINT NOT NULL,
  parked       VARBINARY(1024),
  UNIQUE KEY {i}work_lane (order_key, seq, name),
  KEY {i}work_open (order_key, state, seq, id),
  KEY {i}work_ready (ready, kind, name, due, id),
  KEY {i}work_parked (parked, seq),
  KEY {i}work_leased (state, leased_to),
  KEY {i}work_ended (state, kind, finished, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS {p}records (
  kind    VARBINARY(64) NOT NULL,
  name    VARBINARY(1024) NOT NULL,
  parent  VARBINARY(1024) NOT NULL,
  version BIGINT NOT NULL,
  doc     LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  PRIMARY KEY (kind, name),
  KEY {i}records_parent (kind, parent, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- The column of names is as wide as a key may be (see store.MaxKey), and together they are not wider than an index may be.
CREATE TABLE IF NOT EXISTS {p}keys (
  kind   VARBINARY(64) NOT NULL,
  name   VARBINARY(1024) NOT NULL,
  holder BIGINT NOT NULL,
  PRIMARY KEY (kind, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS {p}links (
  kind   VARBINARY(64) NOT NULL,
  name   VARBINARY(1024) NOT NULL,
  target BIGINT NOT NULL,
  PRIMARY KEY (kind, name, target)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS {p}chunks (
  content VARBINARY(1024) NOT NULL,
  n       BIGINT NOT NULL,
  data    LONGBLOB NOT NULL,
  PRIMARY KEY (content, n)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- Numbers of live tickets (box below 4). kind: 0 by place, 1 by assignee, 2 by tag; name: the assignee or the tag. Writers add differences to
-- tally_changes, whose rows add up to those of tallies, and are summed up there later. id: a hash of what the number is of.
CREATE TABLE IF NOT EXISTS {p}tallies (
  id         VARBINARY(64) NOT NULL PRIMARY KEY,
  kind       TINYINT NOT NULL,
  name       VARBINARY(2048) NOT NULL,
  folder     VARBINARY(255) NOT NULL,
  department VARBINARY(255) NOT NULL,
  brand      VARBINARY(255) NOT NULL,
  class      VARBINARY(255) NOT NULL,
  status     VARBINARY(255) NOT NULL,
  assigned   TINYINT NOT NULL,
  n          BIGINT NOT NULL,
  unread     BIGINT NOT NULL,
  KEY {i}tallies_name (kind, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS {p}tally_changes (
  id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind       TINYINT NOT NULL,
  name       VARBINARY(2048) NOT NULL,
  folder     VARBINARY(255) NOT NULL,
  department VARBINARY(255) NOT NULL,
  brand      VARBINARY(255) NOT NULL,
  class      VARBINARY(255) NOT NULL,
  status     VARBINARY(255) NOT NULL,
  assigned   TINYINT NOT NULL,
  n          BIGINT NOT NULL,
  unread     BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- Search. Tickets whose documents may be out of date: a mark is a number that no other mark of the ticket has.
CREATE TABLE IF NOT EXISTS {p}stale (
  ticket BIGINT NOT NULL PRIMARY KEY,
  mark   BIGINT NOT NULL,
  since  BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- words: the tokens of the ticket that the document was made of, each behind a letter for its column (w who, c codes, s subject, p people, n notes,
-- b body) and a q, which makes it no stop word and long enough for the index. updated and version are of that ticket.
CREATE TABLE IF NOT EXISTS {p}documents (
  ticket  BIGINT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  words   LONGTEXT CHARACTER SET latin1 COLLATE latin1_bin NOT NULL,
  KEY {i}documents_updated (updated, ticket),
  FULLTEXT KEY {i}documents_words (words)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;
