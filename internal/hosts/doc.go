// Package hosts lives through contracts on many hosts: each juror, node and
// person is the command sxp as a process of its own, in a network namespace of
// its own, with files of its own, and speaks HTTPS with the others through a
// router that delays, loses, repeats and reorders packets, and cuts whom it is
// told to. Processes are killed (SIGKILL) and started again in the middle.
//
//	lab, err := hosts.Open(ctx, hosts.Config{Dir: dir, Out: os.Stderr})
//	defer lab.Close()
//	r, err := hosts.Scenarios()[0].Run(ctx, lab)
//
// docs/hosts.md has the picture, the scenarios and what was measured.
//
// It needs Linux, the right to make network namespaces, the command ip and
// /dev/net/tun. Namespaces have no names: they, their links and all processes
// in them end with the process that made them, however it ends.
package hosts
