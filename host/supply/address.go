package supply

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Plugin is a module and where it was found. It need not be one that a host
// would load.
type Plugin struct {
	Address string // as it was asked for
	Hash    string // SHA-256, hex
	Wasm    []byte
}

// HashPrefix begins the address of a plugin by its hash.
const HashPrefix = "sha256:"

// minDigits is the least length of a hash's beginning that may stand for it.
const minDigits = 8

// IsFile tells the path of a plugin from the name of a built-in one and from a
// hash.
func IsFile(address string) bool {
	return !IsHash(address) && (strings.HasSuffix(address, ".wasm") || strings.ContainsRune(address, os.PathSeparator))
}

// IsHash tells an address by hash from the others.
func IsHash(address string) bool { return strings.HasPrefix(address, HashPrefix) }

// Split parts an address from what follows its last colon, the name of what the
// plugin offers: "cnn:v1", "sha256:4e3add7e:v1", or no name at all. A path may
// hold colons.
func Split(s string) (address, offer string) {
	prefix := ""
	if IsHash(s) {
		prefix, s = HashPrefix, s[len(HashPrefix):]
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		return prefix + s[:i], s[i+1:]
	}
	return prefix + s, ""
}

// Open reads the plugin at an address. Of one that is larger than limit bytes it
// reads limit+1, enough to refuse it.
func (s Store) Open(address string, limit int) (Plugin, error) {
	var wasm []byte
	var err error
	switch {
	case IsHash(address):
		wasm, err = s.byHash(address[len(HashPrefix):], limit)
	case IsFile(address):
		wasm, err = ReadFile(address, limit)
	default:
		wasm, err = s.builtIn(address)
	}
	if plugin, offer := Split(address); err != nil && offer != "" {
		if _, is := s.Open(plugin, limit); is == nil {
			err = fmt.Errorf("a plugin is wanted here, and not what it offers: write %s", plugin)
		}
	}
	return Plugin{Address: address, Hash: Hash(wasm), Wasm: wasm}, err
}

// builtIn is a built-in plugin.
func (s Store) builtIn(name string) ([]byte, error) {
	if s.Bundled.Open == nil {
		return nil, fmt.Errorf("there is no plugin %q", name)
	}
	names := s.Bundled.names()
	if len(names) > 0 && !slices.Contains(names, name) {
		return nil, fmt.Errorf("no bundled plugin has this name; there are %s, and a file is named by a path that ends in .wasm%s", strings.Join(names, ", "), spec.Suggest(name, names))
	}
	return s.Bundled.Open(name)
}

// Hash is the SHA-256 of a file in hex.
func Hash(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// ReadFile reads a regular file, since a device or a pipe might never end; of one that
// is larger than the limit in bytes, just enough to show that it is.
func ReadFile(name string, limit int) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(limit)+1))
}

// byHash finds a plugin by its hash or a beginning of it.
func (s Store) byHash(digits string, limit int) ([]byte, error) {
	hash, err := s.Find(digits)
	if err != nil {
		return nil, err
	}
	if s.Holds(hash) {
		return s.read(hash, limit)
	}
	for _, name := range s.Bundled.names() {
		if wasm, err := s.builtIn(name); err == nil && Hash(wasm) == hash {
			return wasm, nil
		}
	}
	return nil, fmt.Errorf("no plugin has the hash %s", hash)
}

// Find completes the beginning of a hash, in lower or upper case.
func (s Store) Find(digits string) (hash string, err error) {
	digits = strings.ToLower(digits)
	if strings.Trim(digits, "0123456789abcdef") != "" || len(digits) > sha256.Size*2 {
		return "", fmt.Errorf("%q is no SHA-256: it has %d digits from 0 to f", digits, sha256.Size*2)
	}
	if len(digits) < minDigits {
		return "", fmt.Errorf("%q is too short for the beginning of a hash: give at least %d digits", digits, minDigits)
	}
	found := map[string]bool{}
	hashes, err := s.List()
	if err != nil {
		return "", err
	}
	for _, name := range s.Bundled.names() {
		if wasm, err := s.builtIn(name); err == nil {
			hashes = append(hashes, Hash(wasm))
		}
	}
	for _, h := range hashes {
		if strings.HasPrefix(h, digits) {
			found[h], hash = true, h
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("neither the store (%s) nor this program holds a plugin with the hash %s; give the path of its file", s.Dir, digits)
	case 1:
		return hash, nil
	}
	return "", fmt.Errorf("%d plugins have a hash that begins with %s: give more digits", len(found), digits)
}
