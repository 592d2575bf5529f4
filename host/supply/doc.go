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
// that begins from a file puts a copy there, so that it can go on after the file
// was built anew; one that stops before its end also puts its built-in plugins
// there, so that it can go on after the program was replaced; and a lock puts
// all that it pins there. What is read is hashed again: a file that was damaged
// or exchanged is refused. Files may be removed at any time.
//
// The store notes the path of each such study and lock file. What a plugin is
// needed for is read there, from those that still exist, when plugins that
// nothing names are to be removed.
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
// # Why note who needs a plugin, and not when it was last used?
//
// A study may rest for a year and then go on, and a plugin that was built a
// hundred times in an afternoon left ninety-nine copies that nobody needs. So age
// says nothing; the studies do. That they are noted by their paths, as the
// garbage collector of Nix notes its roots, costs a line each, and one that was
// deleted needs nothing any more, with nobody told. A study that was moved is
// found where the command looks for runs, or noted anew when it goes on.
//
// # Why no copies of built-in plugins at the start?
//
// The program holds them, and nearly every study ends with the program that
// began it. Copies of all would leave 2 MB for each plugin of each version.
//
// # Why does a lock file pin what it names, and nothing else?
//
// A plugin that the lock file does not name could be refused, too. Then a
// person who pins a plugin of their own would have to pin those that come with
// the program, and pin them anew with each of its versions.
package supply
