package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight     = 8
	bundleRecords  = 1 << tileHeight
	answerBytesMax = 32 << 20
)

// fetched keeps what the node has answered, by path; a check may see it with changes.
type fetched struct {
	url, token string
	answers    map[string][]byte
	change     func(path string, answer []byte) []byte
}

func (f *fetched) get(path string) ([]byte, error) {
	answer, known := f.answers[path]
	if !known {
		place := "/log/"
		if strings.HasPrefix(path, "v1/") {
			place = "/"
		}
		request, err := http.NewRequest("GET", f.url+place+path, nil)
		if err != nil {
			return nil, err
		}
		if place == "/" || strings.HasPrefix(path, "tile/entries/") ||
			strings.HasPrefix(path, "receipt/") {
			request.Header.Set("Authorization", "Bearer "+f.token)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		answer, err = io.ReadAll(io.LimitReader(response.Body, answerBytesMax))
		if err != nil {
			return nil, err
		}
		if response.StatusCode != 200 {
			return nil, fmt.Errorf("%s: %s: %s", path, response.Status, answer)
		}
		f.answers[path] = answer
	}
	if f.change != nil {
		answer = f.change(path, append([]byte(nil), answer...))
	}
	return answer, nil
}

// changed is the same log with one answer replaced.
func (f *fetched) changed(path string, change func([]byte) []byte) *fetched {
	copied := *f
	copied.change = func(asked string, answer []byte) []byte {
		if asked != path {
			return answer
		}
		return change(answer)
	}
	return &copied
}

// ours is the path that the log has for a tile of x/mod, which names the height too.
func ours(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

type tiles struct{ log *fetched }

func (t tiles) Height() int                     { return tileHeight }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(asked []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range asked {
		data, err := t.log.get(ours(tile))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}
