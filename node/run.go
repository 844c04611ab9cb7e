package node

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"sxp/relay/relayhttp"
)

// maxSleep bounds the sleep between two steps: timers stand still while a
// machine is suspended, and a clock may be set.
const maxSleep = time.Second

// Run serves until ctx ends, finishes what is under way, and returns nil. It
// fails where a port or the steps do. It is called once.
func (s *Server) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := relayhttp.NewServer(relayhttp.ServerConfig{
		Handler: s.Node, Signer: s.p.Key, Now: s.cfg.Now, Log: s.cfg.Log, TLS: s.tls, Other: s.pages(), Below: s.Public(), Local: s.local(s.listener),
		Info: relayhttp.Info{
			Name: s.cfg.Label, Address: s.Address().String(), Services: s.Services(), App: s.hasApp(), Offer: s.cfg.offer(s.set.policy),
		},
	})
	var all sync.WaitGroup
	var first sync.Once
	var failed error
	run := func(f func(context.Context) error) {
		all.Go(func() {
			defer stop()
			if err := f(ctx); err != nil && ctx.Err() == nil {
				first.Do(func() { failed = err })
			}
		})
	}
	run(func(ctx context.Context) error { return server.Serve(ctx, s.listener) })
	run(s.steps)
	if s.page != nil {
		run(s.serveMetrics)
	}
	go s.fetch()
	s.cfg.Log.Info("serving", "address", s.Address().String(), "services", s.Services())
	all.Wait()
	return failed
}

// local reports whether nobody but this machine reaches a port, not through a
// proxy or an onion service either: those have a public address.
func (s *Server) local(l net.Listener) bool {
	host, _, err := net.SplitHostPort(l.Addr().String())
	return s.cfg.Public == "" && len(s.cfg.TLSNames) == 0 && err == nil && relayhttp.OnMachine(host)
}

// steps calls Step whenever it is due or something woke the node. A step that
// fails is tried again: the disk may have room by then.
func (s *Server) steps(ctx context.Context) error {
	for ctx.Err() == nil {
		next, err := s.Step(ctx)
		wait := min(next.Sub(s.cfg.Now()).Std(), maxSleep)
		if err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("a step failed", "err", err)
			wait = maxSleep
		}
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// serveMetrics serves the page of figures: to whoever reaches its port, but to
// no website through a browser on this machine.
func (s *Server) serveMetrics(ctx context.Context) error {
	page := s.metrics.handler()
	if host, _, err := net.SplitHostPort(s.page.Addr().String()); err == nil && relayhttp.OnMachine(host) {
		page = machineOnly(page)
	}
	h := &http.Server{Handler: page, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	done := make(chan struct{})
	defer func() { <-done }()
	go func() {
		defer close(done)
		<-ctx.Done()
		h.Close()
	}()
	err := h.Serve(s.page)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// machineOnly refuses what a browser asks for a page of elsewhere.
func machineOnly(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !relayhttp.FromMachine(r) {
			http.Error(w, "this page is for its own machine only", http.StatusForbidden)
			return
		}
		page.ServeHTTP(w, r)
	})
}
