package index

import "context"

// FewForTest is how many places are listed.
const FewForTest = few

// LimitForTest lets the file not grow further, as a full disk would.
func (s *Store) LimitForTest(ctx context.Context, full bool) error {
	pages := "4294967294"
	if full {
		pages = "1" // SQLite takes the present size
	}
	var n int64
	return s.write.QueryRowContext(ctx, "PRAGMA max_page_count = "+pages).Scan(&n)
}
