// Package browser keeps what the app keeps, in a browser: the agent's records
// in IndexedDB, its one-time keys in files of the origin's private file system,
// and it reaches the worker's script, which has what a page's JavaScript does
// better: threads for stretching passphrases, keys that no script can read.
//
// It is built for js only. Its tests build and run themselves in Chromium.
package browser
