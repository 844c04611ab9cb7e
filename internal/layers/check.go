package layers

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// A Problem is one broken rule.
type Problem struct {
	Pos  token.Position // file from the module root, line
	Text string         // what is wrong and which rule it breaks
}

// String returns "file:line: text".
func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.Pos.Filename, p.Pos.Line, p.Text) }

// Check returns every place where shipped files break the import order or a
// pure package reaches for the outside world. Test files are free.
func Check(t *Tree) []Problem {
	var all []Problem
	for _, p := range t.Packages {
		level, known := LevelOf(p.Dir)
		if !known && !shipped(p) {
			continue
		}
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			all = append(all, t.checkImports(p, f)...)
			if known && level.Pure() && !testHelper(p.Dir) {
				all = append(all, t.checkPure(f)...)
			}
		}
		all = append(all, t.checkGlobals(p)...)
	}
	return all
}

// shipped reports whether the package has files that are not tests.
func shipped(p *Package) bool {
	for _, f := range p.Files {
		if !f.Test {
			return true
		}
	}
	return false
}

func (t *Tree) problem(at token.Pos, format string, args ...any) Problem {
	return Problem{Pos: t.Fset.Position(at), Text: fmt.Sprintf(format, args...)}
}

func (t *Tree) checkImports(p *Package, f *File) (all []Problem) {
	for i, name := range f.Imports {
		at := f.Syntax.Imports[i].Pos()
		if dir, ours := Ours(name); ours {
			if err := CheckImport(p.Dir, dir); err != nil {
				all = append(all, t.problem(at, "%v", err))
			}
		}
		if name == "testing" && !testHelper(p.Dir) {
			all = append(all, t.problem(at, "a shipped file imports testing"))
		}
	}
	return all
}

// checkPure finds what a pure package must take as an argument instead.
func (t *Tree) checkPure(f *File) (all []Problem) {
	for i, name := range f.Imports {
		if why, bad := impure[name]; bad && name != "testing" {
			all = append(all, t.problem(f.Syntax.Imports[i].Pos(), "a pure package imports %s (%s)", name, why))
		}
	}
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if !forks[f.Path] {
				all = append(all, t.problem(n.Pos(), "a pure package starts a goroutine"))
			}
		case *ast.SelectorExpr:
			if n.Sel.Name == "Go" && !forks[f.Path] { // of sync.WaitGroup
				all = append(all, t.problem(n.Pos(), "a pure package starts a goroutine"))
			}
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && x.Obj == nil && clock[n.Sel.Name] {
				all = append(all, t.problem(n.Pos(), "a pure package uses the clock (time.%s); time is an argument", n.Sel.Name))
			}
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "fmt" && x.Obj == nil && strings.HasPrefix(n.Sel.Name, "Print") {
				all = append(all, t.problem(n.Pos(), "a pure package prints"))
			}
		}
		return true
	})
	return all
}

// checkGlobals finds init functions, and package variables that some function
// of the same package assigns to: both are state that no argument shows.
func (t *Tree) checkGlobals(p *Package) (all []Problem) {
	vars := packageVars(p)
	for _, f := range p.Files {
		if f.Test {
			continue
		}
		for _, d := range f.Syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if fn.Recv == nil && fn.Name.Name == "init" {
				all = append(all, t.problem(fn.Pos(), "func init is hidden wiring: do it where it is called"))
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				for _, lhs := range assigned(n) {
					if id, ok := root(lhs).(*ast.Ident); ok && vars.has(id) {
						all = append(all, t.problem(lhs.Pos(), "package variable %s varies: make it a field", id.Name))
					}
				}
				return true
			})
		}
	}
	return all
}

// globals are the variables that a package declares.
type globals struct {
	names map[string]bool
	specs map[any]bool // the *ast.ValueSpec, for names used in the same file
}

func packageVars(p *Package) globals {
	g := globals{make(map[string]bool), make(map[any]bool)}
	for _, f := range p.Files {
		if f.Test {
			continue
		}
		for _, d := range f.Syntax.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR {
				continue
			}
			for _, s := range decl.Specs {
				g.specs[s] = true
				for _, n := range s.(*ast.ValueSpec).Names {
					g.names[n.Name] = true
				}
			}
		}
	}
	delete(g.names, "_")
	return g
}

// has reports whether id, somewhere in a function, means a package variable.
func (g globals) has(id *ast.Ident) bool {
	if id.Obj != nil { // resolved inside its file
		return g.specs[id.Obj.Decl]
	}
	return g.names[id.Name]
}

// assigned returns what a statement assigns to, new variables left out.
func assigned(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	}
	return nil
}

// root returns the variable inside x.field, x[i] and *x.
func root(e ast.Expr) ast.Expr {
	for {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return e
		}
	}
}
