package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

func flipped(at func(length int) int) func([]byte) []byte {
	return func(answer []byte) []byte {
		answer[at(len(answer))] ^= 1
		return answer
	}
}

func middle(length int) int { return length / 2 }

func replaced(old, with string) func([]byte) []byte {
	return func(answer []byte) []byte {
		return bytes.Replace(answer, []byte(old), []byte(with), 1)
	}
}

func withoutLine(prefix string) func([]byte) []byte {
	return func(answer []byte) []byte {
		lines := strings.SplitAfter(string(answer), "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, prefix) {
				return []byte(strings.Join(append(lines[:i:i], lines[i+1:]...), ""))
			}
		}
		return answer
	}
}

// refusals are copies of the log with one change each; what is found wrong with them, by name.
func refusals(log *fetched, old []byte, every int, found *findings) (map[string]string, error) {
	said := map[string]string{}
	try := func(name string, copied *fetched, before []byte) error {
		if _, err := checkAll(copied, before, every); err == nil {
			return errors.New("accepted, but changed: " + name)
		} else {
			said[name] = err.Error()
		}
		return nil
	}
	size := strconv.FormatInt(found.Size, 10)
	// The tile at the log's end; level -1 are the records.
	last := func(level int) string {
		count := found.Size
		if level > 0 {
			count >>= uint(level * tileHeight)
		}
		number := (count - 1) / bundleRecords
		return ours(tlog.Tile{H: tileHeight, L: level, N: number,
			W: int(count - number*bundleRecords)})
	}
	cases := []struct {
		name, path string
		change     func([]byte) []byte
	}{
		{"another size", "checkpoint", replaced("\n"+size+"\n", "\n"+size+"0\n")},
		{"a changed signature", "checkpoint", flipped(func(n int) int { return n - 8 })},
		{"a cosignature less", "checkpoint", withoutLine("\u2014 ")},
		{"a changed tile", last(0), flipped(middle)},
		{"a cut tile", last(0), func(b []byte) []byte { return b[:len(b)-1] }},
		{"a changed record", last(-1), flipped(func(n int) int { return n - 1 })},
		{"a bundle with a record less", last(-1), func(b []byte) []byte {
			return b[2+binary.BigEndian.Uint16(b):]
		}},
		{"a full bundle changed", "tile/entries/000", flipped(middle)},
		{"a full tile changed", "tile/0/000", flipped(middle)},
		{"a higher tile changed", last(1), flipped(middle)},
		{"a changed key", "policy", flipped(middle)},
		{"a proof of another record", proofOf(found.Size), replaced("\nindex ", "\nindex 1")},
		{"a changed proof", proofOf(found.Size), flipped(func(int) int { return 60 })},
		{"a receipt's key", receiptOf(found.Size), flipped(func(int) int { return 20 })},
		{"a receipt's path", receiptOf(found.Size), flipped(func(n int) int { return n - 70 })},
		{"a receipt's signature", receiptOf(found.Size), flipped(func(n int) int { return n - 1 })},
		{"a quorum of one more", "policy", replaced("group validators 3", "group validators 4")},
	}
	for _, one := range cases {
		original, known := log.answers[one.path]
		if !known {
			return said, fmt.Errorf("%s: %s was never asked for", one.name, one.path)
		}
		if bytes.Equal(one.change(append([]byte(nil), original...)), original) {
			return said, fmt.Errorf("%s changes nothing in %s", one.name, one.path)
		}
		if err := try(one.name, log.changed(one.path, one.change), old); err != nil {
			return said, err
		}
	}
	older := flipped(middle)(append([]byte(nil), old...))
	if err := try("another older checkpoint", log, older); err != nil {
		return said, err
	}
	// Properly signed trees of another history do not exist here: the older root is changed after it
	// was read.
	rule, err := parsePolicy(log.answers["policy"])
	if err != nil {
		return said, err
	}
	before, err := rule.open(old)
	if err != nil {
		return said, err
	}
	tree, err := rule.open(log.answers["checkpoint"])
	if err != nil {
		return said, err
	}
	before.Hash[0] ^= 1
	if checkConsistency(log, before, tree) == nil {
		return said, errors.New("accepted, but changed: another history")
	}
	said["another history"] = "not consistent"
	return said, nil
}
