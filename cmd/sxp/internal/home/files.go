package home

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"sxp"
)

func syncDir(op, dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return failed(op, err)
	}
	return nil
}

// failed gives an error of the disk its kind.
func failed(op string, err error) error {
	switch {
	case full(err):
		return sxp.Errorf(op, sxp.Full, nil, "the disk is full: free some space and repeat: %w", err)
	case errors.Is(err, fs.ErrPermission):
		return sxp.Errorf(op, sxp.Denied, nil, "%w", err)
	}
	return sxp.Errorf(op, sxp.Internal, nil, "%w", err)
}

// full reports whether err says that there is no room.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
