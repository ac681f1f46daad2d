// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/maildomain"
	"greenroom/internal/text/question"
)

// Prepared is a batch with all that can be computed of it before the store is asked: nothing in it repeats, texts are
// valid, hashes say whether a fact has changed.
type Prepared struct {
	*connector.Batch
	ActivityHash []int64  // by activity; 0 is never given
	Question     []bool   // by activity: it asks something
	IdentityHash []int64  // by identity
	Domain       []string // by identity: the organization's e-mail domain, "" = tells nothing
	OrgHash      []int64  // by organization
	CompanyAt    []string // by company that an identity names: the domain of its addresses, "" = tells nothing
	RecordHash   []int64  // by business record
	Blocks       []Block  // the payloads, compressed
	Shapes       []Shape  // of a sample of the payloads
}

// Block is a run of payloads, compressed together.
type Block struct {
	Data     []byte // zstd
	Payloads int
	Size     int // bytes before compression
}

// BlockPayloads is how many payloads one block holds at most: payload ref r is in block (r-1)/BlockPayloads at
// position (r-1)%BlockPayloads. Small enough that one payload is read in about a millisecond.
const BlockPayloads = 128

// preparer turns batches into prepared ones.
type preparer struct {
	enc  *zstd.Encoder
	err  error
	free *maildomain.Free

	learn bool // the shapes of payloads
	hash  *xxhash.Digest
	buf   []byte
	zip   []byte
}

func newPreparer(free *maildomain.Free) *preparer {
	p := &preparer{free: free, hash: xxhash.New()}
	p.enc, p.err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	return p
}

func (p *preparer) close() {
	if p.enc != nil {
		p.enc.Close() //nolint:errcheck,gosec // an encoder without a writer has nothing to flush
	}
}

func (p *preparer) prepare(b *connector.Batch) (*Prepared, error) {
	if p.err != nil {
		return nil, fmt.Errorf("preparing compression: %w", p.err)
	}
	dedupe(b)
	out := &Prepared{
		Batch:        b,
		ActivityHash: make([]int64, len(b.Activities)),
		Question:     make([]bool, len(b.Activities)),
		IdentityHash: make([]int64, len(b.Identities)),
		Domain:       make([]string, len(b.Identities)),
		OrgHash:      make([]int64, len(b.Organizations)),
		CompanyAt:    make([]string, len(b.Companies)),
		RecordHash:   make([]int64, len(b.Records)),
	}
	for i := range b.Activities {
		a := &b.Activities[i]
		clean(&a.Title, &a.Body, &a.URL, &a.ExternalID, &a.Thread, &a.ReplyTo)
		out.Question[i] = asks(a)
		out.ActivityHash[i] = p.activityHash(a, out.Question[i])
	}
	for i := range b.Identities {
		id := &b.Identities[i]
		clean(&id.ExternalID, &id.Handle, &id.Name, &id.Bio, &id.Location, &id.Company, &id.JobTitle)
		out.IdentityHash[i] = p.identityHash(id)
		out.Domain[i] = p.domain(id.Emails)
	}
	for i := range b.Companies {
		out.CompanyAt[i] = p.domain(b.Companies[i].Emails)
	}
	for i := range b.Channels {
		clean(&b.Channels[i].Name)
	}
	for i := range b.Organizations {
		out.OrgHash[i] = p.organizationHash(&b.Organizations[i])
	}
	for i := range b.Records {
		clean(&b.Records[i].Name, &b.Records[i].Stage)
		out.RecordHash[i] = p.recordHash(&b.Records[i])
	}
	for i := range b.Rejects {
		r := &b.Rejects[i]
		clean(&r.File, &r.Reason, &r.Expected, &r.Excerpt)
	}
	if p.learn {
		out.Shapes = shapes(b)
	}
	out.Blocks = p.compress(&b.Payloads)
	b.Payloads.Data = nil // a batch that waits to be stored holds its payloads once
	return out, nil
}

// domain is the first domain of an organization among e-mail addresses.
func (p *preparer) domain(emails []greenroom.Email) string {
	for i := range emails {
		if d := p.free.Organization(emails[i].Address); d != "" {
			return d
		}
	}
	return ""
}

// dedupe keeps one telling of each activity, because one statement cannot write a row twice and the store looks each one
// up once: the last one, unless the source's clock says that another is newer.
func dedupe(b *connector.Batch) {
	seen := make(map[string]int, len(b.Activities))
	kept := b.Activities[:0]
	for i := range b.Activities {
		if at, ok := seen[b.Activities[i].ExternalID]; ok {
			if !outdated(&b.Activities[i], &kept[at]) {
				kept[at] = b.Activities[i]
			}
			continue
		}
		seen[b.Activities[i].ExternalID] = len(kept)
		kept = append(kept, b.Activities[i])
	}
	b.Activities = kept
}

// outdated reports whether a telling of an activity is older than another one, as the store decides between batches.
func outdated(act, than *connector.Activity) bool {
	at, other := act.ToldAt(), than.ToldAt()
	switch {
	case act.Deleted:
		return !at.IsZero() && than.EditedAt.After(at)
	case than.Deleted:
		return !other.IsZero() && !at.After(other)
	}
	return !than.EditedAt.IsZero() && at.Before(other)
}

// asks reports whether an activity asks something: where the platform says so, and where a text that could ask does.
func asks(a *connector.Activity) bool {
	if a.Question || a.Kind == greenroom.KindQuestion {
		return true
	}
	switch a.Kind { //nolint:exhaustive // only these carry what a person writes to others
	case greenroom.KindMessage, greenroom.KindIssue, greenroom.KindDiscussion:
		return question.Is(a.Title, a.Body)
	case greenroom.KindReply, greenroom.KindComment:
		return question.Is("", a.Body) // the title is that of what it replies to
	}
	return false
}

// clean makes texts valid UTF-8 without NUL, which PostgreSQL refuses.
func clean(texts ...*string) {
	for _, s := range texts {
		if !utf8.ValidString(*s) {
			*s = strings.ToValidUTF8(*s, "\uFFFD")
		}
		if strings.IndexByte(*s, 0) >= 0 {
			*s = strings.ReplaceAll(*s, "\x00", "")
		}
	}
}

func (p *preparer) compress(payloads *connector.Payloads) []Block {
	n := payloads.Len()
	blocks := make([]Block, 0, (n+BlockPayloads-1)/BlockPayloads)
	for start := 0; start < n; start += BlockPayloads {
		end := min(n, start+BlockPayloads)
		from := 0
		if start > 0 {
			from = payloads.Ends[start-1]
		}
		// A block is the number of payloads, their lengths, and the payloads.
		p.buf = binary.AppendUvarint(p.buf[:0], uint64(end-start))
		prev := from
		for _, e := range payloads.Ends[start:end] {
			p.buf = binary.AppendUvarint(p.buf, uint64(e-prev)) //nolint:gosec // lengths are not negative
			prev = e
		}
		p.buf = append(p.buf, payloads.Data[from:prev]...)
		p.zip = p.enc.EncodeAll(p.buf, p.zip[:0])
		blocks = append(blocks, Block{Data: bytes.Clone(p.zip), Payloads: end - start, Size: len(p.buf)})
	}
	return blocks
}

// Payload returns payload number pos of a block's data.
func Payload(dec *zstd.Decoder, data []byte, pos int) ([]byte, error) {
	raw, err := dec.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("decompressing a payload block: %w", err)
	}
	n, w := binary.Uvarint(raw)
	if w <= 0 || pos < 0 || uint64(pos) >= n {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "the block has no payload %d", pos)
	}
	rest, start, length := raw[w:], uint64(0), uint64(0)
	for i := range n {
		l, w := binary.Uvarint(rest)
		if w <= 0 {
			return nil, greenroom.Errorf(greenroom.CodeInternal, "a payload block is damaged")
		}
		if i < uint64(pos) {
			start += l
		} else if i == uint64(pos) {
			length = l
		}
		rest = rest[w:]
	}
	if start+length > uint64(len(rest)) {
		return nil, greenroom.Errorf(greenroom.CodeInternal, "a payload block is damaged")
	}
	return rest[start : start+length], nil
}

// text, number and so on feed a field into the running hash, with an end mark so that neighbors cannot run together.
func (p *preparer) text(texts ...string) {
	for _, s := range texts {
		_, _ = p.hash.WriteString(s)
		_, _ = p.hash.Write([]byte{0xff})
	}
}

func (p *preparer) number(n ...int64) {
	var b [8]byte
	for _, v := range n {
		binary.LittleEndian.PutUint64(b[:], uint64(v)) //nolint:gosec // the bits are what counts
		_, _ = p.hash.Write(b[:])
	}
}

func (p *preparer) times(ts ...time.Time) {
	for _, t := range ts {
		if t.IsZero() {
			p.number(0)
		} else {
			p.number(t.UnixMicro())
		}
	}
}

func (p *preparer) pairs(m map[string]string) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		p.text(k, m[k])
	}
}

func (p *preparer) sum() int64 {
	v := int64(p.hash.Sum64()) //nolint:gosec // the bits are what counts
	p.hash.Reset()
	if v == 0 {
		v = 1
	}
	return v
}

func (p *preparer) activityHash(a *connector.Activity, asks bool) int64 {
	p.number(int64(a.Kind), bit(a.Deleted), bit(asks))
	p.text(a.Channel, a.Author, a.Thread, a.ReplyTo, a.Title, a.Body, a.URL)
	p.times(a.OccurredAt, a.EditedAt)
	p.text(a.Mentions...)
	return p.sum()
}

func (p *preparer) identityHash(id *connector.Identity) int64 {
	p.text(id.Handle, id.Name, id.AvatarURL, id.ProfileURL, id.Bio, id.Location, id.TimeZone, id.Company, id.JobTitle)
	for _, e := range id.Emails {
		p.text(e.Address)
		p.number(bit(e.Verified))
	}
	p.text(id.Links...)
	p.text(id.Tags...)
	p.pairs(id.Fields)
	p.number(bit(id.Bot), bit(id.Staff), bit(id.Deleted))
	p.times(id.JoinedAt)
	return p.sum()
}

func (p *preparer) organizationHash(o *connector.Organization) int64 {
	p.text(o.Name, o.Lifecycle, o.Country)
	p.text(o.Domains...)
	p.text(o.Tags...)
	p.number(o.Size)
	p.pairs(o.Fields)
	if o.URL != "" {
		p.text(o.URL)
	}
	if o.Parent != "" {
		p.text("parent", o.Parent)
	}
	return p.sum()
}

func (p *preparer) recordHash(r *connector.Record) int64 {
	p.text(r.Type, r.Name, r.Organization, r.Identity, r.Stage, r.Currency)
	p.number(int64(math.Float64bits(r.Amount))) //nolint:gosec // the bits are what counts
	p.times(r.OpenedAt, r.ClosedAt)
	p.pairs(r.Fields)
	if r.Deleted {
		p.number(1)
	}
	for _, step := range r.Stages {
		p.text(step.Stage)
		p.times(step.At)
	}
	return p.sum()
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// EmptyPayloads gives a block's data anew with some payloads emptied, and its size before compression.
func EmptyPayloads(dec *zstd.Decoder, data []byte, drop map[int]bool) ([]byte, int, error) {
	raw, err := dec.DecodeAll(data, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("decompressing a payload block: %w", err)
	}
	damaged := greenroom.Errorf(greenroom.CodeInternal, "a payload block is damaged")
	n, w := binary.Uvarint(raw)
	if w <= 0 || n > uint64(len(raw)) {
		return nil, 0, damaged
	}
	lengths := make([]uint64, n)
	rest := raw[w:]
	for i := range lengths {
		l, w := binary.Uvarint(rest)
		if w <= 0 {
			return nil, 0, damaged
		}
		lengths[i], rest = l, rest[w:]
	}
	head := binary.AppendUvarint(nil, n)
	var body []byte
	for i, l := range lengths {
		if l > uint64(len(rest)) {
			return nil, 0, damaged
		}
		if drop[i] {
			head = binary.AppendUvarint(head, 0)
		} else {
			head = binary.AppendUvarint(head, l)
			body = append(body, rest[:l]...)
		}
		rest = rest[l:]
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, 0, fmt.Errorf("preparing compression: %w", err)
	}
	whole := append(head, body...)
	return enc.EncodeAll(whole, nil), len(whole), enc.Close()
}
