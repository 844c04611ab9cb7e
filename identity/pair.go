package identity

import (
	"bytes"

	"golang.org/x/crypto/argon2"

	"sxp"
)

// PairWordCount is how many words two people compare.
const PairWordCount = 8

// The cost of one guess at the words of a pair: somebody who sits between two
// people from their first contact searches for two keys that give both the same
// words. Any two will do, so that 88 bits are worth 44: some 2^45 guesses
// (spec/identity.md, "Words of two people").
const (
	pairSalt   = "sxp pair words/1"
	pairPasses = 2
	pairKiB    = 16 << 10
)

// PairWords returns the words that two people compare to know that nobody sits
// between them: the same for (a, b) and (b, a). It takes some 20 ms, on
// purpose.
func PairWords(a, b sxp.ID) []string {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	sum := argon2.IDKey(append(a[:], b[:]...), []byte(pairSalt), pairPasses, pairKiB, 1, PairWordCount*wordBits/8)
	words := make([]string, PairWordCount)
	for i := range words {
		words[i] = wordList[wordAt(sum, i)]
	}
	return words
}

// wordAt returns the i-th number of 11 bits.
func wordAt(b []byte, i int) (n int) {
	for bit := i * wordBits; bit < (i+1)*wordBits; bit++ {
		n = n<<1 | int(b[bit/8]>>(7-bit%8)&1)
	}
	return n
}
