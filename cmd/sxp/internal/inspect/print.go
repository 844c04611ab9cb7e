package inspect

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"sxp/cmd/sxp/internal/show"
)

// shown is how many characters of a byte string a person is shown.
const shown = 44

// Print writes the view for a person.
func (v *View) Print(w io.Writer) error {
	var b strings.Builder
	v.print(&b, "")
	_, err := io.WriteString(w, b.String())
	return err
}

func (v *View) print(b *strings.Builder, indent string) {
	b.WriteString(v.What)
	if v.Type != "" {
		b.WriteString(" " + show.Line(v.Type))
	}
	fmt.Fprintf(b, ", %s bytes\n", number(v.Size))
	line := func(name, format string, args ...any) {
		fmt.Fprintf(b, "%s  %-15s "+format+"\n", append([]any{indent, name}, args...)...)
	}
	if v.Problem != "" {
		line("NOT VALID", "%s", show.Line(v.Problem))
	}
	if v.Note != "" {
		line("note", "%s", show.Line(v.Note))
	}
	if v.Type != "" {
		line("digest", "%s", v.Digest)
		switch {
		case v.Problem != "":
			line("claims to be by", "%s", v.Signer)
		default:
			line("signed by", "%s (verified)", v.Signer)
		}
	}
	for i, c := range v.Counters {
		over := "the message"
		if c.Over >= 0 {
			over = fmt.Sprintf("countersignature %d", c.Over+1)
		}
		line(fmt.Sprintf("countersigned %d", i+1), "%s over %s%s (verified)", c.Signer, over, attributes(c.Attributes))
	}
	for _, key := range v.SealedTo {
		line("sealed to key", "%s", key)
	}
	if v.Content != nil {
		fmt.Fprintf(b, "%s  content:", indent)
		v.Content.print(b, indent+"    ")
	}
}

func attributes(a map[string]string) string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	sort.Strings(names)
	s := ""
	for _, name := range names {
		s += ", " + show.Line(name) + "=" + show.Line(a[name])
	}
	return s
}

// print writes the value after what stands before it on the line.
func (v *Value) print(b *strings.Builder, indent string) {
	switch v.kind {
	case kindScalar:
		b.WriteString(" " + v.Text + "\n")
	case kindBytes:
		fmt.Fprintf(b, " %s (%s bytes)\n", show.Cut(v.Text, shown), number(v.Size))
	case kindText:
		text := show.Text(v.Text)
		if !strings.Contains(text, "\n") {
			b.WriteString(" " + text + "\n")
			return
		}
		b.WriteString("\n" + indent + "| " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+indent+"| ") + "\n")
	case kindView:
		b.WriteByte(' ')
		v.View.print(b, indent)
	case kindList:
		if len(v.Items) == 0 {
			b.WriteString(" none\n")
			return
		}
		b.WriteByte('\n')
		for i, item := range v.Items {
			fmt.Fprintf(b, "%s%d.", indent, i+1)
			item.print(b, indent+"   ")
		}
	case kindFields:
		b.WriteByte('\n')
		for i, item := range v.Items {
			b.WriteString(indent + show.Line(v.Names[i]) + ":")
			item.print(b, indent+"  ")
		}
	}
}
