package inspect

import (
	"bytes"
	"encoding/base64"
	"regexp"
)

// border matches the lines around the machine-readable part of a file.
var border = regexp.MustCompile(`(?m)^-----(BEGIN|END) SXP ([A-Z ]+)-----\n`)

// armour shows a text file with a machine-readable part at its end: a contract
// or a void certificate. Nil for other files.
func (in *inspector) armour(data []byte) *View {
	if !bytes.HasPrefix(data, []byte("SXP ")) {
		return nil
	}
	all := border.FindAllSubmatchIndex(data, -1)
	if len(all) < 2 {
		return nil
	}
	begin, end := all[len(all)-2], all[len(all)-1]
	if string(data[begin[2]:begin[3]]) != "BEGIN" || string(data[end[2]:end[3]]) != "END" {
		return nil
	}
	digits := bytes.ReplaceAll(data[begin[1]:end[0]], []byte("\n"), nil)
	payload, err := base64.StdEncoding.Strict().DecodeString(string(digits))
	if err != nil {
		return nil
	}
	v := &View{What: "file " + string(data[begin[4]:begin[5]]), Size: len(data), Note: "whether it is complete, `sxp verify` tells; this is its machine-readable part"}
	if v.Content, err = in.cbor(payload, 0); err != nil {
		v.Problem = "the machine-readable part is damaged"
		v.Content = in.bytes(payload, 0)
	}
	return v
}
