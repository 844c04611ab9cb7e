package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"sxp"
	"sxp/deal/lot"
)

// An HTTP solver takes the JSON form of a problem by POST, and answers 200 with
// that of an answer (application/json).
type HTTP struct {
	Label  string
	URL    string        // http or https
	Time   time.Duration // 0: DefaultTime
	Answer int64         // bytes of its answer; 0: lot.MaxBytes
	Client *http.Client  // nil: one of its own that follows no redirection
}

// plainClient follows no redirection: a problem goes where the operator said.
func plainClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// CheckURL fails with Invalid for what is no address of a solver.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return sxp.Errorf("remote.HTTP", sxp.Invalid, nil, "%.100q is no address of a solver, such as https://solver.example/solve", text)
	}
	return nil
}

// Name implements solver.Solver.
func (h *HTTP) Name() string { return h.Label }

// Solve implements solver.Solver. It fails with Late where the time is up, with
// TooLarge beyond the size, Unavailable where the machine cannot be reached or
// answers with another status, and else as lot.DecodeAnswer does.
func (h *HTTP) Solve(ctx context.Context, p *lot.Problem) (*lot.Answer, error) {
	const op = "remote.HTTP"
	if err := CheckURL(h.URL); err != nil {
		return nil, err
	}
	text, err := p.Encode()
	if err != nil {
		return nil, err
	}
	limit := or(h.Time, DefaultTime)
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(text))
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s: %w", h.Label, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	client := h.Client
	if client == nil {
		client = plainClient()
		defer client.CloseIdleConnections()
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, h.failed(ctx, limit, err)
	}
	defer res.Body.Close()
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode != http.StatusOK || media != "application/json" {
		return nil, sxp.Errorf(op, sxp.Unavailable, nil, "%s answers %s with %.60q, not 200 with application/json", h.Label, res.Status, media)
	}
	most := or(h.Answer, lot.MaxBytes)
	raw, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	switch {
	case err != nil:
		return nil, h.failed(ctx, limit, err)
	case int64(len(raw)) > most:
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "%s sent more than %d bytes", h.Label, most)
	}
	a, err := lot.DecodeAnswer(raw)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: its answer: %w", h.Label, err)
	}
	return a, nil
}

func (h *HTTP) failed(ctx context.Context, limit time.Duration, err error) error {
	const op = "remote.HTTP"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return sxp.Errorf(op, sxp.Late, nil, "%s took more than %v", h.Label, limit)
	}
	return sxp.Errorf(op, sxp.Unavailable, nil, "%s cannot be reached: %w", h.Label, err)
}
