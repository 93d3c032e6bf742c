-- Numbers of live tickets (box below 4), kept with every write of a ticket. There is no row for none.
CREATE TABLE {p}tallies (
  folder     TEXT NOT NULL,
  department TEXT NOT NULL,
  brand      TEXT NOT NULL,
  class      TEXT NOT NULL,
  status     TEXT NOT NULL,
  unread     INTEGER NOT NULL,
  assigned   INTEGER NOT NULL,
  n          INTEGER NOT NULL,
  PRIMARY KEY (folder, department, brand, class, status, unread, assigned)
) WITHOUT ROWID;

CREATE TABLE {p}assignee_tallies (
  assignee   TEXT NOT NULL,
  folder     TEXT NOT NULL,
  department TEXT NOT NULL,
  brand      TEXT NOT NULL,
  class      TEXT NOT NULL,
  status     TEXT NOT NULL,
  unread     INTEGER NOT NULL,
  n          INTEGER NOT NULL,
  PRIMARY KEY (assignee, folder, department, brand, class, status, unread)
) WITHOUT ROWID;

CREATE TABLE {p}tag_tallies (
  tag        TEXT NOT NULL,
  department TEXT NOT NULL,
  brand      TEXT NOT NULL,
  n          INTEGER NOT NULL,
  PRIMARY KEY (tag, department, brand)
) WITHOUT ROWID;

INSERT INTO {p}tallies SELECT folder, department, brand, class, status, unread, assignee <> '', count(*) FROM {p}tickets WHERE box < 4
  GROUP BY 1, 2, 3, 4, 5, 6, 7;
INSERT INTO {p}assignee_tallies SELECT assignee, folder, department, brand, class, status, unread, count(*) FROM {p}tickets
  WHERE box < 4 AND assignee <> '' GROUP BY 1, 2, 3, 4, 5, 6, 7;
INSERT INTO {p}tag_tallies SELECT tag.value, department, brand, count(DISTINCT t.id) FROM {p}tickets t, json_each(doc, '$.tags') AS tag WHERE box < 4
  GROUP BY 1, 2, 3;
