package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"sxp"
	"sxp/blocks"
	"sxp/envelope"
	"sxp/market"
	"sxp/relay"
)

// Photos are blocks at the node of a market. A node lets go of one that no
// announcement names, so that the agent keeps its own ones and puts them anew
// before it announces; those of others stay for when there is no network.
const (
	// keyOwnPhoto and keySeenPhoto hold the bytes of photos, under
	// "photo/…/<time>/<hash>".
	keyOwnPhoto  = "photo/own/"
	keySeenPhoto = "photo/seen/"
)

// photoTypes are the pictures that announcements have, each with how its bytes
// begin. A page shows them in <img>, where nothing in them runs; SVG, which
// holds scripts, is none of them.
var photoTypes = []struct {
	typ, ext string
	is       func(b []byte) bool
}{
	{"image/jpeg", "jpg", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }},
	{"image/png", "png", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }},
	{"image/webp", "webp", func(b []byte) bool {
		return len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
	}},
}

// photoType returns the media type and the ending of a picture's name; "" for
// what is none.
func photoType(b []byte) (typ, ext string) {
	for _, p := range photoTypes {
		if p.is(b) {
			return p.typ, p.ext
		}
	}
	return "", ""
}

// photoAt returns the key of a photo that is kept here, or "".
func photoAt(t *tx, hash sxp.Hash) string {
	for _, of := range []string{keyOwnPhoto, keySeenPhoto} {
		for _, key := range t.keys(of) {
			if strings.HasSuffix(key, "/"+hash.String()) {
				return key
			}
		}
	}
	return ""
}

// keepPhoto keeps a photo, and lets the oldest go.
func (a *Agent) keepPhoto(of string, most int, hash sxp.Hash, data []byte) error {
	return a.mem.update(func(t *tx) error {
		if key := photoAt(t, hash); strings.HasPrefix(key, of) {
			return nil
		}
		t.put(fmt.Sprintf("%s%015d/%s", of, a.now(), hash), sxp.Bytes(data))
		if list := t.keys(of); len(list) > most {
			t.delete(list[0])
		}
		return nil
	})
}

// putPhoto does "photo.put". Where the node cannot be reached, the photo gets
// there with the announcement that names it.
func (a *Agent) putPhoto(ctx context.Context, in PutPhoto) (v PhotoRef, err error) {
	const op = "agent.photo"
	if typ, _ := photoType(in.Data); typ == "" || in.Type != "" && in.Type != typ {
		return v, sxp.Errorf(op, sxp.Invalid, nil, "this is not the picture that it says it is (%.40q): JPEG, PNG or WebP", in.Type)
	}
	if len(in.Data) > blocks.MaxBlock {
		return v, sxp.Errorf(op, sxp.TooLarge, nil, "a photo has at most %d bytes, this has %d", blocks.MaxBlock, len(in.Data))
	}
	m, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	at, err := m.node()
	if err != nil {
		return v, err
	}
	url := blocks.URL{Hash: blocks.Sum(in.Data), At: at}
	if err := url.Validate(); err != nil {
		return v, err
	}
	if _, err = a.blocksAt(at).Put(ctx, in.Data); err != nil && !unreachable(err) {
		return v, err
	}
	return PhotoRef{URL: url.String()}, a.keepPhoto(keyOwnPhoto, maxOwnPhotos, url.Hash, in.Data)
}

func (a *Agent) blocksAt(at relay.Address) *blocks.Client {
	return blocks.NewClient(a.caller(at), a.id, at, a.now, a.cfg.Rand)
}

// putPhotos brings the photos of an announcement to the node of its board, as
// far as they are here. It fails where the node refuses one.
func (a *Agent) putPhotos(ctx context.Context, mk *membership, raw []byte) error {
	if typ, _, err := envelope.Peek(raw); err != nil || typ != market.TypeAnnouncement {
		return err
	}
	ann, err := market.OpenAnnouncement(raw)
	if err != nil || ann.Item == nil {
		return err
	}
	at, err := mk.node()
	if err != nil {
		return err
	}
	for _, text := range ann.Item.Photos {
		url, err := blocks.ParseURL(text)
		if err != nil {
			return err
		}
		var data sxp.Bytes
		if err := a.mem.view(func(t *tx) error {
			if key := photoAt(t, url.Hash); strings.HasPrefix(key, keyOwnPhoto) {
				t.get(key, &data)
			}
			return nil
		}); err != nil {
			return err
		}
		if data == nil {
			continue
		}
		if _, err := a.blocksAt(at).Put(ctx, data); err != nil {
			return err
		}
	}
	return nil
}

// getPhoto answers "photo.get": from here, from the node that the URL names,
// or from those of joined markets, where it may have moved. What is no picture
// is refused, though the hash fits: whoever announced it chose the bytes.
func (a *Agent) getPhoto(ctx context.Context, in PhotoRef) (f File, err error) {
	url, err := blocks.ParseURL(in.URL)
	if err != nil {
		return f, err
	}
	var data sxp.Bytes
	if err := a.mem.view(func(t *tx) error {
		if key := photoAt(t, url.Hash); key != "" {
			t.get(key, &data)
		}
		return nil
	}); err != nil {
		return f, err
	}
	fresh := data == nil
	if fresh {
		if data, err = a.fetchPhoto(ctx, url); err != nil {
			return f, err
		}
	}
	typ, ext := photoType(data)
	if typ == "" {
		return f, sxp.Errorf("agent.photo", sxp.Invalid, url.Hash, "what is announced as a photo is none: neither JPEG, PNG nor WebP")
	}
	if fresh {
		if err := a.keepPhoto(keySeenPhoto, maxSeenPhotos, url.Hash, data); err != nil {
			return f, err
		}
	}
	return File{Name: url.Hash.Short() + "." + ext, Type: typ, Data: data}, nil
}

// noteLooked notes that the person looks at a market of this node.
func (a *Agent) noteLooked(at relay.Address) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.looked) >= maxLooked {
		clear(a.looked)
	}
	a.looked[at] = true
}

// fetchPhoto asks the node of the URL first, and then those of joined markets.
// The URL is what a stranger announced: a node that is none of the markets'
// that this person is in or looks at is not asked, since it would see who
// looks, and when.
func (a *Agent) fetchPhoto(ctx context.Context, url blocks.URL) ([]byte, error) {
	list, err := a.memberships()
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	known := a.looked[url.At]
	a.mu.Unlock()
	var others []relay.Address
	for _, m := range list {
		at, err := m.node()
		if err == nil && at == url.At {
			known = true
		} else if err == nil && !a.rests(at.URL) {
			others = append(others, at)
		}
	}
	err = sxp.Errorf("agent.photo", sxp.NotFound, url.Hash, "the photo is at %s, which is the node of none of your markets: it would see that you look", url.At.URL)
	if known {
		var data []byte
		if data, err = a.blocksAt(url.At).Get(ctx, url.Hash); err == nil || !unreachable(err) && !errors.Is(err, sxp.NotFound) {
			return data, err
		}
	}
	for _, at := range others {
		if data, err := a.blocksAt(at).Get(ctx, url.Hash); err == nil {
			return data, nil
		}
	}
	return nil, err
}
