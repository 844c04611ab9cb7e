//go:build !js

package bls

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// fork runs all steps, on as many cores as there are, and returns what a loop
// over them that stops at the first error would: that error. All that it
// started has ended when it returns, also where a step panics, which the caller
// then does.
func (s steps) fork() error {
	workers := min(cores(), len(s))
	if workers < 2 {
		return s.inOrder()
	}
	var next atomic.Int64 // the first step that nobody has taken
	var failed atomic.Bool
	errs := make([]error, len(s))
	work := func() {
		for !failed.Load() {
			i := int(next.Add(1)) - 1
			if i >= len(s) {
				return
			}
			// Whoever takes a step runs it: below a step that failed, all are run.
			if errs[i] = caught(s[i]); errs[i] != nil {
				failed.Store(true)
			}
		}
	}
	var others sync.WaitGroup
	for range workers - 1 {
		others.Add(1)
		go func() {
			defer others.Done()
			work()
		}()
	}
	work()
	others.Wait()
	for _, err := range errs {
		if p, ok := err.(*panicked); ok {
			panic(p.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cores returns how many steps run at once.
func cores() int { return runtime.GOMAXPROCS(0) }

// panicked is the error of a step that panicked: a panic in a goroutine that
// nobody catches would end the process, where the caller may go on.
type panicked struct{ value any }

func (p *panicked) Error() string { return "a step panicked" }

func caught(step func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v}
		}
	}()
	return step()
}
