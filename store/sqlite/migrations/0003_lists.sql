-- Lists by the last reply, by the rank of the priority, and of one brand; what the customer has not read.
ALTER TABLE {p}tickets ADD COLUMN replied INTEGER NOT NULL DEFAULT 0;
ALTER TABLE {p}tickets ADD COLUMN unread_client INTEGER NOT NULL DEFAULT 0;

-- Documents have times as RFC 3339 in UTC, with as many digits of a second as it takes.
UPDATE {p}tickets SET
  unread_client = coalesce(json_extract(doc, '$.unread_by_client'), 0),
  replied = 1000000 * CAST(strftime('%s', substr(json_extract(doc, '$.last_reply_at'), 1, 19)) AS INTEGER)
    + CAST(substr(rtrim(substr(json_extract(doc, '$.last_reply_at'), 21), 'Z') || '000000', 1, 6) AS INTEGER);

CREATE INDEX {p}tickets_replied ON {p}tickets (box, replied);
CREATE INDEX {p}tickets_priority ON {p}tickets (box, priority, updated);
CREATE INDEX {p}tickets_brand ON {p}tickets (box, brand, updated);
