package agent

import (
	"context"

	"sxp"
	"sxp/market/report"
)

// report answers "market.report" from the whole public board.
func (a *Agent) report(ctx context.Context, in AskReport) (out MarketReport, err error) {
	m, err := a.marketOf(ctx, in.Market)
	if err != nil {
		return out, err
	}
	c, err := m.charter()
	if err != nil {
		return out, err
	}
	client, err := a.readClient(m)
	if err != nil {
		return out, err
	}
	b := report.New(c)
	if _, err := client.Each(ctx, 0, b.Apply); err != nil {
		return out, err
	}
	r := b.Report(a.now())
	out = MarketReport{
		Market: m.ID, Name: c.Name, At: r.At, People: len(r.People), Traders: r.Traders, Never: r.Never,
		Waits: r.Waits, Waited: r.Waited, Uneven: r.Uneven, Waiting: []WaitingPerson{},
	}
	limit := in.Limit
	if limit <= 0 {
		limit = usualPage
	}
	var ids []sxp.ID
	for _, p := range r.People[:min(limit, len(r.People))] {
		ids = append(ids, p.ID)
	}
	names, err := a.names(ctx, m, ids)
	if err != nil && !unreachable(err) {
		return out, err
	}
	for i, id := range ids {
		p := r.People[i]
		out.Waiting = append(out.Waiting, WaitingPerson{
			ID: id, Name: names[id], Me: id == a.ID(), Stands: p.Stands, Swaps: p.Swaps, Met: p.Met, Waits: p.Waits, Waited: p.Waited,
		})
	}
	return out, nil
}
