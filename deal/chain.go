package deal

// onward extends a chain that moves so many items by whoever takes its last
// node v; the path stands from the gift on. groups is how many groups it ends
// with. False: told to stop.
func (l *lister) onward(v int32, items, groups int, cost int64) bool {
	c := l.c
	lo, hi := c.in[v], c.in[v+1]
	l.work.add(int64(hi-lo)/4 + 1)
	if l.work.spent() {
		return false
	}
	until, first := l.until, lo
	if until > 0 && hi > lo {
		first = lo + int32(l.rng.Below(int(hi-lo))) // a sample should not always begin alike
	}
	for i := range hi - lo {
		if until > 0 && (l.work.done > until || l.found >= l.most) {
			l.partial = true
			break
		}
		k := first + i
		if k >= hi {
			k -= hi - lo
		}
		w := c.from[k]
		if l.used[w] >= c.limit(w) {
			continue
		}
		nextItems, nextGroups := items+1, 0
		if c.isGroup(w) {
			nextItems, nextGroups = items, groups+1
			if nextGroups > MaxNesting || l.tail(w, groups) {
				continue
			}
		}
		if until > 0 { // no branch takes more than a part of what is left
			l.until = l.work.done + (until-l.work.done)/4 + 1
		}
		l.used[w]++
		l.path = append(l.path, w)
		ok := nextItems == items || l.end(nextItems, cost+c.paid[k])
		if ok && (nextItems == items || nextItems < l.maxChain) {
			ok = l.onward(w, nextItems, nextGroups, cost+c.paid[k])
		}
		l.path = l.path[:len(l.path)-1]
		l.used[w]--
		if !ok {
			return false
		}
	}
	l.until = until
	return true
}

// end visits the chain that whoever owns the last node of the path begins.
func (l *lister) end(items int, cost int64) bool {
	l.turn = l.turn[:0]
	for i := range l.path {
		l.turn = append(l.turn, l.path[len(l.path)-1-i])
	}
	return l.close(l.turn, items, cost)
}
