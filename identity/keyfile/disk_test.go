package keyfile

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"

	"sxp"
)

// TestDiskErrorsHaveKinds needs no full disk to show what one would be.
func TestDiskErrorsHaveKinds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		errno error
		want  sxp.Kind
	}{
		"no file":       {syscall.ENOENT, sxp.NotFound},
		"no permission": {syscall.EACCES, sxp.Denied},
		"a full disk":   {syscall.ENOSPC, sxp.Full},
		"a bad sector":  {syscall.EIO, sxp.Internal},
		"nonsense":      {errors.New("nonsense"), sxp.Internal},
	} {
		if got := diskKind(&fs.PathError{Op: "write", Path: "x", Err: tt.errno}); got != tt.want {
			t.Errorf("%s: kind %q, want %q", name, got, tt.want)
		}
	}
}
