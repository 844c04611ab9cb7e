package main

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"

	"sxp"
)

// maxPassphrase is the longest passphrase in bytes, so that a wrong file is
// noticed.
const maxPassphrase = 1024

// passphrase reads the passphrase of an existing home: from the file that is
// named, or from the terminal without echo. The caller clears it.
func (a *app) passphrase(ctx context.Context, prompt string) ([]byte, error) {
	const op = "sxp.passphrase"
	name := a.passphraseFile
	if name == "" {
		name = a.getenv("SXP_PASSPHRASE_FILE")
	}
	if name != "" {
		return readPassphrase(name)
	}
	fd, ok := a.terminal()
	if !ok {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "this home has a passphrase and there is no terminal to ask for it: use --passphrase-file FILE")
	}
	fmt.Fprint(a.err, prompt)
	p, err := a.secret(ctx, fd)
	if err != nil {
		return nil, err
	}
	if len(p) > maxPassphrase {
		clear(p)
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a passphrase has at most %d bytes", maxPassphrase)
	}
	return p, nil
}

// newPassphrase asks for the passphrase of a home to be made, twice where a
// person types it. It is nil where the person wants none.
func (a *app) newPassphrase(ctx context.Context, none bool) ([]byte, error) {
	const op = "sxp.passphrase"
	file := a.passphraseFile != "" || a.getenv("SXP_PASSPHRASE_FILE") != ""
	if none && a.passphraseFile != "" {
		return nil, usagef("--no-passphrase and --passphrase-file exclude each other")
	}
	if none {
		return nil, nil
	}
	if _, ok := a.terminal(); !ok && !file {
		return nil, usagef("there is no terminal to ask for a passphrase: use --passphrase-file FILE, or --no-passphrase if nobody else can read this disk")
	}
	p, err := a.passphrase(ctx, "New passphrase: ")
	if err != nil || file {
		return p, err
	}
	again, err := a.passphrase(ctx, "The same again: ")
	defer clear(again)
	switch {
	case err != nil:
	case subtle.ConstantTimeCompare(p, again) == 0:
		err = sxp.Errorf(op, sxp.Invalid, nil, "the two passphrases differ: repeat the command")
	case len(p) == 0:
		err = sxp.Errorf(op, sxp.Invalid, nil, "the passphrase is empty: choose one, or say --no-passphrase if nobody else can read this disk")
	}
	if err != nil {
		clear(p)
		return nil, err
	}
	return p, nil
}

// readPassphrase reads the first line of a file.
func readPassphrase(name string) ([]byte, error) {
	const op = "sxp.passphrase"
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "there is no passphrase file %s", name)
	}
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "%w", err)
	}
	defer f.Close()
	p, err := io.ReadAll(io.LimitReader(f, maxPassphrase+3))
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "%w", err)
	}
	all := p
	p = bytes.TrimSuffix(bytes.TrimSuffix(p, []byte("\n")), []byte("\r"))
	switch {
	case len(p) == 0:
		err = sxp.Errorf(op, sxp.Invalid, nil, "the passphrase file %s is empty", name)
	case len(p) > maxPassphrase:
		err = sxp.Errorf(op, sxp.TooLarge, nil, "%s is not a passphrase file: a passphrase has at most %d bytes", name, maxPassphrase)
	case bytes.ContainsAny(p, "\n\r"):
		err = sxp.Errorf(op, sxp.Invalid, nil, "the passphrase file %s must have one line", name)
	}
	if err != nil {
		clear(all)
		return nil, err
	}
	return p, nil
}

// secret reads a line from the terminal without echo. When ctx ends, which is
// what Ctrl-C does, the terminal is as before.
func (a *app) secret(ctx context.Context, fd int) ([]byte, error) {
	const op = "sxp.passphrase"
	before, err := term.GetState(fd)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "the terminal: %w", err)
	}
	type line struct {
		text []byte
		err  error
	}
	typed := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		typed <- line{text, err}
	}()
	defer fmt.Fprintln(a.err)
	select {
	case <-ctx.Done():
		term.Restore(fd, before)
		return nil, context.Canceled
	case l := <-typed:
		if l.err != nil {
			return nil, sxp.Errorf(op, sxp.Denied, nil, "nothing was typed: %w", l.err)
		}
		return l.text, nil
	}
}

// terminal returns the descriptor of standard input if a person sits there.
func (a *app) terminal() (fd int, ok bool) {
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	return int(f.Fd()), true
}
