package tm

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"sxp"
)

// The rules, as they are named in problems and in spec/tradelist.md.
const (
	ruleTooLarge       = "limit"
	ruleOptionPlace    = "options-first"
	ruleOptionValue    = "option-value"
	ruleUnknownOption  = "unknown-option"
	ruleRetired        = "retired-option"
	ruleComment        = "comment-at-start"
	ruleOfficialOnce   = "official-once"
	ruleOfficialFirst  = "official-first"
	ruleOfficialEnd    = "official-end"
	ruleOfficialName   = "official-name"
	ruleUsername       = "username"
	ruleNeedUsername   = "require-usernames"
	ruleSemicolon      = "semicolon"
	ruleColon          = "colon"
	ruleNeedColon      = "require-colons"
	ruleMoney          = "money"
	ruleDummyUser      = "dummy-username"
	ruleDummyAllowed   = "allow-dummies"
	ruleNotOfficial    = "not-official"
	ruleRepeatedList   = "repeated-list"
	ruleUnknownItem    = "unknown-item"
	ruleRepeatedWant   = "repeated-want"
	ruleOwnItem        = "own-item"
	ruleSelf           = "own-list"
	rulePriority       = "explicit-priority"
	ruleMissing        = "missing-list"
	ruleOfficialUnread = "official-unclosed"
)

// A line is one want list as written: who, and the words.
type line struct {
	number int
	user   string   // "" if none; spelt as in the file
	words  []string // the item, then wants and semicolons
}

// A parser turns text into lines and complaints.
type parser struct {
	set      Settings
	opt      Options
	number   int // of the current line
	begun    bool
	reading  bool // official names
	official map[string]string
	order    []string // official names in their order
	lineOf   map[string]int
	wants    []line
	problems []Problem
	more     int
	words    int
}

// problem keeps a complaint; only with Strict is it an error.
func (p *parser) problem(number int, rule string, note bool, format string, args ...any) error {
	pr := Problem{Line: number, Rule: rule, Text: fmt.Sprintf(format, args...), Note: note}
	if p.set.Strict && !note {
		return sxp.Errorf("tm.Read", sxp.Invalid, nil, "%w", pr)
	}
	if len(p.problems) >= MaxProblems {
		p.more++
		return nil
	}
	p.problems = append(p.problems, pr)
	return nil
}

func (p *parser) complain(rule, format string, args ...any) error {
	return p.problem(p.number, rule, false, format, args...)
}

// fatal is for rules that end the reading in TradeMaximizer too.
func (p *parser) fatal(rule, format string, args ...any) error {
	kind := sxp.Invalid
	if rule == ruleTooLarge {
		kind = sxp.TooLarge
	}
	return sxp.Errorf("tm.Read", kind, nil, "%w", Problem{Line: p.number, Rule: rule, Text: fmt.Sprintf(format, args...)})
}

// lines reads the whole text.
func (p *parser) lines(r io.Reader) error {
	in := bufio.NewScanner(io.LimitReader(r, MaxFile+1))
	in.Buffer(make([]byte, 64<<10), MaxLine)
	size := 0
	for in.Scan() {
		p.number++
		text := in.Text()
		if size += len(text) + 1; size > MaxFile+1 {
			return p.fatal(ruleTooLarge, "the file has more than %d bytes", MaxFile)
		}
		if p.number == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if !utf8.ValidString(text) { // old lists are Latin-1: a name stays a name
			text = strings.ToValidUTF8(text, "\ufffd")
		}
		if err := p.line(strings.TrimFunc(text, isBlank)); err != nil {
			return err
		}
	}
	p.number++
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return p.fatal(ruleTooLarge, "longer than %d bytes", MaxLine)
	}
	if err := in.Err(); err != nil {
		return sxp.Errorf("tm.Read", sxp.Unavailable, nil, "line %d: %w", p.number, err)
	}
	if p.reading {
		return p.complain(ruleOfficialUnread, "the file ends before !END-OFFICIAL-NAMES: it has no want lists")
	}
	return nil
}

// isBlank is what Java's trim removes.
func isBlank(r rune) bool { return r <= ' ' }

// isSpace separates words.
func isSpace(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }

func (p *parser) line(s string) error {
	switch {
	case s == "":
		return nil
	case strings.HasPrefix(s, "#!"):
		return p.options(s[2:])
	case s[0] == '#':
		return nil
	case strings.EqualFold(s, "!BEGIN-OFFICIAL-NAMES"):
		if p.official != nil {
			return p.fatal(ruleOfficialOnce, "official names cannot begin twice")
		}
		if p.begun {
			return p.fatal(ruleOfficialFirst, "official names must come before the first want list")
		}
		p.official, p.reading = make(map[string]string), true
		return nil
	case strings.EqualFold(s, "!END-OFFICIAL-NAMES"):
		if !p.reading {
			return p.fatal(ruleOfficialEnd, "!END-OFFICIAL-NAMES without !BEGIN-OFFICIAL-NAMES")
		}
		p.reading = false
		return nil
	case p.reading:
		return p.officialName(s)
	case strings.Contains(s, "#"):
		return p.fatal(ruleComment, "a comment (#…) can only begin a line")
	}
	return p.wantList(s)
}

func (p *parser) options(s string) error {
	if p.begun {
		return p.fatal(ruleOptionPlace, "options (#!…) must come before the first want list")
	}
	if p.official != nil {
		return p.fatal(ruleOptionPlace, "options (#!…) must come before the official names")
	}
	for _, word := range strings.FieldsFunc(strings.ToUpper(s), isSpace) {
		if err := p.option(word); err != nil {
			return err
		}
	}
	return nil
}

// officialName reads "NAME ==> text" or "NAME: text".
func (p *parser) officialName(s string) error {
	if s[0] == ':' || s[0] == '%' {
		return p.fatal(ruleOfficialName, "an official name cannot begin with %q", s[:1])
	}
	end := strings.IndexFunc(s, func(r rune) bool { return r == ':' || isSpace(r) })
	name, text := s, ""
	if end >= 0 {
		name, text = s[:end], s[end+1:]
	}
	if strings.Contains(name, "#") {
		return p.fatal(ruleComment, "# cannot be part of a name")
	}
	name = p.fold(name)
	if err := p.nameFits(name); err != nil {
		return err
	}
	if _, twice := p.official[name]; twice {
		return p.fatal(ruleOfficialName, "official name %s is defined twice", name)
	}
	if len(p.official) >= MaxLists {
		return p.fatal(ruleTooLarge, "more than %d official names", MaxLists)
	}
	text = strings.TrimFunc(text, isBlank)
	text = strings.TrimFunc(strings.TrimPrefix(text, "==>"), isBlank)
	p.official[name] = text
	p.order = append(p.order, name)
	p.lineOf[name] = p.number
	return nil
}

func (p *parser) fold(s string) string {
	if p.opt.CaseSensitive {
		return s
	}
	return strings.ToUpper(s)
}

func (p *parser) nameFits(name string) error {
	if len(name) > MaxName {
		return p.fatal(ruleTooLarge, "the name %s has more than %d bytes", clip(name), MaxName)
	}
	return nil
}

// wantList reads "(user) ITEM : WANT WANT ; WANT".
func (p *parser) wantList(s string) error {
	user, rest, err := p.user(s)
	if err != nil {
		return err
	}
	colon := strings.IndexByte(rest, ':')
	if semi := strings.IndexByte(rest, ';'); semi >= 0 {
		if semi < colon {
			return p.fatal(ruleSemicolon, "a semicolon cannot come before the colon")
		}
		if strings.TrimFunc(rest[:semi], isBlank) == "" {
			return p.fatal(ruleSemicolon, "a semicolon cannot come before the item")
		}
	}
	if colon >= 0 {
		if strings.LastIndexByte(rest, ':') != colon {
			return p.fatal(ruleColon, "more than one colon")
		}
		if n := len(strings.FieldsFunc(rest[:colon], isSpace)); n != 1 {
			return p.fatal(ruleColon, "exactly one item must stand before the colon, not %d", n)
		}
		rest = rest[:colon] + " " + rest[colon+1:]
	} else if p.opt.RequireColons {
		return p.fatal(ruleNeedColon, "the colon after the item is missing")
	}
	words := strings.FieldsFunc(p.fold(strings.ReplaceAll(rest, ";", " ; ")), isSpace)
	if len(words) == 0 {
		return p.fatal(ruleUsername, "a username cannot stand alone")
	}
	for _, w := range words {
		if err := p.nameFits(w); err != nil {
			return err
		}
	}
	if p.words += len(words); p.words > MaxWants || len(p.wants) >= MaxLists {
		return p.fatal(ruleTooLarge, "more than %d lists or %d wants", MaxLists, MaxWants)
	}
	p.begun = true
	p.wants = append(p.wants, line{number: p.number, user: user, words: words})
	return nil
}

// user cuts "(name)" off the front of a line.
func (p *parser) user(s string) (user, rest string, err error) {
	open, end := strings.IndexByte(s, '('), strings.IndexByte(s, ')')
	switch {
	case open < 0 && p.opt.RequireUsernames:
		return "", "", p.fatal(ruleNeedUsername, "the username is missing")
	case open < 0 && end >= 0:
		return "", "", p.fatal(ruleUsername, "')' without '('")
	case open < 0:
		return "", s, nil
	case open > 0:
		return "", "", p.fatal(ruleUsername, "a username can only begin a line")
	case strings.LastIndexByte(s, '(') > 0:
		return "", "", p.fatal(ruleUsername, "more than one '('")
	case end < 0:
		return "", "", p.fatal(ruleUsername, "')' is missing after the username")
	case strings.LastIndexByte(s, ')') > end:
		return "", "", p.fatal(ruleUsername, "more than one ')'")
	case end == 1:
		return "", "", p.fatal(ruleUsername, "the username is empty")
	case end == len(s)-1:
		return "", "", p.fatal(ruleUsername, "a username cannot stand alone")
	}
	user = s[1:end]
	return user, s[end+1:], p.nameFits(user)
}

// clip shortens what a message quotes.
func clip(s string) string {
	if len(s) <= 40 {
		return s
	}
	return strings.ToValidUTF8(s[:40], "") + "…"
}

// money reads "$40" or "$12.50" as hundredths.
func money(s string) (cents int64, ok bool) {
	digits, found := strings.CutPrefix(s, "$")
	if !found || digits == "" {
		return 0, false
	}
	whole, frac, dotted := strings.Cut(digits, ".")
	if dotted && (len(frac) == 0 || len(frac) > 2) {
		return 0, false
	}
	for len(frac) < 2 {
		frac += "0"
	}
	n, err := strconv.ParseUint(whole+frac, 10, 40)
	return int64(n), err == nil
}
