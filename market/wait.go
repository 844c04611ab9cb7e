package market

import (
	"context"
	"sync"

	"sxp"
	"sxp/relay"
)

// A bell wakes those who wait for news of a board: for mail to one person, or
// (nobody's ID) for anything public. The zero bell is ready.
type bell struct {
	mu      sync.Mutex
	waiting map[sxp.ID]*ring
}

// A ring is what the waiters for one person share.
type ring struct {
	rung    chan struct{} // closed when there is news
	waiters int
}

// wait returns a channel that is closed at the next news for who. The caller
// calls stop when it waits no longer.
func (b *bell) wait(who sxp.ID) (news <-chan struct{}, stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.waiting[who]
	if r == nil {
		if b.waiting == nil {
			b.waiting = make(map[sxp.ID]*ring)
		}
		r = &ring{rung: make(chan struct{})}
		b.waiting[who] = r
	}
	r.waiters++
	return r.rung, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if r.waiters--; r.waiters == 0 && b.waiting[who] == r {
			delete(b.waiting, who)
		}
	}
}

// tell wakes all who wait for who.
func (b *bell) tell(who sxp.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.waiting[who]; r != nil {
		close(r.rung)
		delete(b.waiting, who)
	}
}

// ringFor wakes those whom the entries concern.
func (b *bell) ringFor(entries []Entry) {
	told := make(map[sxp.ID]bool)
	for i := range entries {
		var who sxp.ID // nobody: the public
		if entries[i].Key.Class == ClassMail {
			who = entries[i].Owner
		}
		if !told[who] {
			told[who] = true
			b.tell(who)
		}
	}
}

// await calls read until it returns records, fails, or ctx ends. News for who
// lets it read again.
func (b *Board) await(ctx context.Context, who sxp.ID, read func() ([]Record, uint64, error)) ([]Record, uint64, error) {
	for {
		// First listen, then look: what comes in between is not missed.
		news, stop := b.bell.wait(who)
		page, next, err := read()
		if err != nil || len(page) > 0 {
			stop()
			return page, next, err
		}
		select {
		case <-news:
			stop()
		case <-ctx.Done():
			stop()
			return nil, 0, nil
		}
	}
}

// AwaitMail is [Board.MailFor] that waits, where there is none, until mail
// comes or ctx ends; then it returns no records and no error.
func (b *Board) AwaitMail(ctx context.Context, now sxp.Time, to sxp.ID, after uint64, limit int) (page []Record, next uint64, err error) {
	return b.await(ctx, to, func() ([]Record, uint64, error) { return b.MailFor(context.WithoutCancel(ctx), now, to, after, limit) })
}

// AwaitSince is [Board.Since] of everybody that waits, as AwaitMail does.
func (b *Board) AwaitSince(ctx context.Context, now sxp.Time, after uint64, limit int) (page []Record, next uint64, err error) {
	return b.await(ctx, sxp.ID{}, func() ([]Record, uint64, error) {
		return b.Since(context.WithoutCancel(ctx), now, after, sxp.ID{}, limit)
	})
}

// waiting limits ctx to the wait of a request.
func (r AskPage) waiting(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if r.Wait < 0 {
		return nil, nil, invalid("wait", "must not be negative")
	}
	ctx, stop := context.WithTimeout(ctx, min(r.Wait, relay.MaxWait).Std())
	return ctx, stop, nil
}
