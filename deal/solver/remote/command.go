package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"time"
	"unicode"

	"sxp"
	"sxp/deal/lot"
)

// A Command is a program that solves one problem and ends: it reads the JSON
// form of a problem from standard input until that ends, and writes the JSON
// form of an answer to standard output. Exit status 0 says that it did. It has
// the environment of who calls it. The zero values of the limits are the
// defaults. What it starts in a session of its own is not killed with it.
type Command struct {
	Label  string        // its name
	Args   []string      // the program and its arguments; no shell is between
	Dir    string        // its working folder; "": the caller's
	Time   time.Duration // it is killed after this, with whatever it started
	Memory int64         // bytes of memory in use; on Linux it is killed beyond
	Answer int64         // bytes of its answer; 0: lot.MaxBytes
}

// Name implements solver.Solver.
func (c *Command) Name() string { return c.Label }

// Solve implements solver.Solver. It fails with Late where the time is up, with
// Full beyond the memory, TooLarge beyond the size, Unavailable where the
// program cannot be started or fails, and else as lot.DecodeAnswer does. The
// last words of the program are part of the error.
func (c *Command) Solve(ctx context.Context, p *lot.Problem) (*lot.Answer, error) {
	const op = "remote.Command"
	if len(c.Args) == 0 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s: no program is named", c.Label)
	}
	text, err := p.Encode()
	if err != nil {
		return nil, err
	}
	limit := or(c.Time, DefaultTime)
	ctx, stop := context.WithTimeoutCause(ctx, limit, errLate)
	defer stop()
	ctx, kill := context.WithCancelCause(ctx)
	defer kill(nil)
	out := &bounded{most: or(c.Answer, lot.MaxBytes), over: func() { kill(errLong) }}
	last := &tail{most: MaxStderr}
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Dir, bytes.NewReader(text), out, last
	cmd.WaitDelay = time.Second // for what holds its output open
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return nil, sxp.Errorf(op, sxp.Unavailable, nil, "%s cannot be started: %w", c.Label, err)
	}
	guarded := guard(cmd, or(c.Memory, DefaultMemory), func() { kill(errMemory) })
	err = cmd.Wait()
	guarded()
	killGroup(cmd) // what it left behind
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errLate):
		return nil, sxp.Errorf(op, sxp.Late, nil, "%s took more than %v%s", c.Label, limit, last)
	case errors.Is(cause, errMemory):
		return nil, sxp.Errorf(op, sxp.Full, nil, "%s took more than %d MiB of memory%s", c.Label, or(c.Memory, DefaultMemory)>>20, last)
	case errors.Is(cause, errLong):
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "%s wrote more than %d bytes%s", c.Label, out.most, last)
	case errors.Is(ctx.Err(), context.DeadlineExceeded): // of who called
		return nil, sxp.Errorf(op, sxp.Late, nil, "%s took more than the time it had%s", c.Label, last)
	case ctx.Err() != nil:
		return nil, sxp.Errorf(op, sxp.Late, nil, "%s was stopped: %w", c.Label, ctx.Err())
	case err != nil:
		return nil, sxp.Errorf(op, sxp.Unavailable, nil, "%s failed: %w%s", c.Label, err, last)
	}
	a, err := lot.DecodeAnswer(out.text.Bytes())
	if err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: its answer: %w", c.Label, err)
	}
	return a, nil
}

// Why a program was killed.
var (
	errLate   = errors.New("its time is up")
	errMemory = errors.New("too much memory")
	errLong   = errors.New("too much output")
)

func or[T int64 | time.Duration](given, usual T) T {
	if given > 0 {
		return given
	}
	return usual
}

// A bounded buffer calls over when more is written than it takes. It has no
// other way in: io.Copy would take it.
type bounded struct {
	text bytes.Buffer
	most int64
	over func()
}

func (b *bounded) Write(p []byte) (int, error) {
	if int64(b.text.Len()+len(p)) > b.most {
		b.over()
		return 0, io.ErrShortWrite
	}
	return b.text.Write(p)
}

// A tail keeps the last bytes that were written to it.
type tail struct {
	text []byte
	most int
	cut  bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - t.most; over > 0 {
		t.text, t.cut = append(t.text[:0], t.text[over:]...), true
	}
	return len(p), nil
}

// String is what stands behind an error, on one line.
func (t *tail) String() string {
	text := strings.TrimSpace(strings.ToValidUTF8(string(t.text), ""))
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.Join(lines[max(0, len(lines)-3):], "; "))
	if len(text) > 400 {
		text = "…" + strings.ToValidUTF8(text[len(text)-400:], "")
	}
	return ": it last said: " + text
}
