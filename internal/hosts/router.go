//go:build linux

package hosts

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// Hosts have the addresses 10.77.k.2; 10.77.k.1 is the router's end of host
// k's link.
const subnet = 77

// address is where host k listens and speaks from.
func address(k byte) string { return fmt.Sprintf("10.%d.%d.2", subnet, k) }

// A router is a namespace with a link to each host. The kernel routes what
// comes from a host to the wire, and what comes from the wire to a host.
type router struct {
	*space
	wire *wire
	stop context.CancelFunc
}

// wireDevice is the name of the device through which all packets go.
const wireDevice = "wire"

func newRouter(ctx context.Context, seed uint64) (*router, error) {
	s, err := newSpace("router")
	if err != nil {
		return nil, err
	}
	var device *os.File
	s.do(func() { device, err = openTUN(wireDevice) })
	if err != nil {
		s.close()
		return nil, err
	}
	r := &router{space: s, wire: newWire(device, seed)}
	err = s.ip(
		"link set "+wireDevice+" txqueuelen 10000 up",
		"route add default dev "+wireDevice+" table 100",
		"rule add priority 100 iif "+wireDevice+" lookup main",
		"rule add priority 200 from 10.77.0.0/16 lookup 100",
	)
	for _, key := range []string{"ipv4/conf/all/rp_filter", "ipv4/conf/default/rp_filter", "ipv4/conf/" + wireDevice + "/rp_filter", "ipv4/conf/all/send_redirects"} {
		if err == nil {
			err = s.set(key, "0")
		}
	}
	if err == nil {
		err = s.set("ipv4/ip_forward", "1")
	}
	ctx, r.stop = context.WithCancel(ctx)
	r.wire.run(ctx)
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// link gives a host its link: a veth pair.
func (r *router) link(h *space, k byte) error {
	near, gate := fmt.Sprintf("host%d", k), fmt.Sprintf("10.%d.%d.1", subnet, k)
	if err := r.ip(
		fmt.Sprintf("link add %s type veth peer name eth0 netns %d", near, h.tid),
		fmt.Sprintf("addr add %s/24 dev %s", gate, near),
		"link set "+near+" up",
	); err != nil {
		return err
	}
	return h.ip(
		fmt.Sprintf("addr add %s/24 dev eth0", address(k)),
		"link set eth0 up",
		"route add default via "+gate,
	)
}

func (r *router) close() {
	r.stop()
	r.wire.device.Close()
	r.wire.done.Wait()
	r.space.close()
}

// openTUN makes a device whose packets this process reads and writes, in the
// namespace of the calling thread.
func openTUN(name string) (*os.File, error) {
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	var request struct { // struct ifreq of netdevice(7)
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:syscall.IFNAMSIZ-1], name)
	request.flags = syscall.IFF_TUN | syscall.IFF_NO_PI
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request))); errno != 0 {
		syscall.Close(fd)
		return nil, fmt.Errorf("a TUN device cannot be made: %w", errno)
	}
	return os.NewFile(uintptr(fd), "/dev/net/tun"), nil
}
