// Package rows has tests of claims that no single package can show: that no
// node learns what people write to each other, that nodes of relays do not
// talk to each other, that one's own relay is enough. docs/requirements.md names
// them. It has no other code.
package rows
