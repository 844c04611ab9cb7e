package identity

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"sxp"
)

// WordCount is how many words a root secret has.
const WordCount = 24

// wordBits is how many bits one word carries.
const wordBits = 11

// english is the word list of BIP-39, 2048 lines; SHA-256 of the file
// 2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda.
//
//go:embed english.txt
var english string

// wordList is sorted, and every word differs from the others in its first four
// letters.
var wordList = strings.Fields(english)

// WordError says that one of 24 words cannot be right. Its text names the
// position, and the word as typed only if it is not a word of the list: a list
// word is part of a secret.
type WordError struct {
	Position int      // 1 to 24; 0 if the words as a whole are wrong
	Near     []string // words of the list that may have been meant; may be empty
	why      string
}

// Error says what is wrong and what to look at.
func (e *WordError) Error() string { return e.why }

// encodeWords is BIP-39 for 256 bits: the secret, then the first 8 bits of its
// SHA-256, cut into 24 numbers of 11 bits.
func encodeWords(secret *[RootSize]byte) []string {
	sum := sha256.Sum256(secret[:])
	var b [RootSize + 1]byte
	defer clear(b[:])
	copy(b[:], secret[:])
	b[RootSize] = sum[0]
	words := make([]string, WordCount)
	for i := range words {
		words[i] = wordList[wordAt(b[:], i)]
	}
	return words
}

// decodeWords is the inverse of encodeWords.
func decodeWords(op string, words []string) (secret [RootSize]byte, err error) {
	if len(words) != WordCount {
		return secret, wordsFailed(op, &WordError{why: fmt.Sprintf("a root secret has %d words, these are %d", WordCount, len(words))})
	}
	var b [RootSize + 1]byte
	defer clear(b[:])
	for i, w := range words {
		n, ok := slices.BinarySearch(wordList, w)
		if !ok {
			return secret, wordsFailed(op, unknownWord(i+1, w))
		}
		for bit := range wordBits {
			at := i*wordBits + bit
			b[at/8] |= byte(n>>(wordBits-1-bit)&1) << (7 - at%8)
		}
	}
	sum := sha256.Sum256(b[:RootSize])
	if sum[0] != b[RootSize] {
		return secret, wordsFailed(op, &WordError{why: "every word is in the list, but their checksum is wrong: a word was replaced by another or two changed places"})
	}
	copy(secret[:], b[:])
	return secret, nil
}

func wordsFailed(op string, e *WordError) error { return sxp.Errorf(op, sxp.Invalid, nil, "%w", e) }

// unknownWord names the position and suggests words of the list.
func unknownWord(position int, w string) *WordError {
	e := &WordError{Position: position, Near: closest(w)}
	e.why = fmt.Sprintf("word %d, %.20q, is not in the list", position, w)
	if len(e.Near) > 0 {
		e.why += "; did you mean " + strings.Join(e.Near, ", ") + "?"
	}
	return e
}

// maxNear is how many words are suggested, and maxDistance how many letters
// may be wrong.
const (
	maxNear     = 4
	maxDistance = 2
)

// closest returns the words of the list closest to w, best first.
func closest(w string) []string {
	if len(w) > 2*len("abandon") { // the longest word has 8 letters
		return nil
	}
	var found [maxDistance + 1][]string
	for _, candidate := range wordList {
		d := distance(w, candidate)
		if len(w) >= 4 && len(candidate) >= 4 && w[:4] == candidate[:4] {
			d = min(d, 1) // four letters identify a word
		}
		if d <= maxDistance {
			found[d] = append(found[d], candidate)
		}
	}
	for _, words := range found {
		if len(words) > 0 {
			return words[:min(maxNear, len(words))]
		}
	}
	return nil
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	var rows [3][]int
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}
	before, last, row := rows[0], rows[1], rows[2]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// CheckWord reports whether a word is in the list of words, and if it is not,
// which ones may be meant: those that begin with it, or else the closest ones.
func CheckWord(w string) (known bool, near []string) {
	i, known := slices.BinarySearch(wordList, w)
	if known {
		return true, nil
	}
	for ; i < len(wordList) && len(near) < maxNear && w != "" && strings.HasPrefix(wordList[i], w); i++ {
		near = append(near, wordList[i])
	}
	if near == nil {
		near = closest(w)
	}
	return false, near
}
