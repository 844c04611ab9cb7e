package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sxp"
	"sxp/agent"
	"sxp/blocks"
	"sxp/cmd/sxp/internal/show"
	"sxp/market"
)

// details are the flags that say where, when and what else an item is.
type details struct {
	place, from, until, picture, about string
	attrs, photos                      []string
}

// flags adds them to a command that announces.
func (d *details) flags(f *pflag.FlagSet) {
	f.StringVar(&d.place, "place", "", "where it is given, in `words`")
	f.StringVar(&d.from, "from", "", "`date` from which it is there: 2027-05-01, or with the time 2027-05-01T09:00:00Z")
	f.StringVar(&d.until, "until", "", "last `date` on which it is there, or a time")
	f.StringArrayVar(&d.attrs, "attr", nil, "`key=value` that describes it; repeat for several")
	f.StringArrayVar(&d.photos, "photo", nil, "a `file` with a photo: JPEG, PNG or WebP of at most 128 KiB; repeat for up to four")
	f.StringVar(&d.picture, "picture", "", "`link` to a picture")
	f.StringVar(&d.about, "about", "", "`link` to a page about it")
}

// The attributes that --picture and --about set.
const (
	attrPicture = "picture"
	attrInfo    = "info"
)

// read returns what the flags say, in the types of the agent's requests.
func (d *details) read() (place string, from, until sxp.Time, attributes map[string]string, err error) {
	if from, err = date("--from", d.from, false); err != nil {
		return "", 0, 0, nil, err
	}
	if until, err = date("--until", d.until, true); err != nil {
		return "", 0, 0, nil, err
	}
	attributes = map[string]string{}
	for _, text := range d.attrs {
		key, value, ok := strings.Cut(text, "=")
		if _, twice := attributes[key]; !ok || key == "" || twice {
			return "", 0, 0, nil, usagef("--attr %q must be key=value, each key once", text)
		}
		attributes[key] = value
	}
	for key, link := range map[string]string{attrPicture: d.picture, attrInfo: d.about} {
		if link == "" {
			continue
		}
		if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") {
			return "", 0, 0, nil, usagef("%q is no link: it must start with https://", link)
		}
		attributes[key] = link
	}
	if len(attributes) == 0 {
		attributes = nil
	}
	return d.place, from, until, attributes, nil
}

// put brings the photos to the node of a market and returns their URLs.
func (d *details) put(ctx context.Context, g agent.Doer, at string) (urls []string, err error) {
	for _, name := range d.photos {
		data, err := readFile(name, blocks.MaxBlock)
		if err != nil {
			return nil, err
		}
		p, err := agent.Call[agent.PhotoRef](ctx, g, "photo.put", agent.PutPhoto{Market: at, Data: data})
		if err != nil {
			return nil, sxp.Errorf("sxp.photo", sxp.KindOf(err), nil, "%s: %w", name, err)
		}
		urls = append(urls, p.URL)
	}
	return urls, nil
}

// date reads a day, by the clock on the wall here, or a moment. A day that
// something lasts until is part of it.
func date(flag, text string, whole bool) (sxp.Time, error) {
	if text == "" {
		return 0, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return sxp.TimeOf(t), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return 0, usagef("%s %q is no date: write 2027-05-01, or 2027-05-01T09:00:00Z", flag, text)
	}
	if whole {
		t = t.AddDate(0, 0, 1)
	}
	return sxp.TimeOf(t), nil
}

// detail says in one line what details tells of an item.
func detail(it market.Item) string {
	var parts []string
	if it.Place != "" {
		parts = append(parts, it.Place)
	}
	if it.From != 0 {
		parts = append(parts, "from "+moment(it.From))
	}
	if it.Until != 0 {
		parts = append(parts, "until "+moment(it.Until))
	}
	for _, key := range slices.Sorted(maps.Keys(it.Attributes)) {
		parts = append(parts, key+"="+it.Attributes[key])
	}
	if n := len(it.Photos); n > 0 {
		parts = append(parts, fmt.Sprintf("photos: %d", n))
	}
	return strings.Join(parts, "; ")
}

// moment writes a time by the clock on the wall here.
func moment(t sxp.Time) string { return t.Std().Local().Format("2006-01-02 15:04") }

// detailed prints a table of announcements; where one of them says more than
// its title, with a column for that at an index.
func detailed(w io.Writer, at int, header []string, rows [][]string, all []agent.AnnouncementView) error {
	if slices.ContainsFunc(all, func(v agent.AnnouncementView) bool { return detail(v.Item) != "" }) {
		header = slices.Insert(slices.Clone(header), at, "DETAILS")
		for i, v := range all {
			rows[i] = slices.Insert(rows[i], at, detail(v.Item))
		}
	}
	return show.Table(w, header, rows)
}
