package index

import (
	"math/bits"
	"slices"
)

// An arena hands out blocks of words. A block's address is its chunk and the
// place in it. What is given back is handed out again for the same size; the
// index moves everything together when too much lies idle.
type arena struct {
	chunks [][]uint32
	free   [classes]uint32 // first idle block of a size, plus 1; its first word names the next
	used   int             // words handed out, as rounded
	idle   int             // words given back or left over at the end of a chunk
}

const (
	chunkBits  = 20
	chunkWords = 1 << chunkBits // 4 MB
	exact      = 32             // blocks up to here have the size asked for
	classes    = exact + 8*28
	maxChunks  = 1 << (32 - chunkBits)
)

// full reports whether there are hardly any addresses left: 16 GB are in use.
func (m *arena) full() bool { return len(m.chunks) > maxChunks-64 }

// sized returns what n words are rounded up to, at most an eighth more, and the
// number of that size.
func sized(n int) (words, class int) {
	if n <= exact {
		return n, n
	}
	s := bits.Len(uint(n-1)) - 4
	q := (n-1)>>s + 1 // 9 to 16
	return q << s, exact + (s-2)*8 + q - 8
}

// alloc returns the address of n words, whatever they hold. Views of the first
// chunk that were taken before may be of old memory afterwards.
func (m *arena) alloc(n int) uint32 {
	if n == 0 {
		return 0
	}
	n, class := sized(n)
	m.used += n
	if first := m.free[class]; first != 0 {
		at := first - 1
		m.free[class] = m.from(at)[0]
		m.idle -= n
		return at
	}
	last := len(m.chunks) - 1
	if last < 0 || len(m.chunks[last])+n > chunkWords {
		if last >= 0 {
			m.idle += max(0, chunkWords-len(m.chunks[last]))
		}
		size := max(n, chunkWords)
		if last < 0 {
			size = n // small markets do with little
		}
		m.chunks = append(m.chunks, make([]uint32, 0, size))
		last++
	}
	c := m.chunks[last]
	at := len(c)
	if at+n > cap(c) {
		c = append(make([]uint32, 0, max(at+n, min(2*cap(c), chunkWords))), c...)
	}
	m.chunks[last] = c[:at+n]
	return uint32(last)<<chunkBits | uint32(at)
}

// release takes back a block that was asked for with n words.
func (m *arena) release(at uint32, n int) {
	if n == 0 {
		return
	}
	n, class := sized(n)
	m.used -= n
	m.idle += n
	m.from(at)[0] = m.free[class]
	m.free[class] = at + 1
}

// from returns the words from an address to the end of its chunk.
func (m *arena) from(at uint32) []uint32 { return m.chunks[at>>chunkBits][at&(chunkWords-1):] }

// view returns the n words of a block.
func (m *arena) view(at uint32, n int) []uint32 {
	if n == 0 {
		return nil
	}
	return m.from(at)[:n:n]
}

// A list is a sorted list of words in an arena.
type list struct{ at, n uint32 }

func (m *arena) list(l list) []uint32 { return m.view(l.at, int(l.n)) }

// insert adds a word.
func (m *arena) insert(l *list, x uint32) {
	n := int(l.n)
	m.resize(l, n, n+1)
	words := m.view(l.at, n+1)
	i, _ := slices.BinarySearch(words[:n], x)
	copy(words[i+1:], words[i:])
	words[i] = x
}

// remove takes out one mention of a word, if there is one.
func (m *arena) remove(l *list, x uint32) {
	words := m.list(*l)
	i, ok := slices.BinarySearch(words, x)
	if !ok {
		return
	}
	copy(words[i:], words[i+1:])
	m.resize(l, len(words), len(words)-1)
}

// resize moves the list to a block of the right size and keeps what fits.
func (m *arena) resize(l *list, from, to int) {
	l.n = uint32(to)
	a, _ := sized(from)
	if b, _ := sized(to); a == b {
		return
	}
	at := m.alloc(to)
	copy(m.view(at, to), m.view(l.at, from))
	m.release(l.at, from)
	l.at = at
}

// tidy moves everything together once more than half of the memory is idle, so
// that a market which shrinks gives its memory back.
func (ix *Index) tidy() {
	const least = 1 << 16
	if ix.mem.idle < least || ix.mem.idle < ix.mem.used {
		return
	}
	old := ix.mem
	ix.mem = arena{}
	move := func(at uint32, n int) uint32 {
		to := ix.mem.alloc(n)
		copy(ix.mem.view(to, n), old.view(at, n))
		return to
	}
	for id, flags := range ix.flags {
		if flags != 0 {
			s := &ix.slots[id]
			s.at = move(s.at, sizeOf(old.from(s.at), flags))
		}
	}
	for k := range ix.keys {
		for _, l := range []*list{&ix.keys[k].wanters, &ix.keys[k].havers} {
			l.at = move(l.at, int(l.n))
		}
	}
}

// sizeOf returns how many words an offer's block has.
func sizeOf(w []uint32, flags uint8) int {
	nh, nw := int(w[1]>>16), int(w[1]&0xffff)
	n := blockHead + nh + nw + costWords(flags, nw)
	if flags&hasVia != 0 {
		n += nw
		n += 1 + int(w[n])
	}
	return n
}

// A tagged ID has the class of a cost above it, so that lists are in the order
// of costs.
const slotBits = 22

func tag(cost int64, id uint32) uint32 { return classOf(cost)<<slotBits | id }

func untag(x uint32) (id uint32) { return x & (1<<slotBits - 1) }

// classOf maps costs of 0 to deal.MaxCost to ten bits in the same order: up to
// 31 themselves, above with a sixteenth of precision.
func classOf(cost int64) uint32 {
	if cost < 32 {
		return uint32(cost)
	}
	e := bits.Len64(uint64(cost)) - 1 // 5 and up
	return uint32(32 + (e-5)*16 + int(cost>>(e-4)&15))
}

// floorOf returns the least cost of an entry's class.
func floorOf(x uint32) int64 {
	c := x >> slotBits
	if c < 32 {
		return int64(c)
	}
	c -= 32
	return int64(16+c&15) << (c>>4 + 1)
}
