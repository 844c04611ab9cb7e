package board

// Keys returns how many keys there have been at most at once.
func (l *Live) Keys() int { return len(l.keys.of) }

// SpareNothing lets l forget at once what nobody wants any more.
func (l *Live) SpareNothing() { l.keys.spare = 0 }

// Ends returns how many ends are noted.
func (l *Live) Ends() int { return len(l.ends) }
