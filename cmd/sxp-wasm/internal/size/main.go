// Command size says what a WebAssembly program of Go consists of: bytes of code
// for each package and module, of data, and what is transferred. Build the
// program so that its functions have names:
//
//	cmd/sxp-wasm/build.sh sxp.wasm names
//	go run ./cmd/sxp-wasm/internal/size sxp.wasm
//
// With -packages it lists packages instead of modules. Brotli needs Node.
package main

import (
	"compress/gzip"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	packages := flag.Bool("packages", false, "list packages instead of modules")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: size [-packages] FILE.wasm")
		os.Exit(2)
	}
	if err := report(os.Stdout, flag.Arg(0), *packages); err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		os.Exit(1)
	}
}

func report(w io.Writer, name string, packages bool) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	p, err := parse(b)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	known, err := linked()
	if err != nil {
		return err
	}
	sizes := map[string]int{}
	for i, n := range p.code {
		pkg := packageOf(p.names[p.imports+i], known)
		if !packages {
			pkg = moduleOf(pkg)
		}
		sizes[pkg] += n
	}
	order := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int { return sizes[b] - sizes[a] })
	for _, pkg := range order {
		fmt.Fprintf(w, "%10d  %s\n", sizes[pkg], pkg)
	}
	fmt.Fprintf(w, "%10d  code, the lines above\n%10d  data: types, tables of functions, constants\n%10d  the rest: imports, exports, names\n", p.section[10], p.section[11], len(b)-p.section[10]-p.section[11])
	lean := p.lean
	fmt.Fprintf(w, "\n%10d  in all, without names\n%10d  gzip -9\n", len(lean), gzipped(lean))
	br, err := brotli(lean)
	if err != nil {
		fmt.Fprintf(w, "brotli: not measured: %v\n", err)
		return nil
	}
	fmt.Fprintf(w, "%10d  brotli -q 11 --lgwin 24\n", br)
	return nil
}

// program is what is read of a WebAssembly file.
type program struct {
	section map[byte]int   // bytes by section id
	code    []int          // bytes of each function that is not imported
	imports int            // functions that are imported
	names   map[int]string // of functions
	lean    []byte         // the file without its custom sections but Go's build id
}

var errShort = errors.New("it ends too early, or is no WebAssembly program")

// reader reads the numbers of WebAssembly, LEB128.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func parse(b []byte) (*program, error) {
	if len(b) < 8 || string(b[:4]) != "\x00asm" {
		return nil, errShort
	}
	p := &program{section: map[byte]int{}, names: map[int]string{}, lean: slices.Clone(b[:8])}
	r := &reader{b: b[8:]}
	for len(r.b) > 0 {
		start := r.b
		id := r.take(1)
		body := &reader{b: r.take(r.number())}
		if r.bad {
			return nil, errShort
		}
		whole := start[:len(start)-len(r.b)]
		p.section[id[0]] += len(whole)
		keep := true
		switch id[0] {
		case 0:
			name := string(body.take(body.number()))
			keep = !strings.HasPrefix(name, ".debug_") && name != "name"
			if name == "name" {
				p.readNames(body)
			}
		case 2:
			p.readImports(body)
		case 10:
			for range body.number() {
				n := body.number()
				body.take(n)
				p.code = append(p.code, n)
			}
		}
		if body.bad {
			return nil, errShort
		}
		if keep {
			p.lean = append(p.lean, whole...)
		}
	}
	return p, nil
}

func (p *program) readNames(r *reader) {
	for len(r.b) > 0 && !r.bad {
		kind := r.take(1)
		body := &reader{b: r.take(r.number())}
		if r.bad || kind[0] != 1 { // 1: functions
			continue
		}
		for range body.number() {
			i := body.number()
			p.names[i] = string(body.take(body.number()))
		}
	}
}

func (p *program) readImports(r *reader) {
	for range r.number() {
		r.take(r.number()) // module
		r.take(r.number()) // field
		switch kind := r.take(1); {
		case r.bad:
			return
		case kind[0] == 0:
			r.number() // type
			p.imports++
		default:
			r.bad = true // Go imports functions only
		}
	}
}

// linked returns the packages that may be in the program by what the linker
// makes of their names.
func linked() (map[string]string, error) {
	cmd := exec.Command("go", "list", "-deps", "./cmd/sxp-wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w (run this in the module)", err)
	}
	known := map[string]string{"main": "sxp/cmd/sxp-wasm"}
	for _, pkg := range strings.Fields(string(out)) {
		known[mangled(pkg)] = pkg
	}
	return known, nil
}

// mangled is how the linker writes a name in a WebAssembly file.
func mangled(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, name)
}

// packageOf takes the package from a function's name: the longest known one
// that is followed by a dot.
func packageOf(function string, known map[string]string) string {
	for _, prefix := range []string{"type_.eq.", "type_.hash."} {
		function = strings.TrimPrefix(function, prefix)
	}
	function, _, _ = strings.Cut(function, "[")
	for i := strings.LastIndexByte(function, '.'); i > 0; i = strings.LastIndexByte(function[:i], '.') {
		if pkg := known[function[:i]]; pkg != "" {
			return pkg
		}
	}
	return "(runtime support)"
}

// moduleOf shortens a package to its module, or to "std …" and "sxp …".
func moduleOf(pkg string) string {
	first, rest, _ := strings.Cut(pkg, "/")
	switch {
	case first == "sxp":
		top, _, _ := strings.Cut(rest, "/")
		return strings.TrimSuffix("sxp/"+top, "/")
	case first == "vendor":
		return "std vendor"
	case !strings.Contains(first, "."):
		return "std " + first
	}
	parts := strings.Split(pkg, "/")
	return strings.Join(parts[:min(3, len(parts))], "/")
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(b []byte) (int, error) { *c += counter(len(b)); return len(b), nil }

func gzipped(b []byte) int {
	var n counter
	z, err := gzip.NewWriterLevel(&n, gzip.BestCompression)
	if err != nil {
		return 0
	}
	z.Write(b) // a counter takes everything
	z.Close()
	return int(n)
}

const brotliScript = `const z=require('zlib'),c=z.constants,b=require('fs').readFileSync(0);
console.log(z.brotliCompressSync(b,{params:{[c.BROTLI_PARAM_QUALITY]:11,[c.BROTLI_PARAM_LGWIN]:24,[c.BROTLI_PARAM_SIZE_HINT]:b.length}}).length)`

func brotli(b []byte) (n int, err error) {
	cmd := exec.Command("node", "-e", brotliScript)
	cmd.Stdin = strings.NewReader(string(b))
	out, err := cmd.Output()
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(string(out), &n)
	return n, err
}
