package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"sxp/blocks"
	"sxp/cmd/sxp/internal/inspect"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/contract/rating"
	"sxp/identity"
	"sxp/market"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// types are all messages that this release knows.
func types() inspect.Types {
	all := inspect.Types{}
	maps.Copy(all, identity.Types())
	maps.Copy(all, relay.Types())
	maps.Copy(all, relayhttp.Types())
	maps.Copy(all, blocks.Types())
	maps.Copy(all, market.Types())
	maps.Copy(all, contract.Types())
	maps.Copy(all, draft.Types())
	maps.Copy(all, rating.Types())
	return all
}

func (a *app) inspectCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect FILE|LINK",
		Short: "Take a signed thing apart: layers, who signed what, fields",
		Long: `Inspect shows what is in any message, card, contract file or link: its layers,
who signed and countersigned, its fields, and the signed messages inside. Every
signature that it shows it has verified. What is sealed stays sealed. Whether
what is said is true, or a contract complete, is another question: ` + "`sxp verify`" + `.`,
		Example: "  sxp inspect alice.sxpid\n  sxp inspect swap.sxpc\n  sxp inspect 'sxp:card?…'",
		Args:    args(1, 1, "a file or a link"),
	}
	cmd.RunE = func(_ *cobra.Command, given []string) error {
		data := []byte(given[0])
		if !strings.HasPrefix(given[0], "sxp:") {
			var err error
			if data, err = readFile(given[0], inspect.MaxInput); err != nil {
				return err
			}
		}
		v := inspect.Inspect(data, types())
		if err := a.answer(v, v.Print); err != nil {
			return err
		}
		if v.Problem != "" {
			return &outcome{Text: "this is not what it claims to be: " + v.Problem}
		}
		return nil
	}
	return cmd
}

// versionView is what version prints with --json.
type versionView struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	System   string `json:"system"`
}

func (a *app) versionCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Say which release this is",
		Long:    "Version says which release this is and from which source it was built.",
		Example: "  sxp version",
		Args:    args(0, 0, ""),
	}
	cmd.RunE = func(*cobra.Command, []string) error {
		v := versionView{Version: "devel", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
		if info, ok := debug.ReadBuildInfo(); ok {
			if info.Main.Version != "" && info.Main.Version != "(devel)" {
				v.Version = info.Main.Version
			}
			for _, s := range info.Settings {
				switch {
				case s.Key == "vcs.revision":
					v.Revision = s.Value
				case s.Key == "vcs.modified" && s.Value == "true":
					v.Revision += "+changes"
				}
			}
		}
		return a.answer(v, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "sxp %s (%s, %s)\n", strings.TrimSpace(v.Version+" "+v.Revision), v.Go, v.System)
			return err
		})
	}
	return cmd
}
