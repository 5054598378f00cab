package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosigner checks lines of type 0x04 (c2sp.org/tlog-cosignature), which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key: " + vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("not a key for cosignatures: " + vkey)
	}
	digest := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(digest[:])
	if parts[1] != fmt.Sprintf("%08x", hash) {
		return nil, errors.New("the id is not the key's: " + vkey)
	}
	return &cosigner{parts[0], hash, key[1:]}, nil
}

// policy is a c2sp.org/tlog-policy with one group, of witnesses alone, as its quorum.
type policy struct {
	verifiers []note.Verifier
	logs      map[string]bool   // by name
	logKeys   map[string]bool   // their public keys
	witness   map[string]string // key name to witness
	threshold int
	members   map[string]bool // witnesses of the group
}

func parsePolicy(text []byte) (*policy, error) {
	p := &policy{logs: map[string]bool{}, logKeys: map[string]bool{},
		witness: map[string]string{}, members: map[string]bool{}}
	group, quorum := "", ""
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "log" && len(words) == 2:
			verifier, err := note.NewVerifier(words[1])
			if err != nil {
				return nil, err
			}
			p.verifiers = append(p.verifiers, verifier)
			p.logs[verifier.Name()] = true
			// The key itself may have a plus in its base64.
			key, err := base64.StdEncoding.DecodeString(strings.SplitN(words[1], "+", 3)[2])
			if err != nil {
				return nil, err
			}
			p.logKeys[string(key[1:])] = true
		case words[0] == "witness" && len(words) == 3:
			verifier, err := newCosigner(words[2])
			if err != nil {
				return nil, err
			}
			p.verifiers = append(p.verifiers, verifier)
			p.witness[verifier.Name()] = words[1]
		case words[0] == "group" && len(words) > 3 && group == "":
			group = words[1]
			threshold, err := strconv.Atoi(words[2])
			if err != nil {
				return nil, err
			}
			p.threshold = threshold
			for _, member := range words[3:] {
				p.members[member] = true
			}
		case words[0] == "quorum" && len(words) == 2 && quorum == "":
			quorum = words[1]
		default:
			return nil, errors.New("a line of the policy that is not understood: " + line)
		}
	}
	if quorum == "" || quorum != group || p.threshold < 1 || p.threshold > len(p.members) {
		return nil, errors.New("the policy has no quorum of one group")
	}
	return p, nil
}

func (p *policy) open(signed []byte) (tlog.Tree, error) {
	var tree tlog.Tree
	opened, err := note.Open(signed, note.VerifierList(p.verifiers...))
	if err != nil {
		return tree, err
	}
	byLog, witnesses := false, map[string]bool{}
	for _, signature := range opened.Sigs {
		byLog = byLog || p.logs[signature.Name]
		if witness, known := p.witness[signature.Name]; known && p.members[witness] {
			witnesses[witness] = true
		}
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || !p.logs[lines[0]] {
		return tree, errors.New("not a checkpoint of this log")
	}
	if !byLog || len(witnesses) < p.threshold {
		return tree, fmt.Errorf("signed by %d of %d witnesses, by the log: %v", len(witnesses),
			p.threshold, byLog)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}
