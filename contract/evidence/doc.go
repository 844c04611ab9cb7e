// Package evidence puts what one person holds of one signing into a file that a
// stranger can judge: a court, an arbitrator, an insurer. The file is a zip
// folder with a page for people (index.txt), the contract or the void
// certificate, and the signed messages. Open reads it without network, keys or
// trust in who wrote it, and says what is proven, who broke which rule, and
// what nobody can prove by messages.
//
// The bytes are in spec/evidence.md. There is one file for the same contents.
package evidence
