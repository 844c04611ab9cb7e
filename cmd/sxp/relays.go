package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

func (a *app) relaysCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "relays [ADDRESS]",
		Short: "Compare the nodes that keep messages",
		Long: `Relays asks the nodes that you use, those of your markets and of your contacts
what they offer and how quick they are; with an address, that node alone. Use one
with ` + "`sxp card relays ADDRESS`" + `.`,
		Example: "  sxp relays\n  sxp relays https://relay.example",
		Args:    args(0, 1, ""),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if len(given) == 0 {
			all, err := do[[]agent.RelayView](cmd.Context(), a, local, "relays", agent.None{})
			if err != nil {
				return err
			}
			return a.answer(all, func(w io.Writer) error { return printRelays(w, all) })
		}
		v, err := do[agent.RelayView](cmd.Context(), a, local, "relay.look", agent.RelayRef{Address: given[0]})
		if err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error { return printRelay(w, v) })
	}
	return cmd
}

func printRelays(w io.Writer, all []agent.RelayView) error {
	if len(all) == 0 {
		return none(w, "You use no relay: `sxp card relays ADDRESS`.")
	}
	var rows [][]string
	for _, v := range all {
		use := v.From
		if v.InUse {
			use = "in use"
		}
		rows = append(rows, []string{v.URL, v.Name, use, quick(v), offered(v)})
	}
	return show.Table(w, []string{"NODE", "NAME", "KNOWN FROM", "ANSWERS IN", "ACCOUNTS"}, rows)
}

// quick says how long a node took, or that it is not there.
func quick(v agent.RelayView) string {
	switch {
	case !v.Reachable:
		return "does not answer"
	case v.Trouble != "":
		return fmt.Sprintf("%d ms, but: %s", v.Millis, v.Trouble)
	}
	return fmt.Sprintf("%d ms", v.Millis)
}

// offered says in a few words who may write there.
func offered(v agent.RelayView) string {
	var parts []string
	if v.Account != nil && v.Account.Write {
		parts = append(parts, "you may write")
	}
	if o := v.Offer; o != nil {
		parts = append(parts, string(o.Accounts))
		if o.QuotaMiB > 0 {
			parts = append(parts, fmt.Sprintf("%d MiB", o.QuotaMiB))
		}
		if o.Price != "" {
			parts = append(parts, o.Price)
		}
	}
	return strings.Join(parts, ", ")
}

func printRelay(w io.Writer, v agent.RelayView) error {
	rows := [][]string{{"address", v.Address}, {"name", v.Name}, {"services", list(v.Services, "")}, {"answers in", quick(v)}}
	if o := v.Offer; o != nil {
		rows = append(rows, []string{"accounts", string(o.Accounts)})
		if o.QuotaRecords > 0 || o.QuotaMiB > 0 {
			rows = append(rows, []string{"room", fmt.Sprintf("%d records, %d MiB of one sender", o.QuotaRecords, o.QuotaMiB)})
		}
		if o.MaxTTL > 0 {
			rows = append(rows, []string{"keeps for", show.Span(o.MaxTTL)})
		}
		rows = append(rows, []string{"price", o.Price}, []string{"terms", o.Terms})
	}
	if s := v.Account; s != nil {
		may := "you may not write there"
		if s.Write {
			may = fmt.Sprintf("you may write there; you have %d records of %d bytes", s.Usage.Records, s.Usage.Bytes)
		}
		rows = append(rows, []string{"account", may})
	}
	return show.Table(w, nil, rows)
}

func (a *app) devicesCmd() *cobra.Command {
	var forget string
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "List the devices that use your 24 words",
		Long: `Devices shows where your words are in use, as far as your relays know. Use one at
a time: a deal that is under way on one is not continued on another.`,
		Example: "  sxp devices\n  sxp devices --forget 5f3a9c0b1d2e4f60",
		Args:    args(0, 0, ""),
	}
	cmd.Flags().StringVar(&forget, "forget", "", "take the device with this `id` off the list; it keeps the words")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if forget != "" {
			if _, err := do[agent.None](cmd.Context(), a, push, "device.forget", agent.DeviceRef{ID: forget}); err != nil {
				return err
			}
		}
		all, err := do[[]agent.DeviceView](cmd.Context(), a, pull, "devices", agent.None{})
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			var rows [][]string
			warning := ""
			for _, d := range all {
				which := ""
				if d.This {
					which = "this one"
				}
				if d.Warning != "" {
					which, warning = "in use lately", d.Warning
				}
				rows = append(rows, []string{d.ID, d.Name, show.When(a.now(), d.Seen), which})
			}
			if err := show.Table(w, []string{"ID", "NAME", "SEEN", ""}, rows); err != nil || warning == "" {
				return err
			}
			_, err := fmt.Fprintf(w, "\nBeware: %s\n", show.Line(warning))
			return err
		})
	}
	return cmd
}
