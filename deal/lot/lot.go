// Package lot finds trades where one thing for one thing is not enough:
// several pieces of a thing, two for one, money beside things, budgets.
//
// A [Problem] says who has which items and which bids they make: "these for
// those, so many times, and up to so much money on top". An [Answer] says which
// bids are used together: each exchange is a set of uses of bids such that
// whatever is taken is given, and whoever pays does not pay more than they said.
// Both have a JSON form that solvers of others read and write
// (spec/problem.md).
//
// [Solve] answers. Problems in which everybody gives one thing for one thing
// are given to package deal ([Graph]), which is exact and fast. Others are
// solved here: every exchange up to the cap is listed, then a set of them is
// chosen by integer programming. [Check] verifies any answer against its
// problem and trusts nothing that the answer says of itself.
//
// Everything is computed in integers: pieces of items, the smallest unit of
// money, uses of bids. Like package deal, this one is pure: no clock, no
// network, no goroutine; the same problem gives the same answer on every
// machine. Read problem.go, then answer.go, check.go, solve.go.
package lot
