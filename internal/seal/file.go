// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"greenroom"
)

// EnvVar is the environment variable that may hold the keys instead of the file.
const EnvVar = "GREENROOM_KEY"

// comment begins the key file.
const comment = "# Greenroom seals its secrets with the first of these keys; the others still open older ones.\n" +
	"# Keep a copy apart from the data, and show it to nobody.\n"

// Load returns the keys of the environment variable, where fromEnv (its value) is not empty, else those of the file,
// which is made with one new key when it is not there. CodeInvalid when there is no proper key, CodeForbidden when
// everybody on the machine can read the file.
func Load(path, fromEnv string, random io.Reader) (*Keys, error) {
	if strings.TrimSpace(fromEnv) != "" {
		keys, err := Parse(fromEnv, random)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", EnvVar, err)
		}
		return keys, nil
	}
	lines, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		lines, err = create(path, random)
	}
	if err != nil {
		return nil, err
	}
	keys, err := Parse(strings.Join(lines, "\n"), random)
	if err != nil {
		return nil, fmt.Errorf("reading the keys in %s: %w", path, err)
	}
	return keys, nil
}

// Rotate puts a new key in front of the file's. The processes that use the file have to load it again.
func Rotate(path string, random io.Reader) error {
	lines, err := readFile(path)
	if err != nil {
		return fmt.Errorf("rotating the key: %w", err)
	}
	fresh, err := generate(random)
	if err != nil {
		return err
	}
	return replace(path, append([]string{fresh}, lines...))
}

// DropOld leaves only the file's first key. Secrets that were sealed with another one cannot be opened any more.
func DropOld(path string) error {
	lines, err := readFile(path)
	if err != nil {
		return fmt.Errorf("dropping older keys: %w", err)
	}
	if len(lines) == 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no key in %s", path)
	}
	return replace(path, lines[:1])
}

// readFile returns the file's lines that are not comments.
func readFile(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("looking for the key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		return nil, greenroom.Errorf(greenroom.CodeForbidden,
			"everybody on this machine can open the key file %s; run: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

func generate(random io.Reader) (string, error) {
	raw := make([]byte, chacha20poly1305.KeySize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("drawing a key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// create makes the file with one new key and returns the file's keys. Of two processes that start at once one makes it,
// and the other one reads it: the file is complete before it gets its name, and a name that is taken is left alone.
func create(path string, random io.Reader) ([]string, error) {
	fresh, err := generate(random)
	if err != nil {
		return nil, err
	}
	temp, err := writeTemp(path, []string{fresh})
	if err != nil {
		return nil, err
	}
	if err := os.Link(temp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		// A file system without links: a rename does, but for two processes in the same instant.
		if err := os.Rename(temp, path); err != nil {
			return nil, errors.Join(fmt.Errorf("making the key file: %w", err), os.Remove(temp))
		}
		return readFile(path)
	}
	if err := os.Remove(temp); err != nil {
		return nil, fmt.Errorf("making the key file: %w", err)
	}
	return readFile(path)
}

// replace writes the file anew, whole or not at all.
func replace(path string, lines []string) error {
	temp, err := writeTemp(path, lines)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(fmt.Errorf("replacing the key file: %w", err), os.Remove(temp))
	}
	return nil
}

// writeTemp writes keys to a new file beside path, which its owner only can read, down to the disk.
func writeTemp(path string, lines []string) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return "", &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the key file cannot be made; is the folder writable?", Err: err}
	}
	_, err = io.WriteString(f, comment+strings.Join(lines, "\n")+"\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(fmt.Errorf("writing the key file: %w", err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}
