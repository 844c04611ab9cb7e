package remote

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// guardEvery is how often the memory of a program is looked at.
const guardEvery = 50 * time.Millisecond

// ownGroup lets what the program starts be killed with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd) }
}

func killGroup(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// guard calls over when the processes of the program's group together use more
// memory than that. Between two looks a program may take more; it is meant for
// programs that the operator chose and that go wrong, not as a prison. Call
// what it returns when the program has ended.
func guard(cmd *exec.Cmd, most int64, over func()) (stop func()) {
	ended, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(guardEvery)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				if resident(cmd.Process.Pid, 0) > most {
					over()
					return
				}
			}
		}
	}()
	return func() { close(ended); <-gone }
}

// resident sums the memory of a process and its children, in bytes.
func resident(pid, depth int) int64 {
	dir := "/proc/" + strconv.Itoa(pid)
	raw, err := os.ReadFile(dir + "/statm")
	if err != nil {
		return 0
	}
	sum := int64(0)
	if f := bytes.Fields(raw); len(f) > 1 {
		pages, _ := strconv.ParseInt(string(f[1]), 10, 64)
		sum = pages * int64(os.Getpagesize())
	}
	if depth > 8 {
		return sum
	}
	tasks, _ := os.ReadDir(dir + "/task")
	for _, t := range tasks {
		children, _ := os.ReadFile(dir + "/task/" + t.Name() + "/children")
		for _, c := range bytes.Fields(children) {
			if id, err := strconv.Atoi(string(c)); err == nil {
				sum += resident(id, depth+1)
			}
		}
	}
	return sum
}
