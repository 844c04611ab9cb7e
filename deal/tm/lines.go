package tm

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"sxp"
)

// blockSize is how much is read at once.
const blockSize = 256 << 10

// lines reads the whole text, block by block: a block that ends inside a line
// hands that beginning on to the next.
func (p *parser) lines(r io.Reader) error {
	if p.set.Checksum {
		p.sum = md5.New()
	}
	buf, held, size := make([]byte, blockSize), 0, 0
	long := false // the beginning of a line that is too long was thrown away
	for {
		n, err := io.ReadFull(r, buf[held:])
		if size += n; size > MaxFile {
			p.number++
			return p.fatal("the file has more than %d bytes", MaxFile)
		}
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return sxp.Errorf("tm.Read", sxp.Unavailable, nil, "after line %d: %w", p.number, err)
		}
		text := buf[:held+n]
		whole := bytes.LastIndexByte(text, '\n') + 1
		if last {
			whole = len(text)
		}
		if err := p.block(string(text[:whole]), &long); err != nil {
			return err
		}
		held = copy(buf, text[whole:])
		switch {
		case last:
			return p.end()
		case held > MaxLine:
			held, long = 0, true
		case held > len(buf)/2:
			buf = append(buf, make([]byte, len(buf))...)
		}
	}
}

func (p *parser) end() error {
	if p.number++; p.reading || p.skipping {
		return p.complain(ruleOfficialUnread, "the file ends before !END-OFFICIAL-NAMES: it has no want lists")
	}
	return nil
}

// block reads whole lines.
func (p *parser) block(text string, long *bool) error {
	if !utf8.ValidString(text) { // old lists are Latin-1: a name stays a name
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		p.number++
		if p.number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		var err error
		if *long || len(line) > MaxLine {
			*long = false
			err = p.complain(ruleTooLarge, "the line has more than %d bytes: it is ignored", MaxLine)
		} else {
			err = p.line(strings.TrimFunc(line, isBlank))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// digest adds a list to the checksum: its words, each after a blank.
func (p *parser) digest(l line) {
	if p.sum == nil {
		return
	}
	var b strings.Builder
	if l.user != "" {
		b.WriteString(" (" + strings.ReplaceAll(p.fold(l.user), " ", "#") + ")")
	}
	b.WriteString(" " + l.item)
	for word, rest := nextWord(l.wants); word != ""; word, rest = nextWord(rest) {
		b.WriteString(" " + word)
	}
	b.WriteString("\n")
	p.sum.Write([]byte(b.String()))
}

// checksum writes the digest as TradeMaximizer 1.4a does: bytes below 16 have
// one digit.
func (p *parser) checksum() string {
	if p.sum == nil {
		return ""
	}
	var b strings.Builder
	for _, x := range p.sum.Sum(nil) {
		fmt.Fprintf(&b, "%x", x)
	}
	return b.String()
}
