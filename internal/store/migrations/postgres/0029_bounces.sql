-- A report of mail that came back names the mail by its id.
CREATE INDEX outbox_receipt ON outbox(receipt) WHERE receipt <> '';
