// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// client speaks to ClickHouse by HTTP.
type client struct {
	c    Config
	http *http.Client
	host atomic.Int64 // index of the one that answered last
}

// How long to wait for a connection, and for the first byte of an answer.
const (
	dialTimeout   = 5 * time.Second
	answerTimeout = 10 * time.Minute
)

func newClient(c Config) *client {
	return &client{c: c, http: &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:   dialTimeout,
		ResponseHeaderTimeout: answerTimeout,
		// The servers close connections that idle for 3 seconds.
		IdleConnTimeout: 2 * time.Second,
	}}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// settings go with every question.
func (c *client) settings(database bool) url.Values {
	v := url.Values{
		// An answer is given when it is whole: what goes wrong halfway is an error, and not a short answer.
		"wait_end_of_query": {"1"}, "buffer_size": {"1048576"},
		"max_query_size": {"67108864"}, "max_ast_elements": {"10000000"}, "max_expanded_ast_elements": {"10000000"},
		// One part missing is an error, and an insert is answered when all shards have it.
		"skip_unavailable_shards": {"0"}, "insert_distributed_sync": {"1"},
		// All read and write at the first replica that answers, so that they read what they wrote.
		"load_balancing": {"in_order"},
	}
	if database {
		v.Set("database", c.c.Database)
	}
	if c.c.Quorum > 0 {
		v.Set("insert_quorum", strconv.Itoa(c.c.Quorum))
		v.Set("select_sequential_consistency", "1")
	}
	return v
}

// serverError is what ClickHouse says when it cannot answer.
type serverError struct {
	code int
	text string
}

func (e *serverError) Error() string { return e.text }

// unreachable is the error where no server can be reached.
type unreachable struct {
	host string
	err  error
}

func (e *unreachable) Error() string { return fmt.Sprintf("%s cannot be reached: %v", e.host, e.err) }
func (e *unreachable) Unwrap() error { return e.err }

// absent are the codes of ClickHouse by which a part of the cluster, or its ZooKeeper, does not answer: trying again later
// is all there is to do.
var absent = map[int]bool{
	3: true, 32: true, 198: true, 209: true, 210: true, 225: true, 242: true, 279: true, 285: true, 286: true, 319: true, 999: true,
}

var (
	codeText = regexp.MustCompile(`Code: (\d+)`)
	peerText = regexp.MustCompile(`(?:\(|packet from )([^\s(),]+:\d+)`)
)

// away says who does not answer, where err says that somebody does not.
func away(err error) (who string, ok bool) {
	var u *unreachable
	if errors.As(err, &u) {
		return u.host, true
	}
	var s *serverError
	if !errors.As(err, &s) || !absent[s.code] {
		return "", false
	}
	if m := peerText.FindStringSubmatch(s.text); m != nil {
		return m[1], true
	}
	return "of the cluster", true
}

// post sends one request to one host.
func (c *client) post(ctx context.Context, host string, params url.Values, body io.Reader) (io.ReadCloser, error) {
	proto := "http://"
	if c.c.Secure {
		proto = "https://"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, proto+host+"/?"+params.Encode(), body)
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	if c.c.User != "" {
		req.Header.Set("X-Clickhouse-User", c.c.User)
		req.Header.Set("X-Clickhouse-Key", c.c.Password)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &unreachable{host, err}
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	const most = 16 << 10
	said, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, &unreachable{host, err}
	}
	e := &serverError{text: strings.TrimSpace(string(said))}
	if m := codeText.FindStringSubmatch(e.text); m != nil {
		e.code, _ = strconv.Atoi(m[1])
	}
	if e.text == "" {
		e.text = resp.Status
	}
	return nil, e
}

// query asks, and gives the answer to read. Where a host cannot be reached, the next one is asked.
func (c *client) query(ctx context.Context, sql string, read func(r *rows) error) error {
	var err error
	for range c.c.Hosts {
		at := c.host.Load()
		var body io.ReadCloser
		body, err = c.post(ctx, c.c.Hosts[at], c.settings(true), strings.NewReader(sql))
		var u *unreachable
		if errors.As(err, &u) {
			c.host.CompareAndSwap(at, (at+1)%int64(len(c.c.Hosts)))
			continue
		}
		if err != nil {
			return err
		}
		answer := &rows{r: bufio.NewReaderSize(body, 1<<16)}
		err = read(answer)
		if answer.err != nil && ctx.Err() == nil {
			err = &unreachable{c.c.Hosts[at], answer.err}
		}
		return errors.Join(err, body.Close())
	}
	return err
}

// exec runs a statement on one host, in the database or, to make it, outside of any.
func (c *client) exec(ctx context.Context, host, sql string, inside bool) error {
	body, err := c.post(ctx, host, c.settings(inside), strings.NewReader(sql))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, body)
	return errors.Join(err, body.Close())
}

// insert appends rows, one a line with tabs between the columns. It is never tried again: some of them may be there.
func (c *client) insert(ctx context.Context, table, columns string, lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	params := c.settings(true)
	params.Set("query", "INSERT INTO "+table+" ("+columns+") FORMAT TabSeparated")
	body, err := c.post(ctx, c.c.Hosts[c.host.Load()], params, bytes.NewReader(lines))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, body)
	return errors.Join(err, body.Close())
}

// rows reads an answer in the format RowBinary whose columns all have a fixed width.
type rows struct {
	r   *bufio.Reader
	buf []byte
	row []byte
	err error
}

// next reads a row so many bytes long; false at the end of the answer, or where it ends too soon.
func (r *rows) next(width int) bool {
	if cap(r.buf) < width {
		r.buf = make([]byte, width)
	}
	r.row = r.buf[:width]
	_, err := io.ReadFull(r.r, r.row)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = fmt.Errorf("reading ClickHouse's answer: %w", err)
	}
	return err == nil
}

func (r *rows) u8() uint8 {
	v := r.row[0]
	r.row = r.row[1:]
	return v
}

func (r *rows) u16() uint16 {
	v := binary.LittleEndian.Uint16(r.row)
	r.row = r.row[2:]
	return v
}

func (r *rows) u32() uint32 {
	v := binary.LittleEndian.Uint32(r.row)
	r.row = r.row[4:]
	return v
}

func (r *rows) u64() uint64 {
	v := binary.LittleEndian.Uint64(r.row)
	r.row = r.row[8:]
	return v
}

func (r *rows) i64() int64 { return int64(r.u64()) } //nolint:gosec // these are its bits
