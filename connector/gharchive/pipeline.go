// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gharchive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	"greenroom/internal/priority"
)

// The sizes of the pipeline. A block of 512 KB holds some 250 events: large enough that handing it over costs nothing,
// small enough that the blocks in flight stay in the megabytes.
const (
	blockBytes   = 512 << 10
	maxLineBytes = 32 << 20 // a longer line is no event; it is rejected without being kept
)

// block is a run of whole lines on its way through the pipeline.
type block struct {
	first   int64 // number of its first line
	data    []byte
	offset  int64 // bytes of the file that were taken in when it was cut
	tooLong bool  // the block stands for one line that is too long; data holds its start
	results []result
	done    chan struct{} // closed when results are there
}

// lines runs the pipeline over one stream. It is made by start and ended by stop.
type lines struct {
	ordered chan *block // in the order of the stream; closed at its end
	work    chan *block
	cancel  context.CancelFunc
	group   sync.WaitGroup
	free    chan *block // blocks that are no longer looked at
	err     error       // why the stream ended early; read it after ordered was closed
}

// start reads r on one goroutine, skips what ends before line skip, and decodes the rest on workers goroutines.
func start(ctx context.Context, r io.Reader, taken *atomic.Int64, skip int64, workers int, decode func(*block)) *lines {
	ctx, cancel := context.WithCancel(ctx)
	l := &lines{ordered: make(chan *block, 2*workers), work: make(chan *block, 2*workers), free: make(chan *block, 2*workers+2), cancel: cancel}
	l.group.Add(1 + workers)
	go func() {
		priority.Lower()
		defer l.group.Done()
		defer close(l.ordered)
		defer close(l.work)
		l.err = l.cut(ctx, r, taken, skip)
	}()
	for range workers {
		go func() {
			priority.Lower()
			defer l.group.Done()
			for b := range l.work {
				priority.Breathe(ctx)
				decode(b)
				close(b.done)
			}
		}()
	}
	return l
}

// stop ends the goroutines and waits for them. It may be called at any time.
func (l *lines) stop() {
	l.cancel()
	l.group.Wait()
}

// recycle gives a block back that is no longer looked at.
func (l *lines) recycle(b *block) {
	clear(b.results)
	b.results, b.data = b.results[:0], b.data[:0]
	select {
	case l.free <- b:
	default:
	}
}

func (l *lines) fresh() *block {
	select {
	case b := <-l.free:
		return b
	default:
		return &block{data: make([]byte, 0, blockBytes+128<<10), results: make([]result, 0, 256)}
	}
}

// cut reads the stream and hands on blocks of whole lines.
func (l *lines) cut(ctx context.Context, r io.Reader, taken *atomic.Int64, skip int64) error {
	line := int64(1)
	rest := make([]byte, 0, blockBytes) // the start of a line whose end has not come yet
	for {
		priority.Breathe(ctx)
		b := l.fresh()
		b.data, b.first, b.tooLong, b.done = append(b.data[:0], rest...), line, false, make(chan struct{})
		rest = rest[:0]
		end, err := fill(r, b)
		if err == nil && end < 0 { // a line that is too long: pass on its start and drop the rest of it
			b.tooLong = true
			err = dropLine(r, &rest)
		} else if err == nil {
			rest = append(rest, b.data[end:]...)
			b.data = b.data[:end]
		}
		count := int64(bytes.Count(b.data, []byte{'\n'}))
		if b.tooLong || (len(b.data) > 0 && b.data[len(b.data)-1] != '\n') {
			count++
		}
		line += count
		b.offset = taken.Load()
		if count > 0 && line-1 >= skip {
			select {
			case l.ordered <- b:
				l.work <- b // never blocks for long: it is as long as ordered and workers only end after it is closed
			case <-ctx.Done():
				return fmt.Errorf("reading was stopped: %w", ctx.Err())
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fill reads into the block until it holds blockBytes and the end of a line, and returns where its last whole line ends;
// -1 where there is no end of a line within maxLineBytes. At the end of the stream all that is there counts.
func fill(r io.Reader, b *block) (int, error) {
	for {
		if len(b.data) >= blockBytes {
			if end := bytes.LastIndexByte(b.data, '\n'); end >= 0 {
				return end + 1, nil
			}
			if len(b.data) >= maxLineBytes {
				return -1, nil
			}
		}
		if cap(b.data)-len(b.data) < 64<<10 {
			grown := make([]byte, len(b.data), 2*cap(b.data)+128<<10)
			copy(grown, b.data)
			b.data = grown
		}
		n, err := r.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		if err != nil {
			return len(b.data), err
		}
	}
}

// dropLine reads on to the end of the line and leaves what follows it in rest.
func dropLine(r io.Reader, rest *[]byte) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			*rest = append(*rest, buf[i+1:n]...)
			return err
		}
		if err != nil {
			return err
		}
	}
}

// counted counts the bytes that were taken from a file.
type counted struct {
	io.Reader
	n *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err //nolint:wrapcheck // a reader hands on the plain io.EOF
}

// open opens a file of events and unpacks it where its first bytes say that it is packed.
func open(path string, taken *atomic.Int64) (io.Reader, io.Closer, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the user's own setting
	if err != nil {
		return nil, nil, fmt.Errorf("opening: %w", err)
	}
	in := bufio.NewReaderSize(counted{f, taken}, 256<<10)
	head, err := in.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, errors.Join(fmt.Errorf("reading: %w", err), f.Close())
	}
	if len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
		return in, f, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("unpacking: %w", err), f.Close())
	}
	return z, f, nil
}
