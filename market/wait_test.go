package market_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sxp"
)

// Who waits for mail or news has them at once, and nobody is woken for
// another's mail.
func TestAwait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNode(theNode)
		n.found(t, charter())
		ctx := t.Context()
		start := time.Now()
		type result struct {
			count int
			err   error
			after time.Duration
		}
		mail := func(k key) chan result {
			out := make(chan result, 1)
			go func() {
				letters, _, err := n.client(k).AwaitMail(ctx, 0, 40*sxp.Second)
				out <- result{len(letters), err, time.Since(start)}
			}()
			return out
		}
		bobs, charlies, bobsToo := mail(bob), mail(charlie), mail(bob)
		news := make(chan result, 1)
		go func() {
			last, err := n.client(bob).Since(ctx, 0, 0)
			if err != nil || len(last.All) != 1 {
				t.Errorf("Since: %d, %v", len(last.All), err)
			}
			l, err := n.client(bob).AwaitSince(ctx, last.All[0].Seq, 90*sxp.Second)
			news <- result{len(l.All), err, time.Since(start)}
		}()
		time.Sleep(5 * time.Second)
		if _, err := n.client(alice).Post(ctx, bob.ID(), []byte("sealed"), sxp.Day); err != nil {
			t.Error(err)
		}
		want := func(name string, c chan result, count int, after time.Duration) {
			t.Helper()
			if got := <-c; got.count != count || got.err != nil || got.after != after {
				t.Errorf("%s: %+v, want %d after %v", name, got, count, after)
			}
		}
		want("bob's mail", bobs, 1, 5*time.Second)
		want("bob's other device", bobsToo, 1, 5*time.Second)
		time.Sleep(5 * time.Second)
		if _, err := n.client(alice).Publish(ctx, signed(t, alice, offer(t, alice, 1, "bike"))); err != nil {
			t.Error(err)
		}
		want("news of the board", news, 1, 10*time.Second)
		want("charlie's mail", charlies, 0, 40*time.Second)

		// The node holds nobody longer than relay.MaxWait, and refuses nonsense.
		start = time.Now()
		if l, err := n.client(bob).AwaitSince(ctx, 1<<40, sxp.Day); err != nil || len(l.All) != 0 || time.Since(start) != 50*time.Second {
			t.Errorf("a long wait: %d, %v after %v", len(l.All), err, time.Since(start))
		}
		_, _, err := n.client(charlie).AwaitMail(ctx, 0, -1)
		wantKind(t, "a negative wait", err, sxp.Invalid)
	})
}
