package relay_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/relay"
)

func TestInvitationLink(t *testing.T) {
	t.Parallel()
	at := relay.Address{ID: sxp.ID{1}, URL: "https://relay.example/a"}
	good := relay.InvitationLink(at, []byte("signed"))
	if got, signed, err := relay.ParseInvitationLink(good); err != nil || got != at || string(signed) != "signed" {
		t.Fatalf("ParseInvitationLink(%q) = %v, %q, %v", good, got, signed, err)
	}
	for name, tt := range map[string]struct {
		in   string
		want sxp.Kind
	}{
		"another kind of link":        {strings.Replace(good, "invitation", "market", 1), sxp.Invalid},
		"no relay":                    {"sxp:invitation?signed=c2lnbmVk", sxp.Invalid},
		"no message":                  {strings.Replace(good, "c2lnbmVk", "", 1), sxp.Invalid},
		"padding":                     {good + "%3D", sxp.Invalid},
		"another order of the fields": {"sxp:invitation?signed=c2lnbmVk&relay=x", sxp.Invalid},
		"a field more":                {good + "&x=1", sxp.Invalid},
		"too long":                    {good + strings.Repeat("A", relay.MaxInvitationLink), sxp.TooLarge},
	} {
		if _, _, err := relay.ParseInvitationLink(tt.in); sxp.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want kind %q", name, err, tt.want)
		}
	}
}

func FuzzInvitationLink(f *testing.F) {
	f.Add(relay.InvitationLink(relay.Address{ID: sxp.ID{1}, URL: "https://relay.example"}, []byte{1, 2, 3}))
	f.Fuzz(func(t *testing.T, s string) {
		at, signed, err := relay.ParseInvitationLink(s)
		if err == nil && relay.InvitationLink(at, signed) != s {
			t.Errorf("%q has a second spelling", s)
		}
	})
}
