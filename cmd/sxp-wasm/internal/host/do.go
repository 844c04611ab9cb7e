package host

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/agent"
	"sxp/identity"
)

func (h *Host) create(ctx context.Context, in Create) (out Words, err error) {
	const op = "host.create"
	label := strings.TrimSpace(in.Label)
	if label == "" {
		return out, sxp.Errorf(op, sxp.Invalid, nil, "a name is needed: it is what others see")
	}
	if len(label) > sxp.MaxLabel {
		return out, sxp.Errorf(op, sxp.TooLarge, nil, "a name has at most %d bytes, this has %d", sxp.MaxLabel, len(label))
	}
	relays, err := h.relays(ctx, in.Relays)
	if err != nil {
		return out, err
	}
	root, err := identity.NewRoot(h.cfg.Rand)
	if err != nil {
		return out, err
	}
	defer root.Erase()
	err = h.fresh(ctx, label, in.Passphrase, root, func(cfg agent.Config) (*agent.Agent, error) {
		return agent.Create(cfg, label, relays)
	})
	if err != nil {
		return out, err
	}
	return Words{root.Words()}, nil
}

func (h *Host) restore(ctx context.Context, in Restore) (out agent.None, err error) {
	words, err := splitWords(in.Words)
	if err != nil {
		return out, err
	}
	root, err := identity.RootFromWords(words)
	if err != nil {
		return out, err
	}
	defer root.Erase()
	if p, err := h.here(); err == nil {
		return out, h.reseal(ctx, p, root, in.Passphrase)
	}
	relays, err := h.relays(ctx, in.Relays)
	if err != nil {
		return out, err
	}
	return out, h.fresh(ctx, "", in.Passphrase, root, func(cfg agent.Config) (*agent.Agent, error) {
		g, err := agent.Restore(ctx, cfg, relays)
		if errors.Is(err, sxp.NotFound) && in.Label != "" {
			return agent.Create(cfg, in.Label, relays)
		}
		return g, err
	})
}

// reseal opens the person that is here with the words instead of a passphrase
// that was forgotten, and sets a new one.
func (h *Host) reseal(ctx context.Context, p *person, root *identity.Root, passphrase string) error {
	pass, err := checkPassphrase(passphrase)
	if err != nil {
		return err
	}
	defer clear(pass)
	h.turn.Lock()
	defer h.turn.Unlock()
	secret := root.Bytes()
	defer clear(secret)
	err = h.opened(ctx, p, secret)
	if errors.Is(err, sxp.Denied) {
		return sxp.Errorf("host.restore", sxp.Conflict, nil, "%q is in this browser already, and these are the words of somebody else: erase what is here first, or use another browser profile", p.Label)
	}
	if err != nil {
		return err
	}
	if p.Keyfile, err = h.cfg.Stretch.Seal(ctx, secret, pass); err != nil {
		return err
	}
	return h.save(p)
}

// isOpen reports whether the person with this id is open.
func (h *Host) isOpen(id sxp.ID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.agent != nil && h.agent.ID() == id
}

// splitWords reads what a person typed or pasted: a list with numbers, on one
// line or many.
func splitWords(text string) ([]string, error) {
	if len(text) > maxWords {
		return nil, sxp.Errorf("host.restore", sxp.TooLarge, nil, "24 words have at most %d bytes: this is something else", maxWords)
	}
	cut := func(r rune) bool {
		return r == ' ' || r == ',' || r == ';' || r == '\n' || r == '\r' || r == '\t' || r == '\u00a0'
	}
	words := []string{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), cut) {
		if w = strings.Trim(w, "0123456789.:)-"); w != "" {
			words = append(words, w)
		}
	}
	return words, nil
}

func (h *Host) wordCheck(_ context.Context, in WordCheck) (WordsChecked, error) {
	out := WordsChecked{Bad: []int{}}
	words, err := splitWords(in.Words)
	if err != nil {
		return out, err
	}
	out.Count = len(words)
	for i, w := range words {
		known, near := identity.CheckWord(w)
		if known {
			continue
		}
		if len(out.Bad) == 0 {
			out.Suggestions = near
		}
		out.Bad = append(out.Bad, i+1)
	}
	root, err := identity.RootFromWords(words)
	if err != nil {
		out.Why = sxp.Reason(err)
		return out, nil
	}
	root.Erase()
	out.Valid = true
	return out, nil
}

func (h *Host) unlock(ctx context.Context, in Passphrase) (out agent.None, err error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	p, secret, err := h.unsealed(ctx, in.Passphrase)
	if err != nil {
		return out, err
	}
	defer clear(secret)
	return out, h.opened(ctx, p, secret)
}

// opened opens the person that is here with their root; Denied for another's.
func (h *Host) opened(ctx context.Context, p *person, secret []byte) error {
	root, err := identity.ParseRoot(secret)
	if err != nil {
		return err
	}
	defer root.Erase()
	if h.State().State != StateOpen {
		if err := h.open(ctx, secret, agent.Open); err != nil {
			return err
		}
	}
	if !h.isOpen(root.Signing().ID()) {
		return sxp.Errorf("host.unlock", sxp.Denied, nil, "this is another person's key")
	}
	h.keep(secret, p.Remember)
	return nil
}

func (h *Host) lock(context.Context, agent.None) (out agent.None, err error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	return out, errors.Join(h.cfg.Device.Forget(), h.closeAgent())
}

func (h *Host) words(ctx context.Context, in Passphrase) (out Words, err error) {
	_, secret, err := h.unsealed(ctx, in.Passphrase)
	if err != nil {
		return out, err
	}
	defer clear(secret)
	root, err := identity.ParseRoot(secret)
	if err != nil {
		return out, err
	}
	defer root.Erase()
	return Words{root.Words()}, nil
}

func (h *Host) passphrase(ctx context.Context, in NewPassphrase) (out agent.None, err error) {
	pass, err := checkPassphrase(in.New)
	if err != nil {
		return out, err
	}
	defer clear(pass)
	h.turn.Lock()
	defer h.turn.Unlock()
	p, secret, err := h.unsealed(ctx, in.Old)
	if err != nil {
		return out, err
	}
	defer clear(secret)
	if p.Keyfile, err = h.cfg.Stretch.Seal(ctx, secret, pass); err != nil {
		return out, err
	}
	return out, h.save(p)
}

// rootBytes returns the root of the person that is open; the caller clears it.
func (h *Host) rootBytes() ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.root == nil {
		return nil, locked()
	}
	return h.root.Bytes(), nil
}

func (h *Host) remember(_ context.Context, in Switch) (out agent.None, err error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	secret, err := h.rootBytes()
	if err != nil {
		return out, err
	}
	defer clear(secret)
	p, err := h.here()
	if err != nil {
		return out, err
	}
	p.Remember = in.On
	if err := h.cfg.Device.Keep(secret, in.On); err != nil {
		return out, err
	}
	return out, h.save(p)
}

const passkeyInfo = "sxp passkey/1"

// passkeyAEAD returns the cipher under a passkey's PRF output.
func passkeyAEAD(prf []byte) (cipher.AEAD, error) {
	const op = "host.passkey"
	if len(prf) < sha256.Size {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the passkey gave %d bytes of key, %d are needed: this device's passkeys cannot unlock", len(prf), sha256.Size)
	}
	key, err := hkdf.Key(sha256.New, prf, nil, passkeyInfo, chacha20poly1305.KeySize)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
	}
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
	}
	return aead, nil
}

func (h *Host) passkey(_ context.Context, in Passkey) (out agent.None, err error) {
	const op = "host.passkey"
	h.turn.Lock()
	defer h.turn.Unlock()
	secret, err := h.rootBytes()
	if err != nil {
		return out, err
	}
	defer clear(secret)
	p, err := h.here()
	if err != nil {
		return out, err
	}
	p.Passkey, p.Credential = nil, nil
	if in.On {
		if len(in.Credential) == 0 {
			return out, sxp.Errorf(op, sxp.Invalid, nil, "which passkey it is must be said: its credential id is missing")
		}
		aead, err := passkeyAEAD(in.PRF)
		if err != nil {
			return out, err
		}
		nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(secret)+aead.Overhead())
		if _, err := h.cfg.Rand.Read(nonce); err != nil {
			return out, sxp.Errorf(op, sxp.Internal, nil, "no randomness: %w", err)
		}
		p.Passkey = aead.Seal(nonce, nonce, secret, []byte(passkeyInfo))
		p.Credential = slices.Clone(in.Credential)
	}
	return out, h.save(p)
}

func (h *Host) unlockPasskey(ctx context.Context, in UnlockPasskey) (out agent.None, err error) {
	const op = "host.unlockPasskey"
	h.turn.Lock()
	defer h.turn.Unlock()
	p, err := h.here()
	if err != nil {
		return out, err
	}
	if len(p.Passkey) < chacha20poly1305.NonceSizeX {
		return out, sxp.Errorf(op, sxp.NotFound, nil, "no passkey was set up here: use the passphrase")
	}
	aead, err := passkeyAEAD(in.PRF)
	if err != nil {
		return out, err
	}
	nonce, sealed := p.Passkey[:chacha20poly1305.NonceSizeX], p.Passkey[chacha20poly1305.NonceSizeX:]
	secret, err := aead.Open(nil, nonce, sealed, []byte(passkeyInfo))
	if err != nil {
		return out, sxp.Errorf(op, sxp.Denied, nil, "this is another passkey: choose the one that was set up here, or use the passphrase")
	}
	defer clear(secret)
	return out, h.opened(ctx, p, secret)
}

func (h *Host) storage(ctx context.Context, _ agent.None) (Storage, error) {
	return h.cfg.Disk.Describe(ctx)
}

func (h *Host) node(ctx context.Context, _ agent.None) (Node, error) {
	return h.ask(ctx, h.cfg.Served)
}

// online is asked by the page when the browser says that the network is back.
func (h *Host) online(context.Context, agent.None) (out agent.None, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.agent != nil {
		h.agent.Online()
	}
	return out, nil
}

func (h *Host) erase(context.Context, agent.None) (out agent.None, err error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	if err := errors.Join(h.cfg.Device.Forget(), h.closeAgent(), h.cfg.Disk.Erase()); err != nil {
		return out, err
	}
	h.mu.Lock()
	h.person = nil
	h.mu.Unlock()
	h.changed()
	return out, nil
}
