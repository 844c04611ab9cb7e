package storetest

import (
	"fmt"
	"testing"

	"sxp"
	"sxp/relay"
)

// RunAccounts checks that the empty collections that open returns keep the
// contract of relay.Accounts.
func RunAccounts(t *testing.T, open func(*testing.T) relay.Accounts) {
	t.Run("MissingIsNotFound", func(t *testing.T) {
		_, err := open(t).Account(t.Context(), sxp.ID{1})
		wantKind(t, "Account", err, sxp.NotFound)
	})
	t.Run("AnInvitationOpensAsManyAsItMay", func(t *testing.T) {
		s := open(t)
		inv := sxp.Hash{1}
		for i, want := range []sxp.Kind{"", "", sxp.Denied} {
			a := relay.Account{ID: sxp.ID{byte(i)}, Opened: Noon, Expires: Noon + 5, Quota: relay.Quota{Records: 7}, Invitation: inv}
			wantKind(t, fmt.Sprintf("account %d", i), s.OpenAccount(t.Context(), a, 2), want)
			got, err := s.Account(t.Context(), a.ID)
			if want == "" && (err != nil || got != a) {
				t.Errorf("Account = %+v, %v; want %+v", got, err, a)
			} else if want != "" {
				wantKind(t, "account refused", err, sxp.NotFound)
			}
		}
	})
	t.Run("TheSameInvitationAgainChangesNothing", func(t *testing.T) {
		s := open(t)
		a := relay.Account{ID: sxp.ID{1}, Opened: Noon, Expires: Noon + 5, Invitation: sxp.Hash{1}}
		later := a
		later.Expires += 100
		wantKind(t, "first", s.OpenAccount(t.Context(), a, 1), "")
		wantKind(t, "second", s.OpenAccount(t.Context(), later, 1), "")
		if got, _ := s.Account(t.Context(), a.ID); got != a {
			t.Errorf("Account = %+v, want %+v", got, a)
		}
		later.Invitation = sxp.Hash{2}
		wantKind(t, "another invitation", s.OpenAccount(t.Context(), later, 1), "")
		if got, _ := s.Account(t.Context(), a.ID); got != later {
			t.Errorf("Account = %+v, want %+v", got, later)
		}
	})
}
