package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/show"
	"sxp/deal/lot"
)

// handedIn is what a node says of an answer that was handed in.
type handedIn struct {
	Solver string `json:"solver"` // under this name it is scored
	Queued bool   `json:"queued"`
}

func (a *app) marketAnswerCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "answer FILE [MARKET|LINK]",
		Short: "Hand in rings that you or your solver found for a market",
		Long: `Answer gives an answer to a market's problem to the market's node, which checks
it like its own and proposes the rings where they are the better ones by what the
market declares. Nobody needs keys or an account for it. The problem as the node
sees it now is what ` + "`sxp market dump --problem --free`" + ` prints.`,
		Example: `  sxp market answer answer.json 1
  sxp market answer answer.json 'sxp:market?id=sxp1…'`,
		Args: args(1, 2, "an answer"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		raw, err := readFile(given[0], lot.MaxBytes)
		if err != nil {
			return err
		}
		if _, err := lot.DecodeAnswer(raw); err != nil {
			return err
		}
		link, err := a.marketLink(cmd, given[1:])
		if err != nil {
			return err
		}
		d := dumping{a: a, link: link}
		req, err := http.NewRequestWithContext(cmd.Context(), http.MethodPost, d.address("answer"), bytes.NewReader(raw))
		if err != nil {
			return sxp.Errorf("sxp.market", sxp.Invalid, nil, "%w", err)
		}
		req.Header.Set("Content-Type", "application/json")
		var got handedIn
		if err := d.fetch(req, http.StatusAccepted, func(body io.Reader) error {
			return json.NewDecoder(io.LimitReader(body, 1<<16)).Decode(&got)
		}); err != nil {
			return err
		}
		return a.answer(got, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Handed in as %s: the node looks at it now.\n", show.Line(got.Solver))
			return err
		})
	}
	return cmd
}
