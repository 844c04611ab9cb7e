// Package vectors holds the test vectors of SXP's formats as data, for this
// implementation and any other: one file, one reason to fail.
//
// Each folder belongs to a page of spec/, which says what Input is and what it
// must give. The files need nothing of this module to be used.
package vectors

import (
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// FS has the files, as folder/name.json.
//
//go:embed */*.json
var FS embed.FS

// A Vector is one input and what must come of it.
type Vector struct {
	Name   string            `json:"name"`           // of the file, without .json and, in some folders, what comes before a hyphen
	Why    string            `json:"why"`            // the rule it shows, or the only one it breaks
	Input  Hex               `json:"input"`          // what the decoder of this folder gets
	Expect string            `json:"expect"`         // "" to accept it, else the kind of the error
	With   map[string]string `json:"with,omitempty"` // what else is given or must come out, by spec/
}

// Hex is bytes that stand in JSON as hex digits.
type Hex []byte

// MarshalText returns the digits.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText reads the digits.
func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

// All returns the vectors of a folder by file name, without .json. It panics if there are none or a
// file is no vector: they are part of the program, not input.
func All(folder string) map[string]Vector {
	files, err := fs.ReadDir(FS, folder)
	if err != nil {
		panic("vectors: " + err.Error())
	}
	all := make(map[string]Vector, len(files))
	for _, f := range files {
		v, err := read(path.Join(folder, f.Name()))
		if err != nil {
			panic("vectors: " + err.Error())
		}
		all[strings.TrimSuffix(f.Name(), ".json")] = v
	}
	return all
}

func read(file string) (Vector, error) {
	var v Vector
	b, err := FS.ReadFile(file)
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("%s: %w", file, err)
	}
	if base := strings.TrimSuffix(path.Base(file), ".json"); v.Name == "" || base != v.Name && !strings.HasSuffix(base, "-"+v.Name) {
		return v, fmt.Errorf("%s: the name is %q, not that of the file", file, v.Name)
	}
	return v, nil
}
