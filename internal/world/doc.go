// Package world runs whole systems of SXP inside one process: nodes, jurors
// and people with real keys, real messages and real cryptography.
//
// Story lives through the product's main job in real time, over HTTP on this
// machine: three strangers swap; then one of them vanishes and the jury
// completes the contract; then one never promises and nobody is bound. Trade
// takes a real want list through the same protocols in simulated time: every
// person an agent, every ring a contract, while a share of the people stop for
// ever and some jurors lie, and counts who was treated unfairly.
//
// Churn lets people come, announce, change their minds, withdraw, go offline and
// leave for ever while a market's node proposes rings, also in the middle of
// signing, and counts what closes, what breaks, and how long people wait.
//
// Simulated time is a variable. A queue holds when each machine wants to be
// called next, and the clock jumps from one such moment to the next, so that
// load never breaks Δ. Agents, nodes and machines are those of the product;
// what is simulated is the clock, the network between them and the disks. The
// same list, seed and options give the same report, whatever the machine.
//
// Nothing of this package is part of a protocol. docs/world.md explains the
// commands, the report and what is simulated.
package world
