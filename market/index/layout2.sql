-- From layout 1 to 2. Items of layout 1 have no point.
BEGIN;
CREATE VIRTUAL TABLE spot USING rtree_i32 (seq, x, x2, y, y2, z, z2);
PRAGMA user_version = 2;
COMMIT;
