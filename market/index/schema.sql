-- Layout 2; layout 1 had no spot. seq is AUTOINCREMENT so that no number is used twice: readers
-- continue from the last that they saw.
BEGIN;
CREATE TABLE entry (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  class     TEXT NOT NULL,
  id        BLOB NOT NULL,
  owner     BLOB NOT NULL,
  peer      BLOB NOT NULL,
  version   INTEGER NOT NULL,
  expires   INTEGER NOT NULL,
  keep      INTEGER NOT NULL,
  direction TEXT NOT NULL,
  found     INTEGER NOT NULL, -- 1: Search finds it
  kind      TEXT NOT NULL,
  category  TEXT NOT NULL,
  unit      TEXT NOT NULL,
  quantity  TEXT NOT NULL,    -- Decimal.SortKey
  currency  TEXT NOT NULL,
  issuer    BLOB NOT NULL,
  raw       BLOB NOT NULL,
  UNIQUE (class, id)
);
CREATE INDEX entry_owner ON entry (owner, class);
CREATE INDEX entry_peer ON entry (peer) WHERE length(peer) > 0;
CREATE INDEX entry_keep ON entry (keep) WHERE keep > 0;
CREATE INDEX entry_kind ON entry (kind) WHERE found = 1;
CREATE INDEX entry_category ON entry (category) WHERE found = 1;
CREATE INDEX entry_currency ON entry (currency) WHERE found = 1 AND currency <> '';
-- The words come folded (market.Fold), joined by blanks. The tokenizer only
-- splits there: every byte above 127 is part of a word to it, and so are
-- ASCII letters and digits, which are all that is left below.
CREATE VIRTUAL TABLE word USING fts5 (
  words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4', tokenize = 'ascii'
);
-- Where items are, as points of the unit sphere times 2^30 (market.Vector):
-- in space there are neither poles nor an antimeridian. Each box is a point.
CREATE VIRTUAL TABLE spot USING rtree_i32 (seq, x, x2, y, y2, z, z2);
PRAGMA application_id = 0x5358506d;
PRAGMA user_version = 2;
COMMIT;
