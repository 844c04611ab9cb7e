package deal

// tighten keeps only the arcs that a perfect matching of least cost can have:
// those without reduced cost, within a strongly connected part of such arcs (row
// to the row that holds the column).
func (m *assignment) tighten(part []int32) {
	m.remove(func(row int, k int32) bool {
		return m.cost[k] != m.u[row]+m.v[m.col[k]] || part[row] != part[m.back[m.col[k]]]
	})
}

// parts numbers the strongly connected parts of the rows by the arcs without
// reduced cost, those that lead nowhere else first (Tarjan 1972).
func (m *assignment) parts() []int32 {
	n := len(m.mate)
	comp, low, num := make([]int32, n), make([]int32, n), make([]int32, n)
	next := make([]int32, n)
	copy(next, m.lo)
	var stack, path []int32
	seen, parts := int32(0), int32(0)
	for root := range int32(n) {
		if num[root] != 0 {
			continue
		}
		path = append(path, root)
		for len(path) > 0 {
			r := path[len(path)-1]
			if num[r] == 0 {
				seen++
				num[r], low[r] = seen, seen
				stack = append(stack, r)
				comp[r] = -1
			}
			if next[r] < m.hi[r] {
				k := next[r]
				next[r]++
				if m.cost[k] != m.u[r]+m.v[m.col[k]] {
					continue
				}
				if w := m.back[m.col[k]]; num[w] == 0 {
					path = append(path, w)
				} else if comp[w] < 0 {
					low[r] = min(low[r], num[w])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				p := path[len(path)-1]
				low[p] = min(low[p], low[r])
			}
			if low[r] != num[r] {
				continue
			}
			for {
				w := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				comp[w] = parts
				if w == r {
					break
				}
			}
			parts++
		}
	}
	return comp
}
