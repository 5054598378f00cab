package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// leaves are the records' hashes, from the entry bundles.
func leaves(log *fetched, size int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for first := int64(0); first < size; first += bundleRecords {
		width := int64(bundleRecords)
		if size-first < width {
			width = size - first
		}
		bundle, err := log.get(ours(tlog.Tile{H: tileHeight, L: -1, N: first / bundleRecords,
			W: int(width)}))
		if err != nil {
			return nil, err
		}
		for ; len(bundle) > 0; width-- {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("the bundle of record %d is cut", first)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			hashes = append(hashes, tlog.RecordHash(bundle[2:end]))
			bundle = bundle[end:]
		}
		if width != 0 {
			return nil, fmt.Errorf("the bundle of record %d has another number of records", first)
		}
	}
	return hashes, nil
}

// rehashed is the root over these leaves, from nothing else.
func rehashed(hashes []tlog.Hash) (tlog.Hash, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	for n, hash := range hashes {
		more, err := tlog.StoredHashesForRecordHash(int64(n), hash, reader)
		if err != nil {
			return tlog.Hash{}, err
		}
		stored = append(stored, more...)
	}
	return tlog.TreeHash(int64(len(hashes)), reader)
}

type findings struct {
	Size, OldSize   int64
	Records, Proved int
	Tiles, Refused  int
}

func checkRecords(log *fetched, tree tlog.Tree) ([]tlog.Hash, error) {
	hashes, err := leaves(log, tree.N)
	if err != nil {
		return nil, err
	}
	root, err := rehashed(hashes)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, errors.New("the records do not hash to the signed root")
	}
	return hashes, nil
}

// checkTiles reads every leaf by its tile; x/mod checks each tile against the signed root.
func checkTiles(log *fetched, tree tlog.Tree, hashes []tlog.Hash) error {
	reader := tlog.TileHashReader(tree, tiles{log})
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the tiles do not lead to the signed root")
	}
	for first := 0; first < len(hashes); first += bundleRecords {
		var indexes []int64
		for n := first; n < len(hashes) && n < first+bundleRecords; n++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, int64(n)))
		}
		found, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, hash := range found {
			if hash != hashes[first+i] {
				return fmt.Errorf("record %d is not the leaf in its tile", first+i)
			}
		}
	}
	return nil
}

func checkInclusion(log *fetched, tree tlog.Tree, hashes []tlog.Hash, every int) (int, error) {
	reader := tlog.TileHashReader(tree, tiles{log})
	proved := 0
	for n := 0; n < len(hashes); n += every {
		proof, err := tlog.ProveRecord(tree.N, int64(n), reader)
		if err != nil {
			return proved, err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), hashes[n]); err != nil {
			return proved, err
		}
		proved++
	}
	return proved, nil
}

func checkConsistency(log *fetched, old, tree tlog.Tree) error {
	proof, err := tlog.ProveTree(tree.N, old.N, tlog.TileHashReader(tree, tiles{log}))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

// proofOf is where the node has its own proof of a record in the middle.
func proofOf(size int64) string { return fmt.Sprintf("v1/records/%d/proof", size/2) }

// checkNodeProof checks a c2sp.org/tlog-proof file, under the checkpoint that it brings.
func checkNodeProof(log *fetched, rule *policy, size int64, hashes []tlog.Hash) error {
	text, err := log.get(proofOf(size))
	if err != nil {
		return err
	}
	head, signed, complete := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	index := fmt.Sprintf("index %d", size/2)
	if !complete || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != index {
		return errors.New("not a proof of that record")
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := rule.open([]byte(signed))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, size/2, hashes[size/2])
}
