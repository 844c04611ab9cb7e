//go:build linux

package hosts

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sxp"
	"sxp/relay"
)

// A host is one machine: a namespace with an address and a folder, and at most
// one process that runs on.
type host struct {
	*space
	lab  *Lab
	k    byte   // the number in its address
	dir  string // its files; paths of sockets are short
	args []string
	self relay.Address // of a node

	mu      sync.Mutex
	running *process
}

// A process is a command that runs on in a host.
type process struct {
	cmd  *exec.Cmd
	skew time.Duration  // of its clock
	read sync.WaitGroup // of what it says
	dead chan struct{}
	err  error // of Wait, once dead is closed
}

// A build is a program to run: the command as it is, or with a wrong clock.
type build struct {
	path string
	skew time.Duration
}

// env is all that a process knows of its surroundings.
func (h *host) env() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, "SSL_CERT_FILE=" + h.lab.certs.file, "SXP_HOME=" + filepath.Join(h.dir, "me")}
}

// up starts the host's process and waits until it answers on its socket.
func (h *host) up(ctx context.Context, b build) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running != nil {
		return nil
	}
	p := &process{cmd: exec.Command(b.path, h.args...), skew: b.skew, dead: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir = h.env(), h.dir
	says, err := p.cmd.StderrPipe()
	if err != nil {
		return err
	}
	keep, err := os.OpenFile(filepath.Join(h.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := h.start(p.cmd); err != nil {
		keep.Close()
		return err
	}
	p.read.Go(func() { defer keep.Close(); h.listen(says, keep) })
	go func() { p.read.Wait(); p.err = p.cmd.Wait(); close(p.dead) }()
	h.running = p
	return h.ready(ctx, p)
}

// ready waits for the process to serve its socket.
func (h *host) ready(ctx context.Context, p *process) error {
	for {
		if c, err := net.Dial("unix", h.socket()); err == nil {
			c.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not start: %w: %s", h.name, ctx.Err(), h.tail())
		case <-p.dead:
			h.running = nil
			return fmt.Errorf("%s has ended: %w: %s", h.name, p.err, h.tail())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (h *host) socket() string {
	if h.person() {
		return filepath.Join(h.dir, "me", "agent.sock")
	}
	return filepath.Join(h.dir, "node", "node.sock")
}

func (h *host) person() bool { return h.args[0] == "agent" }

// kill ends the process at once (SIGKILL): it writes and says nothing more.
func (h *host) kill() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.running; p != nil {
		_ = p.cmd.Process.Kill()
		<-p.dead
		h.running = nil
	}
}

// alive reports whether the process runs; one that ended by itself does not.
func (h *host) alive() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running == nil {
		return false
	}
	select {
	case <-h.running.dead:
		return false
	default:
		return true
	}
}

// skew is how far the clock of the host's process is off.
func (h *host) skew() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running == nil {
		return 0
	}
	return h.running.skew
}

// listen keeps what the process says, and passes on what its log calls
// noteworthy.
func (h *host) listen(says io.Reader, keep io.Writer) {
	lines := bufio.NewScanner(says)
	lines.Buffer(nil, 1<<20)
	defect := 0 // lines of a report that are still to come
	for lines.Scan() {
		fmt.Fprintf(keep, "%s\n", lines.Bytes())
		if defective(lines.Bytes()) {
			defect = defectLines
		}
		if defect > 0 {
			defect--
			h.lab.defect(h, lines.Text())
		}
		var l struct {
			Level, Msg, Why, Phase, Err string
		}
		if json.Unmarshal(lines.Bytes(), &l) != nil || l.Level == "DEBUG" || l.Msg == "" || l.Msg == "disk" {
			continue
		}
		if l.Msg == logEndorsed && !h.lab.endorsed(h) {
			continue
		}
		text := l.Msg
		for _, more := range []string{l.Phase, l.Why, l.Err} {
			if more != "" {
				text += ": " + more
			}
		}
		h.lab.note(h.name, "%s", text)
	}
	_, _ = io.Copy(io.Discard, says)
}

// defectLines is how much of a report is kept of a process that fails inside.
const defectLines = 40

// defective reports whether a line begins what the Go runtime says of a data
// race, where the build looks for them, or of an end that nobody wanted.
func defective(line []byte) bool {
	return bytes.HasPrefix(line, []byte("WARNING: DATA RACE")) || bytes.HasPrefix(line, []byte("panic: ")) || bytes.HasPrefix(line, []byte("fatal error: "))
}

// logEndorsed is what a juror's log says of a claim.
const logEndorsed = "a claim is endorsed and passed on"

// tail is the end of what the process said.
func (h *host) tail() string {
	b, _ := os.ReadFile(filepath.Join(h.dir, "log"))
	if len(b) > 2000 {
		b = b[len(b)-2000:]
	}
	return string(b)
}

// sxp runs one command on the host to its end, and returns what it prints.
func (h *host) sxp(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, h.lab.right.path, args...)
	cmd.Env, cmd.Dir = h.env(), h.dir
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	err := h.start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return out.Bytes(), fmt.Errorf("%s: sxp %s: %w: %s%s", h.name, strings.Join(args, " "), err, says.Bytes(), out.Bytes())
	}
	return out.Bytes(), nil
}

// ask asks the process behind the host's socket for an operation.
func ask[A any](ctx context.Context, h *host, op string, in any) (a A, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return a, err
	}
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", h.socket())
	}, DisableKeepAlives: true}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/v1/"+op, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	r, err := (&http.Client{Transport: tr}).Do(q)
	if err != nil {
		return a, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", h.name, op, b)
	}
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(b, &a)
}

// metric adds up a node's figures whose line starts so and contains a word.
func (h *host) metric(start, word string) (sum float64, err error) {
	c, err := h.dial("127.0.0.1:" + metricsPort)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, "GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:"+metricsPort+"\r\n\r\n"); err != nil {
		return 0, err
	}
	page, err := io.ReadAll(c)
	if err != nil {
		return 0, err
	}
	if !bytes.Contains(page, []byte("sxp_uptime_seconds ")) {
		return 0, errors.New(h.name + " has no page of figures: " + string(page[:min(len(page), 200)]))
	}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, start) && strings.Contains(line, word) {
			var v float64
			if _, err := fmt.Sscan(line[strings.LastIndex(line, " ")+1:], &v); err != nil {
				return 0, err
			}
			sum += v
		}
	}
	return sum, nil
}

// id is the node's.
func (h *host) id() sxp.ID { return h.self.ID }
