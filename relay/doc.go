// Package relay is how people and nodes talk: signed requests and answers, and
// the relay, which keeps sealed records for people who are away.
//
// Every request to a node, of this package or another, is one signed message
// with the fields of seed 004: type, from, to, timestamp, request (and a nonce
// against replays); every answer is signed by the node and names the request
// by its digest. Sign and Ask make and send requests, a Router answers them,
// Serve adds a type of request to a Router, and a Caller is the way between:
// Local in memory, package relayhttp over HTTPS and WebSocket.
//
// The relay itself is a simple file system of records with paths
// /sender/outbox/receiver/recordId. Only the sender writes there, with an
// account; only the receiver reads. Relays never talk to each other: receivers
// pull from the relays of those whom they know. A relay is trusted to be
// there. It sees who writes to whom, when and how much, never content.
//
// Read Request, Ask and Serve first, then Path and Write, then Client, Server
// and Store; spec/request.md and spec/relay.md fix the bytes. The package has
// no network, disk or log; time is an argument, and randomness a reader.
package relay
