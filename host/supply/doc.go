// Package supply finds plugins and makes sure that they are the ones that were
// meant.
//
// # Addresses
//
//	./mine.wasm        a file: it ends in .wasm or holds a path separator
//	cnn                a plugin that is built into the program
//	sha256:4e3add7e    a plugin by the hash of its file, or by a beginning of it
//	                   of at least 8 digits that no other plugin has
//
// A hash is looked for in the store and among the built-in plugins.
//
// # The store
//
// The store is a folder of plugins by hash, in the user's data folder. A study
// that begins puts its plugins there, and so does a lock, so that a study can go
// on after its file was built anew. What is read is hashed again: a file that
// was damaged or exchanged is refused. Files may be removed at any time.
//
// # The lock file
//
// A lock file, espalier.lock, pins plugins: it names the file or the built-in
// plugin, its hash, and its manifest. A plugin whose hash differs from what is
// pinned for it is refused before any of it runs, and the refusal says in what
// it differs. What is not pinned is not refused.
//
// # Why a store in the data folder, and not a copy in every run?
//
// Plugins take 2 MB each when they are written in Go, and most studies share
// them. A copy in each run directory would be found without a search, but a
// hundred studies would hold a hundred copies of the same three files. What a
// run directory keeps is the hash and the manifest.
//
// # Why does a lock file pin what it names, and nothing else?
//
// A plugin that the lock file does not name could be refused, too. Then a
// person who pins a plugin of their own would have to pin those that come with
// the program, and pin them anew with each of its versions.
package supply
