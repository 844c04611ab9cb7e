//go:build linux

package hosts

import (
	"context"
	"fmt"
	"os/exec"
)

// Able says why hosts cannot be made here, or nil. It tries: two hosts with a
// router between them.
func Able(ctx context.Context) error {
	if _, err := exec.LookPath("ip"); err != nil {
		return fmt.Errorf("many hosts need the command ip (package iproute2): %w", err)
	}
	r, err := newRouter(ctx, 0)
	if err != nil {
		return fmt.Errorf("many hosts need the right to make network namespaces (root, or CAP_SYS_ADMIN and CAP_NET_ADMIN): %w", err)
	}
	defer r.close()
	h, err := newSpace("try")
	if err != nil {
		return err
	}
	defer h.close()
	return r.link(h, 1)
}
