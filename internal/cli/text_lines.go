// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"greenroom"
)

// textLines calls each with every line of a file and its number. What each cannot read is said, and the rest is read;
// then the error says how much was left out.
func (c *command) textLines(path string, each func(line []byte) error) (err error) {
	f, err := os.Open(path) //nolint:gosec // the user names the file
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be opened: %v", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxTextLine)
	bad, n := 0, 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := each(lines.Bytes()); err != nil {
			bad++
			c.say("greenroom: %s: line %d: %v\n", path, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s after line %d: %w", path, n, err)
	}
	if bad > 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "%d of %d lines of %s could not be read; the rest was", bad, n, path)
	}
	return nil
}

// textObjects calls each with every JSON object of a file, an object a line.
func textObjects[T any](c *command, path string, each func(*T) error) error {
	return c.textLines(path, func(line []byte) error {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return fmt.Errorf("a JSON object is expected: %w", err)
		}
		return each(&v)
	})
}

// toFile writes a file, or the standard output for "-".
func (c *command) toFile(path string, write func(io.Writer) error) (err error) {
	if path == "-" {
		return write(c.io.Out)
	}
	f, err := os.Create(path) //nolint:gosec // the user names the file
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be written: %v", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}
