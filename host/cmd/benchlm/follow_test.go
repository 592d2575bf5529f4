package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/bench/fake"
	"github.com/espalier-nas/espalier/host/data"
)

// followed follows a fake peer for two epochs on a small drawn text.
func followed(t *testing.T, mode string) (string, error) {
	t.Helper()
	corpus, err := data.OpenCorpus(data.Options{Name: "grammar", Limit: 2000})
	if err != nil {
		t.Fatal(err)
	}
	c := &config{Follow: 2, Seeds: 2}
	c.Threads = []int{1}
	b := &bench.Bench{Config: &c.Config, Dir: t.TempDir(), Peers: []*bench.Peer{fake.Must(t, mode)}, Progress: io.Discard}
	var out strings.Builder
	err = followText(context.Background(), b, c, corpus, &out)
	return out.String(), err
}

// TestFollow: the same engine follows itself exactly, from the same first
// weights through the same windows; with a peer that learns less, it fails.
func TestFollow(t *testing.T) {
	text, err := followed(t, "honest")
	if err != nil || strings.Count(text, "0.00 %") != 2 || !strings.Contains(text, "the mean of 2 first weights") {
		t.Errorf("%v: %s", err, text)
	}
	if text, err = followed(t, "learns less"); err == nil || !strings.Contains(err.Error(), "the perplexities differ") {
		t.Errorf("%v: %s", err, text)
	}
}

func TestFollowNoFiles(t *testing.T) {
	c := &config{Follow: 1, DataDir: t.TempDir()}
	if err := follow(context.Background(), &bench.Bench{}, c, io.Discard); err == nil || !strings.Contains(err.Error(), "ptb") {
		t.Errorf("%v", err)
	}
}
