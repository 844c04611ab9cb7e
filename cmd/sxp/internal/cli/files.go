package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"sxp"
)

// ReadFile reads a file of at most max bytes; - is not a file.
func ReadFile(name string, max int64) ([]byte, error) {
	const op = "sxp.read"
	if name == "" {
		return nil, Usagef("the name of the file is empty")
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "there is no file %s", name)
	}
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "%w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "%w", err)
	}
	if int64(len(b)) > max {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "%s has more than %d bytes", name, max)
	}
	return b, nil
}

// Save writes what a person wants as a file. A file that is there is not
// overwritten.
func Save(name string, data []byte) error {
	const op = "sxp.save"
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return sxp.Errorf(op, sxp.Conflict, nil, "%s is there already: remove it, or choose another name", name)
	}
	if err != nil {
		return sxp.Errorf(op, sxp.Denied, nil, "%w", err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		return nil
	}
	os.Remove(name) // half a file is worse than none
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return sxp.Errorf(op, sxp.Full, nil, "the disk is full: free some space and repeat: %w", err)
	}
	return sxp.Errorf(op, sxp.Internal, nil, "%w", err)
}
