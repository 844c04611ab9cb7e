package agent

import (
	"bytes"
	"context"

	"sxp"
	"sxp/blocks"
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

// putPhoto does "photo.put".
func (a *Agent) putPhoto(ctx context.Context, in PutPhoto) (v PhotoRef, err error) {
	const op = "agent.photo"
	found := ""
	for _, p := range photoTypes {
		if p.is(in.Data) {
			found = p.typ
		}
	}
	if found == "" || in.Type != "" && in.Type != found {
		return v, sxp.Errorf(op, sxp.Invalid, nil, "this is not the picture that it says it is (%.40q): JPEG, PNG or WebP", in.Type)
	}
	m, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	at, err := m.node()
	if err != nil {
		return v, err
	}
	url, err := blocks.NewClient(a.caller(at), a.id, at, a.now, a.cfg.Rand).Put(ctx, in.Data)
	return PhotoRef{URL: url.String()}, err
}

// getPhoto answers "photo.get". What is no picture is refused, though the hash
// fits: whoever announced it chose the bytes.
func (a *Agent) getPhoto(ctx context.Context, in PhotoRef) (f File, err error) {
	url, err := blocks.ParseURL(in.URL)
	if err != nil {
		return f, err
	}
	data, err := blocks.NewClient(a.caller(url.At), a.id, url.At, a.now, a.cfg.Rand).Get(ctx, url.Hash)
	if err != nil {
		return f, err
	}
	for _, p := range photoTypes {
		if p.is(data) {
			return File{Name: url.Hash.Short() + "." + p.ext, Type: p.typ, Data: data}, nil
		}
	}
	return f, sxp.Errorf("agent.photo", sxp.Invalid, url.Hash, "what is announced as a photo is none: neither JPEG, PNG nor WebP")
}
