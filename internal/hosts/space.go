//go:build linux

package hosts

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// A space is a network namespace, and the thread of this process that lives in
// it. What is opened or started on that thread belongs to the namespace.
type space struct {
	name string
	tid  int // of the thread, for ip
	jobs chan func()
	gone chan struct{}
}

// newSpace makes an empty namespace with a loopback device.
func newSpace(name string) (*space, error) {
	s := &space{name: name, jobs: make(chan func()), gone: make(chan struct{})}
	ready := make(chan error)
	go func() {
		// The thread is never given back: it ends with this goroutine, and
		// with it the children that asked to (Pdeathsig).
		runtime.LockOSThread()
		defer close(s.gone)
		s.tid = syscall.Gettid()
		err := syscall.Unshare(syscall.CLONE_NEWNET)
		ready <- err
		if err != nil {
			return
		}
		for job := range s.jobs {
			job()
		}
	}()
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("a network namespace cannot be made: %w", err)
	}
	return s, s.ip("link set lo up")
}

// do calls f on the namespace's thread.
func (s *space) do(f func()) {
	done := make(chan struct{})
	s.jobs <- func() { defer close(done); f() }
	<-done
}

// ip gives lines of commands to ip(8) in the namespace.
func (s *space) ip(lines ...string) error {
	c := exec.Command("ip", "-batch", "-")
	c.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	var out []byte
	var err error
	s.do(func() { out, err = c.CombinedOutput() })
	if err != nil {
		return fmt.Errorf("ip in namespace %s: %w: %s", s.name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// set writes a setting below /proc/sys/net, as the namespace sees it.
func (s *space) set(key, value string) (err error) {
	s.do(func() { err = os.WriteFile("/proc/sys/net/"+key, []byte(value), 0) })
	return err
}

// start starts a process in the namespace. It dies with this one.
func (s *space) start(c *exec.Cmd) (err error) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	s.do(func() { err = c.Start() })
	return err
}

// dial connects from the namespace. The socket is made on the namespace's
// thread, and works from any.
func (s *space) dial(address string) (net.Conn, error) {
	to, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return nil, err
	}
	var f *os.File
	s.do(func() { f, err = connect(to) })
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return net.FileConn(f)
}

// connect is a blocking connect of at most some seconds: net.Dial may continue
// on another thread, which is in another namespace.
func connect(to *net.TCPAddr) (*os.File, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), to.String())
	patience := syscall.Timeval{Sec: 3}
	err = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &patience)
	if err == nil {
		err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: to.Port, Addr: [4]byte(to.IP.To4())})
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("connect to %s: %w", to, err)
	}
	return f, nil
}

// close ends the thread. The namespace goes with its last process.
func (s *space) close() {
	close(s.jobs)
	<-s.gone
}
