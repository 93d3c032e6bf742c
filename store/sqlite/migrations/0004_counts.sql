-- Numbers of live tickets (box below 4), kept with every write of a ticket. What lies in one place stands in one row: a line of numbers for
-- each class and status, "<class> <status> <assigned> <tickets> <unread ones>", the texts in hexadecimal. There is no line and no row for none.
CREATE TABLE {p}tallies (
  folder     TEXT NOT NULL,
  department TEXT NOT NULL,
  brand      TEXT NOT NULL,
  numbers    TEXT NOT NULL,
  PRIMARY KEY (folder, department, brand)
) WITHOUT ROWID;

CREATE TABLE {p}assignee_tallies (
  assignee   TEXT NOT NULL,
  folder     TEXT NOT NULL,
  department TEXT NOT NULL,
  brand      TEXT NOT NULL,
  numbers    TEXT NOT NULL,
  PRIMARY KEY (assignee, folder, department, brand)
) WITHOUT ROWID;

CREATE TABLE {p}tag_tallies (
  tag        TEXT NOT NULL,
  department TEXT NOT NULL,
  brand      TEXT NOT NULL,
  n          INTEGER NOT NULL,
  PRIMARY KEY (tag, department, brand)
) WITHOUT ROWID;

INSERT INTO {p}tallies SELECT folder, department, brand, group_concat(hex(class) || ' ' || hex(status) || ' ' || assigned || ' ' || n || ' ' || u, char(10))
  FROM (SELECT folder, department, brand, class, status, assignee <> '' AS assigned, count(*) AS n, sum(unread) AS u FROM {p}tickets WHERE box < 4
    GROUP BY 1, 2, 3, 4, 5, 6)
  GROUP BY 1, 2, 3;
INSERT INTO {p}assignee_tallies SELECT assignee, folder, department, brand, group_concat(hex(class) || ' ' || hex(status) || ' 1 ' || n || ' ' || u, char(10))
  FROM (SELECT assignee, folder, department, brand, class, status, count(*) AS n, sum(unread) AS u FROM {p}tickets WHERE box < 4 AND assignee <> ''
    GROUP BY 1, 2, 3, 4, 5, 6)
  GROUP BY 1, 2, 3, 4;
INSERT INTO {p}tag_tallies SELECT tag.value, department, brand, count(DISTINCT t.id) FROM {p}tickets t, json_each(doc, '$.tags') AS tag WHERE box < 4
  GROUP BY 1, 2, 3;
