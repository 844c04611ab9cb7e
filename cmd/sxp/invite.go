package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/control"
	"sxp/node"
	"sxp/relay"
)

// inviteToNode asks a node's "invite" for an invitation to its relay.
type inviteToNode struct {
	Uses uint32 `json:"uses"`
	Days int    `json:"days"` // that an account lasts; 0: without end
}

// nodeInvitation answers it.
type nodeInvitation struct {
	Link string `json:"link"`
}

func nodeInvite(s *node.Server, in []byte) ([]byte, error) {
	var q inviteToNode
	if err := json.Unmarshal(in, &q); err != nil {
		return nil, sxp.Errorf("node.invite", sxp.Invalid, nil, "%w", err)
	}
	link, err := s.Invite(q.Uses, sxp.Duration(q.Days)*sxp.Day)
	if err != nil {
		return nil, err
	}
	return json.Marshal(nodeInvitation{link})
}

func (a *app) nodeInviteCmd() *cobra.Command {
	var dir string
	q := inviteToNode{}
	cmd := &cobra.Command{
		Use:   "invite",
		Short: "Let people open accounts on the relay that runs on this machine",
		Long: `Invite prints an invitation for whom your relay shall keep messages. The node
must be running with --accounts invited. Give the text to the people; each opens
an account with ` + "`sxp card account INVITATION`" + ` within 30 days.`,
		Example: "  sxp node invite --dir /srv/sxp --uses 3 --days 90",
		Args:    args(0, 0, ""),
	}
	f := cmd.Flags()
	f.StringVar(&dir, "dir", "", "data `folder` of the running node")
	f.Uint32Var(&q.Uses, "uses", 1, "how many people can use it")
	f.IntVar(&q.Days, "days", 0, "how long an account lasts; 0 is without end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case dir == "":
			return usagef("node invite needs --dir DIR, the folder of the running node")
		case q.Uses == 0 || q.Days < 0 || q.Days > 36_500:
			return usagef("an invitation is for at least one person, and an account lasts 0 to 36500 days")
		}
		c, err := control.Dial(cmd.Context(), filepath.Join(dir, nodeSocket))
		if err != nil {
			return sxp.Errorf("sxp.node", sxp.KindOf(err), nil, "no node runs in %s: start it with `sxp node --dir %s --accounts invited`", dir, dir)
		}
		defer c.Close()
		v, err := agent.Call[nodeInvitation](cmd.Context(), c, "invite", q)
		if err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error { return none(w, v.Link) })
	}
	return cmd
}

func (a *app) cardAccountCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "account INVITATION|ADDRESS",
		Short: "Open an account on a relay with an invitation, or look at it",
		Long: `Account opens or prolongs your account on a relay whose operator invited you.
With the relay's address instead it shows what you may keep there. Then name the
relay in your card with ` + "`sxp card relays ADDRESS`" + `.`,
		Example: "  sxp card account 'sxp:invitation?relay=…'",
		Args:    args(1, 1, "an invitation, or the address of a relay"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		in := agent.RelayAccount{Invitation: given[0]}
		if _, _, err := relay.ParseInvitationLink(given[0]); err != nil {
			addresses, addrErr := a.addresses(cmd.Context(), given)
			if addrErr != nil {
				return err
			}
			in = agent.RelayAccount{Relay: addresses[0]}
		}
		s, err := do[relay.AccountState](cmd.Context(), a, local, "relay.account", in)
		if err != nil {
			return err
		}
		return a.answer(s, func(w io.Writer) error { return a.showAccount(cmd.Context(), w, s) })
	}
	return cmd
}

func (a *app) showAccount(_ context.Context, w io.Writer, s relay.AccountState) error {
	may := "You may keep records there"
	if !s.Write {
		may = "You may not keep records there: ask its operator for an invitation"
	}
	if s.Write && s.Expires != 0 {
		may += " until " + s.Expires.Std().Format("2006-01-02")
	}
	_, err := fmt.Fprintf(w, "%s. You have %d records of %d bytes.\n", may, s.Usage.Records, s.Usage.Bytes)
	return err
}
