package index

// Words returns how many words the blocks take, idle ones included.
func (ix *Index) Words() int { return ix.mem.used + ix.mem.idle }
