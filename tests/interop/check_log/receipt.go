package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

func receiptOf(size int64) string { return fmt.Sprintf("receipt/%d", size/2) }

// item reads one CBOR head of the wanted major type: its argument, and what follows.
func item(data []byte, major byte) (uint64, []byte, error) {
	if len(data) == 0 || data[0]>>5 != major {
		return 0, nil, errors.New("another CBOR item in the receipt")
	}
	short := data[0] & 31
	if short < 24 {
		return uint64(short), data[1:], nil
	}
	width := 1 << (short - 24)
	if short > 27 || len(data) < 1+width {
		return 0, nil, errors.New("a CBOR head in the receipt is cut")
	}
	value := uint64(0)
	for _, one := range data[1 : 1+width] {
		value = value<<8 | uint64(one)
	}
	return value, data[1+width:], nil
}

func byteString(data []byte) ([]byte, []byte, error) {
	length, rest, err := item(data, 2)
	if err != nil || uint64(len(rest)) < length {
		return nil, nil, errors.New("a byte string in the receipt is cut")
	}
	return rest[:length], rest[length:], nil
}

type inclusion struct {
	size, index uint64
	path        tlog.RecordProof
}

func parseInclusion(data []byte) (*inclusion, error) {
	var proof inclusion
	fields, rest, err := item(data, 4)
	if err == nil {
		proof.size, rest, err = item(rest, 0)
	}
	if err == nil {
		proof.index, rest, err = item(rest, 0)
	}
	hashes := uint64(0)
	if err == nil {
		hashes, rest, err = item(rest, 4)
	}
	for ; err == nil && hashes > 0; hashes-- {
		var hash []byte
		if hash, rest, err = byteString(rest); err == nil && len(hash) == tlog.HashSize {
			proof.path = append(proof.path, *(*tlog.Hash)(hash))
		}
	}
	if err != nil || fields != 3 || len(rest) != 0 {
		return nil, errors.New("not an inclusion proof of RFC 9942")
	}
	return &proof, nil
}

// root by RFC 9162 §2.1.3.2.
func (p *inclusion) root(leaf tlog.Hash) (tlog.Hash, error) {
	if p.index >= p.size {
		return leaf, errors.New("the receipt's index is beyond its size")
	}
	at, last, path := p.index, p.size-1, p.path
	for ; last > 0; at, last = at/2, last/2 {
		if at%2 == 0 && at == last {
			continue
		}
		if len(path) == 0 {
			return leaf, errors.New("the receipt's path is too short")
		}
		if at%2 == 1 {
			leaf = tlog.NodeHash(path[0], leaf)
		} else {
			leaf = tlog.NodeHash(leaf, path[0])
		}
		path = path[1:]
	}
	if len(path) != 0 {
		return leaf, errors.New("the receipt's path is too long")
	}
	return leaf, nil
}

func checkReceipt(log *fetched, rule *policy, size int64, hashes []tlog.Hash) error {
	const start, middle = "\xd2\x84\x58\x2a\xa3\x01\x32\x04\x58\x20", "\x19\x01\x8b\x01"
	const unprotected = "\xa1\x19\x01\x8c\xa1\x20\x81"
	data, err := log.get(receiptOf(size))
	if err != nil {
		return err
	}
	const keyAt, headSize = len(start), len(start) + 32 + len(middle) + len(unprotected)
	if len(data) < headSize || string(data[:keyAt]) != start ||
		string(data[keyAt+32:headSize]) != middle+unprotected {
		return errors.New("not the headers of a receipt of inclusion")
	}
	key := data[keyAt : keyAt+32]
	if !rule.logKeys[string(key)] {
		return errors.New("the receipt is of a key that is no log's")
	}
	encoded, rest, err := byteString(data[headSize:])
	if err != nil || len(rest) == 0 || rest[0] != 0xf6 {
		return errors.New("not a detached payload")
	}
	signature, rest, err := byteString(rest[1:])
	if err != nil || len(rest) != 0 {
		return errors.New("not the end of a receipt")
	}
	proof, err := parseInclusion(encoded)
	if err != nil {
		return err
	}
	if proof.index != uint64(size/2) {
		return errors.New("the receipt is of another record")
	}
	root, err := proof.root(hashes[proof.index])
	if err != nil {
		return err
	}
	message := append([]byte("\x84\x6aSignature1\x58\x2a"), data[4:4+0x2a]...)
	message = append(append(message, "\x40\x58\x20"...), root[:]...)
	if len(signature) != ed25519.SignatureSize || !ed25519.Verify(key, message, signature) {
		return errors.New("the receipt's signature is of another root")
	}
	if proof.size <= uint64(len(hashes)) {
		own, err := rehashed(hashes[:proof.size])
		if err != nil || own != root {
			return errors.New("the receipt's root is not this log's")
		}
	}
	return nil
}
