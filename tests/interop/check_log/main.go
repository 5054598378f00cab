// check_log reads a node's log over HTTP with golang.org/x/mod/sumdb/{note,tlog}, code that is not
// ours, and checks all of it: who signed, that the tiles lead to the signed root, that every record
// hashes to its leaf, that records are proved included and an older checkpoint extended. Then it
// does the same on copies of which one byte or line differs, and each must be refused.
//
//	check_log -url http://127.0.0.1:8402 -token FILE -old FILE [-every K]
//
// -old is a checkpoint of the same log that was fetched earlier. Prints one line of JSON; exit code
// 0 if all holds and every changed copy was refused, 1 otherwise, 2 for wrong arguments.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
)

// checkAll is what one client does. It remembers nothing of an earlier run.
func checkAll(log *fetched, old []byte, every int) (*findings, error) {
	text, err := log.get("policy")
	if err != nil {
		return nil, err
	}
	rule, err := parsePolicy(text)
	if err != nil {
		return nil, err
	}
	signed, err := log.get("checkpoint")
	if err != nil {
		return nil, err
	}
	tree, err := rule.open(signed)
	if err != nil {
		return nil, err
	}
	before := tree
	if old != nil {
		if before, err = rule.open(old); err != nil {
			return nil, err
		}
	}
	hashes, err := checkRecords(log, tree)
	if err != nil {
		return nil, err
	}
	if err := checkTiles(log, tree, hashes); err != nil {
		return nil, err
	}
	proved, err := checkInclusion(log, tree, hashes, every)
	if err != nil {
		return nil, err
	}
	if err := checkConsistency(log, before, tree); err != nil {
		return nil, err
	}
	if err := checkNodeProof(log, rule, tree.N, hashes); err != nil {
		return nil, err
	}
	if err := checkReceipt(log, rule, tree.N, hashes); err != nil {
		return nil, err
	}
	return &findings{Size: tree.N, OldSize: before.N, Records: len(hashes), Proved: proved,
		Tiles: len(log.answers)}, nil
}

func run() (int, error) {
	url := flag.String("url", "", "the node, http://host:port")
	tokenFile := flag.String("token", "", "file with a token that may read")
	oldFile := flag.String("old", "", "file with an earlier checkpoint")
	every := flag.Int("every", 7, "prove every so many records included")
	flag.Parse()
	if *url == "" || *tokenFile == "" || *oldFile == "" || *every < 1 || flag.NArg() != 0 {
		flag.Usage()
		return 2, nil
	}
	token, err := os.ReadFile(*tokenFile)
	if err != nil {
		return 2, err
	}
	old, err := os.ReadFile(*oldFile)
	if err != nil {
		return 2, err
	}
	log := &fetched{url: *url, token: strings.TrimSpace(string(token)), answers: map[string][]byte{}}
	found, err := checkAll(log, old, *every)
	if err != nil {
		return 1, err
	}
	said, err := refusals(log, old, *every, found)
	if err != nil {
		return 1, err
	}
	found.Refused = len(said)
	return 0, json.NewEncoder(os.Stdout).Encode(map[string]interface{}{"found": found,
		"refused": said})
}

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "check_log:", err)
		if code == 0 {
			code = 1
		}
	}
	os.Exit(code)
}
