//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// hostsCmd says that network namespaces are Linux's.
func hostsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "hosts",
		Short: "Live through contracts on 22 hosts (on Linux only)",
		RunE: func(*cobra.Command, []string) error {
			return errors.New("hosts are network namespaces, which only Linux has")
		},
	}
}
