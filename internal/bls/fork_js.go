package bls

// A browser has one core for us.

func (s steps) fork() error { return s.inOrder() }

func cores() int { return 1 }
