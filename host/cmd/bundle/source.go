package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/compiler"
)

// format is part of every key; a change to what a bundle holds changes it.
const format = "1"

// goTool runs the Go tool for the guests' platform and returns its output.
func goTool(ctx context.Context, root string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), compiler.GoEnv...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(problems.String()))
	}
	return out.Bytes(), nil
}

// compile builds the module of the main package in folder.
func compile(ctx context.Context, root, folder string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "bundle")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "guest.wasm")
	command, err := compiler.GoBuild(root, "./"+folder, file)
	if err != nil {
		return nil, err
	}
	var problems bytes.Buffer
	if err := command.Run(ctx, &problems); err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(command.Args, " "), err, strings.TrimSpace(problems.String()))
	}
	return os.ReadFile(file)
}

// sourceKey is a hash of everything that a module is made from: the files of
// all packages but the standard library, the toolchain and its flags.
func sourceKey(ctx context.Context, root, folder string) (string, error) {
	settings, err := goTool(ctx, root, "env", "GOVERSION", "GOFLAGS", "GOEXPERIMENT", "GOWASM")
	if err != nil {
		return "", err
	}
	listed, err := goTool(ctx, root, "list", "-deps", "-json=ImportPath,Dir,Standard,GoFiles,SFiles,EmbedFiles", "./"+folder)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s %s%q\n", format, settings, compiler.GoFlags)
	for d := json.NewDecoder(bytes.NewReader(listed)); ; {
		var p struct {
			ImportPath, Dir             string
			Standard                    bool
			GoFiles, SFiles, EmbedFiles []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return hex.EncodeToString(hash.Sum(nil)), nil
		} else if err != nil {
			return "", fmt.Errorf("go list: %w", err)
		}
		if p.Standard {
			continue
		}
		for _, name := range slices.Concat(p.GoFiles, p.SFiles, p.EmbedFiles) {
			content, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return "", err
			}
			fmt.Fprintf(hash, "%s %s %x\n", p.ImportPath, name, sha256.Sum256(content))
		}
	}
}
