// A verifier of published logs that none of our code helped: note and tlog are those of the Go
// checksum database.
//
//	verifier DIR [CHECKPOINT…]
//
// Opens DIR/checkpoint with DIR/log.vkey, proves each leaf that DIR holds to be included, and each
// earlier CHECKPOINT file to be a beginning of the log. A tile is believed only after it has been
// proved to belong to the checkpoint. Exit 0 and one line of numbers, or 1 and why not.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// checkpoint is the text of a note: origin, size and root.
type checkpoint struct {
	origin string
	tree   tlog.Tree
}

// openCheckpoint reads a note that the log's key signed, in the log's name.
func openCheckpoint(path string, log note.Verifier) (checkpoint, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open(data, note.VerifierList(log))
	if err != nil {
		return checkpoint{}, fmt.Errorf("%s: %w", path, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != log.Name() {
		return checkpoint{}, fmt.Errorf("%s: not a checkpoint of this log", path)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("%s: its size is no number", path)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return checkpoint{}, fmt.Errorf("%s: its root is no hash", path)
	}
	result := checkpoint{origin: lines[0], tree: tlog.Tree{N: size}}
	copy(result.tree.Hash[:], root)
	return result, nil
}

// numberPath writes a number as tlog-tiles does: 1234067 is x001/x234/067.
func numberPath(number int64) string {
	path := fmt.Sprintf("%03d", number%1000)
	for number >= 1000 {
		number /= 1000
		path = fmt.Sprintf("x%03d/%s", number%1000, path)
	}
	return path
}

// readPartial reads <name>.p/<w>, or the full file in its place; full says which it was.
func readPartial(dir, name string, w int) (data []byte, full bool, err error) {
	if w < width {
		data, err = os.ReadFile(filepath.Join(dir, name+".p", strconv.Itoa(w)))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return data, false, err
		}
	}
	data, err = os.ReadFile(filepath.Join(dir, name))
	return data, true, err
}

// tiles reads the hash tiles of a folder; it is a tlog.TileReader.
type tiles struct {
	dir   string
	known map[tlog.Tile][]byte
}

func (t *tiles) Height() int { return height }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		data, ok := t.known[tile]
		if !ok {
			name := fmt.Sprintf("tile/%d/%s", tile.L, numberPath(tile.N))
			read, _, err := readPartial(t.dir, name, tile.W)
			if err != nil {
				return nil, err
			}
			if len(read) < tile.W*tlog.HashSize || len(read)%tlog.HashSize != 0 {
				return nil, fmt.Errorf("%s: its length is wrong", name)
			}
			data = read[:tile.W*tlog.HashSize]
			t.known[tile] = data
		}
		found = append(found, data)
	}
	return found, nil
}

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// readBundle takes a bundle of count entries apart.
func readBundle(dir string, number int64, count int) ([][]byte, error) {
	name := "tile/entries/" + numberPath(number)
	data, full, err := readPartial(dir, name, count)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) >= 2 {
		n := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+n {
			break
		}
		entries = append(entries, data[2:2+n])
		data = data[2+n:]
	}
	want := count
	if full {
		want = width
	}
	if len(data) != 0 || len(entries) != want {
		return nil, fmt.Errorf("%s: its entries do not add up", name)
	}
	return entries[:count], nil
}

// proveLeaf proves one leaf from the tiles alone.
func proveLeaf(tree tlog.Tree, reader tlog.HashReader, index int64, leaf []byte) error {
	proof, err := tlog.ProveRecord(tree.N, index, reader)
	if err == nil {
		err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaf))
	}
	if err != nil {
		return fmt.Errorf("record %d: %w", index, err)
	}
	return nil
}

// proveAll proves every leaf of the log.
func proveAll(dir string, tree tlog.Tree, reader tlog.HashReader) (int64, error) {
	for first := int64(0); first < tree.N; first += width {
		count := tree.N - first
		if count > width {
			count = width
		}
		entries, err := readBundle(dir, first/width, int(count))
		if err != nil {
			return first, err
		}
		for i, entry := range entries {
			if err := proveLeaf(tree, reader, first+int64(i), entry); err != nil {
				return first + int64(i), err
			}
		}
	}
	return tree.N, nil
}

// proveOwn proves the leaves that a view holds.
func proveOwn(dir string, tree tlog.Tree, reader tlog.HashReader) (int64, error) {
	proved := int64(0)
	for index := int64(0); index < tree.N; index++ {
		leaf, err := os.ReadFile(filepath.Join(dir, "leaf", numberPath(index)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = proveLeaf(tree, reader, index, leaf)
		}
		if err != nil {
			return proved, err
		}
		proved++
	}
	return proved, nil
}

// proveEarlier proves that the log continues what an earlier checkpoint says.
func proveEarlier(tree tlog.Tree, reader tlog.HashReader, path string, log note.Verifier) error {
	earlier, err := openCheckpoint(path, log)
	if err != nil {
		return err
	}
	if earlier.tree.N > tree.N {
		return fmt.Errorf("%s: it has %d records, the log %d", path, earlier.tree.N, tree.N)
	}
	proof, err := tlog.ProveTree(tree.N, earlier.tree.N, reader)
	if err == nil {
		err = tlog.CheckTree(proof, tree.N, tree.Hash, earlier.tree.N, earlier.tree.Hash)
	}
	if err != nil {
		return fmt.Errorf("%s: size %d: %w", path, earlier.tree.N, err)
	}
	return nil
}

func verify(dir string, earlier []string) error {
	vkey, err := os.ReadFile(filepath.Join(dir, "log.vkey"))
	if err != nil {
		return err
	}
	log, err := note.NewVerifier(strings.TrimSuffix(string(vkey), "\n"))
	if err != nil {
		return err
	}
	newest, err := openCheckpoint(filepath.Join(dir, "checkpoint"), log)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(newest.tree, &tiles{dir, map[tlog.Tile][]byte{}})
	prove := proveAll
	if _, err := os.Stat(filepath.Join(dir, "view")); err == nil {
		prove = proveOwn
	}
	proved, err := prove(dir, newest.tree, reader)
	if err != nil {
		return err
	}
	for _, path := range earlier {
		if err := proveEarlier(newest.tree, reader, path, log); err != nil {
			return err
		}
	}
	fmt.Printf("size %d, proved %d records, %d earlier checkpoints\n", newest.tree.N, proved,
		len(earlier))
	return nil
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: verifier DIR [CHECKPOINT…]")
		os.Exit(2)
	}
	if err := verify(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "verifier:", err)
		os.Exit(1)
	}
}
