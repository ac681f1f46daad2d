// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package pictures

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/avatar"
	"greenroom/internal/retryafter"
)

// Limits of reading.
const (
	mostBytes = 4 << 20

	later    = 180 * 24 * time.Hour // after which a picture is looked at again
	retry    = 7 * 24 * time.Hour   // the same where it could not be read
	mostWait = 24 * time.Hour       // that a host may ask for
	usual    = time.Hour            // for which a host is left alone that does not say how long
)

// busy says that a host wants to be left alone.
type busy struct{ wait time.Duration }

func (b *busy) Error() string { return "the host asks to be left alone for " + b.wait.String() }

// read looks at one picture. An error means that nothing can be said of it now.
func (s *Service) read(ctx context.Context, d Due) (Seen, error) {
	seen := Seen{Account: d.Account, Address: d.Address, At: s.now()}
	seen.Again = seen.At.Add(later)
	failed := func(problem string) (Seen, error) {
		seen.State, seen.Problem, seen.Again = Failed, problem, seen.At.Add(retry)
		return seen, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, small(d.Address), nil)
	if err != nil {
		return failed("the source gives an address that is none of the web")
	}
	req.Header.Set("Accept", "image/webp,image/png,image/jpeg,image/gif")
	req.Header.Set("User-Agent", "Greenroom")
	res, err := s.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return seen, ctx.Err() //nolint:wrapcheck // it says that the work was told to end
		}
		if known, ok := errors.AsType[*greenroom.Error](err); ok {
			return failed(known.Message) // the guard says what to do
		}
		return failed("the host cannot be reached")
	}
	defer func() { _ = res.Body.Close() }() // nothing was written
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		seen.State = None
		return seen, nil
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable:
		return seen, &busy{waiting(res.Header, s.now())}
	case res.StatusCode != http.StatusOK:
		return failed("the host answers " + res.Status)
	}
	file, err := io.ReadAll(io.LimitReader(res.Body, mostBytes+1))
	switch {
	case ctx.Err() != nil:
		return seen, ctx.Err() //nolint:wrapcheck // as above
	case err != nil:
		return failed("the answer was cut off")
	case len(file) > mostBytes:
		return failed("the picture is larger than " + strconv.Itoa(mostBytes>>20) + " MB")
	}
	hash, err := avatar.Hash(file)
	if err != nil {
		return failed(greenroom.ErrorMessage(err))
	}
	if hash == 0 {
		seen.State = Plain
		return seen, nil
	}
	seen.Hash, seen.State = fmt.Sprintf("%016x", hash), Told
	return seen, nil
}

// small asks hosts that can for a small picture, and for none rather than one that they draw.
func small(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	switch {
	case avatar.OfAddress(address) != "":
		q.Set("s", "128")
		q.Set("d", "404")
	case strings.EqualFold(u.Hostname(), "avatars.githubusercontent.com"):
		q.Set("s", "128")
	default:
		return address
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// waiting is how long a host wants to be left alone.
func waiting(h http.Header, now time.Time) time.Duration {
	if wait, said := retryafter.Read(h, now); said {
		return min(wait, mostWait)
	}
	return usual
}

// hostOf is whom a picture is asked of.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
