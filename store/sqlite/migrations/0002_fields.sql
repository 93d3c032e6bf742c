-- Custom fields: of each value the key of its first line, by which tickets are sorted and ranges are found. All keys of a value stand in
-- facets of kind 5, behind the field's code. Keys are compared byte by byte (see ticket.FieldKey).
CREATE TABLE {p}field_values (
  ticket INTEGER NOT NULL,
  field  TEXT NOT NULL,
  value  TEXT NOT NULL,
  PRIMARY KEY (ticket, field)
) WITHOUT ROWID;
CREATE INDEX {p}field_values_order ON {p}field_values (field, value, ticket);

-- Tickets that are there already have no rows yet: the store writes them when it is opened next, and removes this mark.
INSERT INTO {p}meta (key, value) VALUES ('fields to index', 1);
