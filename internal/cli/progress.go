// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"greenroom"
)

// progressBar shows on a terminal how far an import has come; elsewhere it says nothing.
type progressBar struct {
	w    io.Writer
	name string
	on   bool
}

func newProgressBar(w io.Writer, name string) *progressBar {
	f, ok := w.(*os.File)
	return &progressBar{w: w, name: name, on: ok && term.IsTerminal(int(f.Fd()))} //nolint:gosec // a file descriptor is small
}

const barWidth = 28

func (b *progressBar) show(r greenroom.Run) {
	if !b.on {
		return
	}
	share := ""
	if r.Total > 0 {
		filled := int(min(r.Done, r.Total) * barWidth / r.Total)
		share = fmt.Sprintf("[%s%s] %3d%% ", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), min(r.Done, r.Total)*100/r.Total)
	}
	_, _ = fmt.Fprintf(b.w, "\r\x1b[K%s %s%d read, %d stored  %.40s", b.name, share, r.Read, r.Stored, r.Phase)
}

func (b *progressBar) end() {
	if b.on {
		_, _ = fmt.Fprint(b.w, "\r\x1b[K")
	}
}
