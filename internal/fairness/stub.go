package fairness

type picker struct{}

func (*picker) take(*run, *out) bool { return false }
