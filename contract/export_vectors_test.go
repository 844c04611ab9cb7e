package contract

// What readers of single messages in tests compose.
var (
	OpenPlain             = openPlain
	OpenSeatVoid          = openVoid
	CheckAcceptancePoints = checkAcceptancePoints
	CheckPlainText        = checkText
)

// VoidForTest returns the kept Void message of a seat, 1..n.
func (c *Collector) VoidForTest(seat int) []byte { return c.voids[seat-1] }
