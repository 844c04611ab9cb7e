// Package blocks keeps small public pieces of data beside the boards, named by
// their hash: the photos of announcements. Who reads one checks the hash, so
// that a node can withhold a block, and never show another.
//
// A person puts a block at a node whose market takes them. It stays while one
// of their announcements on a board of that node names it: what keeps a photo
// is the announcement, with its expiry, its withdrawal and its moderation, and
// the node is no free storage for anything else. spec/blocks.md has requests,
// figures and what a reader must not trust.
//
// A [Server] answers requests and removes what nothing names, over a [Store];
// a [Client] is one person's way to the blocks of a node. Sealed, replicated
// blocks come with block storage, behind the same Store.
package blocks
