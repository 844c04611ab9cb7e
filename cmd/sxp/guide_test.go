package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guideNumbers are those that differ from run to run.
var guideNumbers = regexp.MustCompile(`\d+\.\d\d s(, \d+ MiB)?`)

// TestGuide does what docs/deals.md tells its readers to do: blocks after
// "Save this as `NAME`:" are files, blocks of lines "$ sxp …" are run and
// compared with what stands there. SXP_UPDATE=1 writes what they print instead.
func TestGuide(t *testing.T) {
	if race {
		t.Skip("the same without -race")
	}
	path, err := filepath.Abs("../../docs/deals.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	block := regexp.MustCompile("(?ms)(?:`([a-z]+\\.[a-z]+)`:\n\n)?^```[a-z]*\n(.*?)^```")
	commands := 0
	out := replaceAll(block, string(page), func(m []string) string {
		switch {
		case m[1] != "":
			if err := os.WriteFile(m[1], []byte(m[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			return m[0]
		case !strings.HasPrefix(m[2], "$ "):
			t.Errorf("a block is neither a file nor commands: %q", m[2])
			return m[0]
		}
		if _, err := exec.LookPath("python3"); err != nil && strings.Contains(m[2], "python3") {
			return m[0]
		}
		var printed strings.Builder
		for line := range strings.Lines(m[2]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				printed.WriteString(line + follow(t, strings.TrimSpace(command)))
				commands++
			}
		}
		if normal(printed.String()) == normal(m[2]) {
			return m[0]
		}
		if os.Getenv("SXP_UPDATE") == "" {
			t.Errorf("the page says\n%s\nbut it is\n%s", m[2], printed.String())
		}
		return strings.Replace(m[0], m[2], printed.String(), 1)
	})
	if commands < 10 {
		t.Errorf("the page has %d commands, want a guide", commands)
	}
	if out != string(page) && os.Getenv("SXP_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(out, "\n"); n > 250 {
		t.Errorf("the guide has %d lines, want 250 at most", n)
	}
}

// normal leaves out what differs from run to run.
func normal(s string) string {
	return regexp.MustCompile(`[ \t]+`).ReplaceAllString(guideNumbers.ReplaceAllString(s, "N"), " ")
}

func replaceAll(re *regexp.Regexp, s string, f func([]string) string) string {
	var b strings.Builder
	at := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		groups := []string{s[m[0]:m[1]], "", s[m[4]:m[5]]}
		if m[2] >= 0 {
			groups[1] = s[m[2]:m[3]]
		}
		b.WriteString(s[at:m[0]] + f(groups))
		at = m[1]
	}
	return b.String() + s[at:]
}

// follow runs one command of the guide and returns all that it prints.
func follow(t *testing.T, command string) string {
	t.Helper()
	var printed, file bytes.Buffer
	var in []byte
	var to string
	words := regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(command, -1)
	var args []string
	for i := 0; i < len(words); i++ {
		switch w := strings.Trim(words[i], `"`); w {
		case "<":
			i++
			data, err := os.ReadFile(words[i])
			if err != nil {
				t.Fatal(err)
			}
			in = data
		case ">":
			i++
			to = words[i]
		default:
			args = append(args, w)
		}
	}
	stdout := &printed
	if to != "" {
		stdout = &file
	}
	if args[0] == "sxp" {
		a := testApp(stdout, &printed)
		a.in = bytes.NewReader(in)
		a.run(context.Background(), args[1:])
	} else {
		c := exec.Command(args[0], args[1:]...)
		c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(in), stdout, &printed
		if err := c.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, printed.String())
		}
	}
	if to != "" {
		if err := os.WriteFile(to, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return printed.String()
}
