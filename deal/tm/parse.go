package tm

import (
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"

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
	ruleNesting        = "dummy-nesting"
	ruleCost           = "cost"
	ruleMetric         = "metric"
	ruleLimits         = "limits"
)

// A line is one want list as written: who, the item, and what follows it.
type line struct {
	number int
	user   string // "" if none; spelt as in the file
	item   string
	wants  string // words and semicolons
}

// A parser turns text into lines and complaints.
type parser struct {
	set        Settings
	opt        Options
	number     int // of the current line
	begun      bool
	reading    bool // official names
	skipping   bool // official names that came too late
	official   map[string]string
	order      []string // official names in their order
	lineOf     map[string]int
	wants      []line
	problems   []Problem
	more       int
	metricLine int       // of METRIC=…
	sum        hash.Hash // for Settings.Checksum
}

// problem keeps a complaint; only with Strict is it an error.
func (p *parser) problem(number int, rule string, note bool, format string, args ...any) error {
	pr := Problem{File: p.set.File, Line: number, Rule: rule, Text: fmt.Sprintf(format, args...), Note: note}
	if p.set.Strict && !note {
		return refuse(pr)
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

// fatal is for what nothing can be read beyond.
func (p *parser) fatal(format string, args ...any) error {
	return refuse(Problem{File: p.set.File, Line: p.number, Rule: ruleTooLarge, Text: fmt.Sprintf(format, args...)})
}

// refuse makes an error of a problem.
func refuse(pr Problem) error {
	kind := sxp.Invalid
	if pr.Rule == ruleTooLarge {
		kind = sxp.TooLarge
	}
	return sxp.Errorf("tm.Read", kind, nil, "%w", pr)
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
		return p.beginNames()
	case strings.EqualFold(s, "!END-OFFICIAL-NAMES"):
		if !p.reading && !p.skipping {
			return p.complain(ruleOfficialEnd, "!END-OFFICIAL-NAMES without !BEGIN-OFFICIAL-NAMES")
		}
		p.reading, p.skipping = false, false
		return nil
	case p.skipping:
		return nil
	case p.reading:
		return p.officialName(s)
	case strings.IndexByte(s, '#') >= 0:
		return p.complain(ruleComment, "a comment (#…) can only begin a line: it is ignored")
	}
	return p.wantList(s)
}

// beginNames begins the official names; those that come too late are skipped.
func (p *parser) beginNames() error {
	p.skipping = p.official != nil || p.begun
	switch {
	case p.official != nil:
		return p.complain(ruleOfficialOnce, "official names cannot begin twice: they are ignored")
	case p.begun:
		return p.complain(ruleOfficialFirst, "official names must come before the first want list: they are ignored")
	}
	p.official, p.reading = make(map[string]string), true
	return nil
}

func (p *parser) options(s string) error {
	if p.begun {
		return p.complain(ruleOptionPlace, "options (#!…) must come before the first want list: they are ignored")
	}
	if p.official != nil {
		return p.complain(ruleOptionPlace, "options (#!…) must come before the official names: they are ignored")
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
		return p.complain(ruleOfficialName, "an official name cannot begin with %q", s[:1])
	}
	end := strings.IndexFunc(s, func(r rune) bool { return r == ':' || isSpace(r) })
	name, text := s, ""
	if end >= 0 {
		name, text = s[:end], s[end+1:]
	}
	if strings.Contains(name, "#") {
		return p.complain(ruleComment, "# cannot be part of a name")
	}
	name = strings.Clone(p.fold(name))
	if len(name) > MaxName {
		return p.complain(ruleTooLarge, "the name %s has more than %d bytes", clip(name), MaxName)
	}
	if _, twice := p.official[name]; twice {
		return p.complain(ruleOfficialName, "official name %s is defined twice", name)
	}
	if len(p.official) >= MaxLists {
		return p.fatal("more than %d official names", MaxLists)
	}
	text = strings.TrimFunc(text, isBlank)
	text = strings.TrimFunc(strings.TrimPrefix(text, "==>"), isBlank)
	p.official[name] = strings.Clone(text)
	p.order = append(p.order, name)
	p.lineOf[name] = p.number
	return nil
}

func (p *parser) fold(s string) string {
	if p.opt.CaseSensitive || isUpper(s) {
		return s
	}
	return strings.ToUpper(s)
}

// isUpper reports whether s is ASCII without small letters, as most lists are:
// strings.ToUpper looks at one byte at a time.
func isUpper(s string) bool {
	const top, a, z = 0x8080808080808080, 0x1f1f1f1f1f1f1f1f, 0x0505050505050505 // what lifts a, and what lifts the one after z, to the top bit
	for len(s) >= 8 {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if x&top != 0 || (x+a)&^(x+z)&top != 0 {
			return false
		}
		s = s[8:]
	}
	for i := range len(s) {
		if s[i] >= 0x80 || 'a' <= s[i] && s[i] <= 'z' {
			return false
		}
	}
	return true
}

// wantList reads "(user) ITEM : WANT WANT ; WANT".
func (p *parser) wantList(s string) error {
	p.begun = true
	user, rest, err := p.user(s)
	if err != nil || rest == "" {
		return err
	}
	colon := strings.IndexByte(rest, ':')
	if semi := strings.IndexByte(rest, ';'); semi >= 0 {
		if semi < colon {
			return p.complain(ruleSemicolon, "a semicolon cannot come before the colon: the line is ignored")
		}
		if strings.TrimFunc(rest[:semi], isBlank) == "" {
			return p.complain(ruleSemicolon, "a semicolon cannot come before the item: the line is ignored")
		}
	}
	l := line{number: p.number, user: user}
	switch {
	case colon >= 0:
		if strings.IndexByte(rest[colon+1:], ':') >= 0 {
			return p.complain(ruleColon, "more than one colon: the line is ignored")
		}
		item, more := nextWord(rest[:colon])
		if other, _ := nextWord(more); item == "" || other != "" {
			return p.complain(ruleColon, "exactly one item must stand before the colon, not %d: the line is ignored", len(strings.FieldsFunc(rest[:colon], isSpace)))
		}
		l.item, l.wants = item, rest[colon+1:]
	case p.opt.RequireColons:
		return p.complain(ruleNeedColon, "the colon after the item is missing: the line is ignored")
	default:
		l.item, l.wants = nextWord(rest)
	}
	l.item, l.wants = p.fold(l.item), p.fold(l.wants)
	if len(l.item) > MaxName {
		return p.complain(ruleTooLarge, "the name %s has more than %d bytes: the line is ignored", clip(l.item), MaxName)
	}
	if len(p.wants) >= MaxLists {
		return p.fatal("more than %d lists", MaxLists)
	}
	if len(p.wants) == cap(p.wants) { // doubling leaves less behind than append does
		p.wants = slices.Grow(p.wants, max(len(p.wants), 1<<10))
	}
	p.wants = append(p.wants, l)
	p.digest(l)
	return nil
}

// nextWord cuts the first word off: blanks separate words, a semicolon is a word
// of its own. The word is empty where there is none.
func nextWord(s string) (word, rest string) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] >= '\t' && s[i] <= '\r') {
		i++
	}
	if i < len(s) && s[i] == ';' {
		return s[i : i+1], s[i+1:]
	}
	j := i
	for j < len(s) && s[j] != ' ' && s[j] != ';' && (s[j] > '\r' || s[j] < '\t') {
		j++
	}
	return s[i:j], s[j:]
}

// user cuts "(name)" off the front of a line; an empty rest means that there
// was a complaint.
func (p *parser) user(s string) (user, rest string, err error) {
	open, end := strings.IndexByte(s, '('), strings.IndexByte(s, ')')
	rule, why := ruleUsername, ""
	switch {
	case open < 0 && p.opt.RequireUsernames:
		rule, why = ruleNeedUsername, "the username is missing"
	case open < 0 && end >= 0:
		why = "')' without '('"
	case open < 0:
		return "", s, nil
	case open > 0:
		why = "a username can only begin a line"
	case strings.IndexByte(s[1:], '(') >= 0:
		why = "more than one '('"
	case end < 0:
		why = "')' is missing after the username"
	case strings.IndexByte(s[end+1:], ')') >= 0:
		why = "more than one ')'"
	case end == 1:
		why = "the username is empty"
	case strings.TrimFunc(s[end+1:], isBlank) == "":
		why = "a username cannot stand alone"
	case end-1 > MaxName:
		rule, why = ruleTooLarge, "the name "+clip(s[1:end])+" has more than "+strconv.Itoa(MaxName)+" bytes"
	}
	if why != "" {
		return "", "", p.complain(rule, "%s: the line is ignored", why)
	}
	return s[1:end], s[end+1:], nil
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
