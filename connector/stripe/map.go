// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stripe

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// seconds is a Unix time; 0 and null are none.
type seconds int64

func (s seconds) time() time.Time {
	if s <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

type wireCustomer struct {
	ID       string            `json:"id"`
	Deleted  bool              `json:"deleted"`
	Name     string            `json:"name"`
	Email    string            `json:"email"`
	Business string            `json:"business_name"`
	Created  seconds           `json:"created"`
	Metadata map[string]string `json:"metadata"`
	Late     bool              `json:"delinquent"`
	Live     *bool             `json:"livemode"` // false = of a sandbox
	Address  *struct {
		City    string `json:"city"`
		State   string `json:"state"`
		Country string `json:"country"`
	} `json:"address"`
}

// customerRef is a customer's id, or the customer where it was asked for.
type customerRef struct{ wireCustomer }

// UnmarshalJSON reads either.
func (c *customerRef) UnmarshalJSON(data []byte) error {
	if len(data) > 1 && data[0] == '"' {
		c.ID = string(data[1 : len(data)-1])
		return nil
	}
	return rest.Unmarshal(data, &c.wireCustomer) //nolint:wrapcheck // the decoder wraps it
}

type wireSubscription struct {
	ID          string            `json:"id"`
	Customer    customerRef       `json:"customer"`
	Status      string            `json:"status"`
	Currency    string            `json:"currency"`
	Description string            `json:"description"`
	Created     seconds           `json:"created"`
	Started     seconds           `json:"start_date"`
	TrialStart  seconds           `json:"trial_start"`
	TrialEnd    seconds           `json:"trial_end"`
	CanceledAt  seconds           `json:"canceled_at"`
	CancelAt    seconds           `json:"cancel_at"`
	EndedAt     seconds           `json:"ended_at"`
	PeriodEnd   seconds           `json:"current_period_end"` // of the items in later versions
	AtEnd       bool              `json:"cancel_at_period_end"`
	Metadata    map[string]string `json:"metadata"`
	Reasons     struct {
		Reason   string `json:"reason"`
		Feedback string `json:"feedback"`
	} `json:"cancellation_details"`
	Invoice invoiceRef `json:"latest_invoice"`
	Items   struct {
		Data []wireItem `json:"data"`
		More bool       `json:"has_more"` // there are items that do not stand in Data
	} `json:"items"`
	Pause *struct { // payments are not collected, while the status stays
		Behavior string  `json:"behavior"` // keep_as_draft, mark_uncollectible or void
		Resumes  seconds `json:"resumes_at"`
	} `json:"pause_collection"`
	Details *struct {
		Paused *struct {
			At  seconds `json:"transitioned_at"`
			Why struct {
				Type string `json:"type"` // pause_requested, trial_end_without_payment_method, ...
			} `json:"subscription"`
		} `json:"paused"`
	} `json:"status_details"`
	Trial struct {
		End struct {
			Missing string `json:"missing_payment_method"` // cancel, create_invoice or pause
		} `json:"end_behavior"`
	} `json:"trial_settings"`
}

type wireItem struct {
	ID        string    `json:"id"`
	Quantity  *int64    `json:"quantity"`
	PeriodEnd seconds   `json:"current_period_end"`
	Price     wirePrice `json:"price"`
}

// wirePrice is a price. Amount and Decimal are of Currency, which a subscription in another of the price's currencies does
// not share: what it pays stands in Options, which Stripe gives only where it is asked for.
type wirePrice struct {
	ID       string `json:"id"`
	Nickname string `json:"nickname"`
	Currency string `json:"currency"`
	wireAmount
	Options   map[string]wireAmount `json:"currency_options"`
	Recurring struct {
		Interval string `json:"interval"`
		Count    int64  `json:"interval_count"`
		Usage    string `json:"usage_type"` // licensed or metered
	} `json:"recurring"`
	Packages *struct {
		Size  float64 `json:"divide_by"`
		Round string  `json:"round"` // up or down
	} `json:"transform_quantity"`
}

// wireAmount is the price of one, in a currency's smallest unit; both are null where tiers say it.
type wireAmount struct {
	Amount  *float64 `json:"unit_amount"`
	Decimal string   `json:"unit_amount_decimal"`
}

// invoiceRef is an invoice where it was asked for; its id alone tells nothing.
type invoiceRef struct {
	Status string  `json:"status"`
	Paid   float64 `json:"amount_paid"`
	Due    float64 `json:"amount_due"`
	At     seconds `json:"created"`
}

// UnmarshalJSON reads either.
func (i *invoiceRef) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return nil
	}
	type plain invoiceRef
	return rest.Unmarshal(data, (*plain)(i)) //nolint:wrapcheck // the decoder wraps it
}

// customer pushes a customer.
func (s *source) customer(c *wireCustomer, raw []byte, out *connector.Sink) {
	if c.Deleted {
		out.Identity(connector.Identity{ExternalID: c.ID, Deleted: true})
		return
	}
	who := connector.Identity{
		ExternalID: c.ID, Name: c.Name, Company: c.Business, ProfileURL: c.page(), JoinedAt: c.Created.time(), Raw: out.Raw(raw),
		Fields: s.metadata(c.Metadata),
	}
	if mail := strings.ToLower(strings.TrimSpace(c.Email)); strings.Count(mail, "@") == 1 {
		who.Emails = []greenroom.Email{{Address: mail}}
	}
	if c.Address != nil {
		who.Location = strings.Join(slices.DeleteFunc([]string{c.Address.City, c.Address.State, c.Address.Country}, func(p string) bool { return p == "" }), ", ")
	}
	if c.Late {
		who.Fields["payment late"] = "true"
	}
	out.Identity(who)
	if company := s.company(c); company != "" {
		out.Membership(connector.Membership{Identity: c.ID, Organization: company})
	}
}

// page is where people see a customer.
func (c *wireCustomer) page() string {
	if c.Live != nil && !*c.Live {
		return "https://dashboard.stripe.com/test/customers/" + c.ID
	}
	return "https://dashboard.stripe.com/customers/" + c.ID
}

// company is the organization that a customer stands for, as far as Stripe is told.
func (s *source) company(c *wireCustomer) string {
	if key := s.set.Text(optCompany); key != "" && c.Metadata[key] != "" {
		return strings.TrimSpace(c.Metadata[key])
	}
	return strings.TrimSpace(c.Business)
}

func (s *source) metadata(all map[string]string) map[string]string {
	f := map[string]string{}
	for _, key := range s.set.List(optMetadata) {
		if v := strings.TrimSpace(all[key]); v != "" {
			f[key] = v
		}
	}
	return f
}

// subscription pushes a subscription as it was at a time, with steps that events told.
func (s *source) subscription(sub *wireSubscription, at time.Time, steps []connector.StageChange, raw []byte, out *connector.Sink) {
	r := connector.Record{
		ExternalID: sub.ID, Type: "subscription", Name: sub.Description, Identity: sub.Customer.ID, Organization: s.company(&sub.Customer.wireCustomer), Stage: sub.Status,
		Currency: strings.ToUpper(sub.Currency), OpenedAt: sub.Started.time(), ClosedAt: sub.EndedAt.time(), UpdatedAt: at, Stages: sub.stages(steps), Raw: out.Raw(raw),
		Fields: s.metadata(sub.Metadata),
	}
	if r.OpenedAt.IsZero() {
		r.OpenedAt = sub.Created.time()
	}
	unit := minor(sub.Currency)
	sum := sub.sum()
	r.Amount, r.Fields["interval"] = round(sum.period/unit), sum.interval
	if r.Name == "" {
		r.Name = strings.Join(sum.names, ", ")
	}
	if r.Name == "" {
		r.Name = "Subscription of " + firstOf(sub.Customer.Name, sub.Customer.Email, sub.Customer.ID)
	}
	s.fields(sub, &r, unit)
	// What is billed by use or by tiers has no amount of its own, and what is not paid for brings nothing.
	switch {
	case sub.Status != "active" && sub.Status != "past_due":
	case sub.Pause != nil && sub.Pause.Behavior != "keep_as_draft":
		r.Fields["mrr"] = "0"
	case sum.known:
		r.Fields["mrr"] = strconv.FormatFloat(round(sum.month/unit), 'f', -1, 64)
	}
	if !sum.renews.time().IsZero() && r.ClosedAt.IsZero() {
		r.Fields["renews"] = sum.renews.time().Format(time.DateOnly)
	}
	for name, v := range r.Fields {
		if v == "" {
			delete(r.Fields, name)
		}
	}
	out.Record(r)
}

func (s *source) fields(sub *wireSubscription, r *connector.Record, unit float64) {
	switch {
	case sub.AtEnd && sub.EndedAt == 0:
		r.Fields["ends"] = "at the end of the period"
	case sub.CancelAt > 0 && sub.EndedAt == 0:
		r.Fields["ends"] = sub.CancelAt.time().Format(time.DateOnly)
	}
	if !sub.CanceledAt.time().IsZero() {
		r.Fields["canceled"] = sub.CanceledAt.time().Format(time.DateOnly)
	}
	r.Fields["cancellation reason"] = firstOf(sub.Reasons.Feedback, sub.Reasons.Reason)
	if sub.Pause != nil {
		r.Fields["collection"] = "paused"
		if sub.Pause.Resumes > 0 {
			r.Fields["collection"] = "paused until " + sub.Pause.Resumes.time().Format(time.DateOnly)
		}
	}
	if sub.TrialEnd > 0 {
		r.Fields["trial ends"] = sub.TrialEnd.time().Format(time.DateOnly)
	}
	if sub.Invoice.Status != "" {
		r.Fields["last invoice"] = sub.Invoice.Status
		r.Fields["last invoice amount"] = strconv.FormatFloat(round(sub.Invoice.Due/unit), 'f', -1, 64)
	}
}

// stages are the steps that a subscription tells of itself, and those that events told.
func (sub *wireSubscription) stages(told []connector.StageChange) []connector.StageChange {
	first := "active"
	switch {
	case sub.TrialStart > 0:
		first = "trialing"
	case sub.Status == "incomplete" || sub.Status == "incomplete_expired":
		first = "incomplete"
	}
	began := sub.Started
	if began == 0 {
		began = sub.Created
	}
	steps := []connector.StageChange{{Stage: first, At: began.time()}}
	paused, unpaid := sub.pause()
	if sub.TrialEnd > 0 && sub.Status != "trialing" && !unpaid && (sub.EndedAt == 0 || sub.TrialEnd < sub.EndedAt) {
		steps = append(steps, connector.StageChange{Stage: "active", At: sub.TrialEnd.time()})
	}
	if paused > 0 {
		steps = append(steps, connector.StageChange{Stage: sub.Status, At: paused.time()})
	}
	if sub.EndedAt > 0 {
		steps = append(steps, connector.StageChange{Stage: sub.Status, At: sub.EndedAt.time()})
	}
	steps = append(steps, told...)
	slices.SortStableFunc(steps, func(a, b connector.StageChange) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(steps, func(a, b connector.StageChange) bool { return a.Stage == b.Stage })
}

// pause says since when a subscription is paused, 0 = it is not, or not told; unpaid = its trial ended in that, because there
// was nothing to pay with. Older versions tell neither, but what was to happen then.
func (sub *wireSubscription) pause() (since seconds, unpaid bool) {
	switch {
	case sub.Status != "paused":
		return 0, false
	case sub.Details != nil && sub.Details.Paused != nil:
		return sub.Details.Paused.At, sub.Details.Paused.Why.Type == "trial_end_without_payment_method"
	}
	if sub.TrialEnd > 0 && sub.Trial.End.Missing == "pause" {
		return sub.TrialEnd, true
	}
	return 0, false
}

// sums are what a subscription's items come to, in the currency's smallest unit.
type sums struct {
	period, month float64
	known         bool   // all items say what they cost
	interval      string // that period is for, e.g. "month" or "3 months"
	renews        seconds
	names         []string
}

// sum adds items up. Items may be billed at intervals that differ; what they come to is then told for a month.
func (sub *wireSubscription) sum() sums {
	all := sums{known: true, renews: sub.PeriodEnd}
	var intervals []string
	for i := range sub.Items.Data {
		item := &sub.Items.Data[i]
		period, month, ok := item.amounts(sub.Currency)
		all.period, all.month, all.known = all.period+period, all.month+month, all.known && ok
		if item.PeriodEnd > 0 && (all.renews == 0 || item.PeriodEnd < all.renews) {
			all.renews = item.PeriodEnd
		}
		if name := item.Price.Nickname; name != "" && !slices.Contains(all.names, name) {
			all.names = append(all.names, name)
		}
		if interval := item.interval(); ok && !slices.Contains(intervals, interval) {
			intervals = append(intervals, interval)
		}
	}
	switch {
	case len(intervals) == 1:
		all.interval = intervals[0]
	case len(intervals) > 1:
		all.period, all.interval = all.month, "month"
	case len(sub.Items.Data) > 0:
		all.interval = sub.Items.Data[0].interval()
	}
	return all
}

// interval is how often an item is billed, e.g. "month" or "3 months".
func (item *wireItem) interval() string {
	every := &item.Price.Recurring
	if every.Interval == "" || every.Count <= 1 {
		return every.Interval
	}
	return strconv.FormatInt(every.Count, 10) + " " + every.Interval + "s"
}

// amounts are what an item costs a billing period and a month, in the smallest unit of a currency; ok = it says so.
func (item *wireItem) amounts(currency string) (period, month float64, ok bool) {
	price := &item.Price
	each := wireAmount{price.Amount, price.Decimal}
	if price.foreign(currency) {
		if each, ok = price.Options[currency]; !ok {
			return 0, 0, false
		}
	}
	unit, err := strconv.ParseFloat(each.Decimal, 64)
	switch {
	case price.Recurring.Usage == "metered": // the amount is that of one use
		return 0, 0, false
	case err == nil:
	case each.Amount != nil:
		unit = *each.Amount
	default:
		return 0, 0, false
	}
	quantity := 1.0
	if item.Quantity != nil {
		quantity = float64(*item.Quantity)
	}
	if p := price.Packages; p != nil && p.Size > 0 {
		quantity /= p.Size
		if p.Round == "up" {
			quantity = math.Ceil(quantity)
		} else {
			quantity = math.Floor(quantity)
		}
	}
	period = unit * quantity
	months := float64(max(1, price.Recurring.Count))
	switch price.Recurring.Interval {
	case "day":
		months *= 12.0 / 365
	case "week":
		months *= 12.0 / 52
	case "year":
		months *= 12
	}
	return period, period / months, true
}

// foreign reports whether a price's own amount is of another currency.
func (p *wirePrice) foreign(currency string) bool {
	return p.Currency != "" && currency != "" && !strings.EqualFold(p.Currency, currency)
}

// minor is how many of its smallest unit make one of a currency.
func minor(currency string) float64 {
	switch strings.ToUpper(currency) {
	case "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF":
		return 1
	case "BHD", "JOD", "KWD", "OMR", "TND":
		return 1000
	}
	return 100
}

func round(v float64) float64 { return math.Round(v*1000) / 1000 }

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
