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
	} `json:"items"`
}

type wireItem struct {
	Quantity  *int64  `json:"quantity"`
	PeriodEnd seconds `json:"current_period_end"`
	Price     struct {
		ID        string   `json:"id"`
		Nickname  string   `json:"nickname"`
		Amount    *float64 `json:"unit_amount"`
		Decimal   string   `json:"unit_amount_decimal"`
		Recurring struct {
			Interval string `json:"interval"`
			Count    int64  `json:"interval_count"`
		} `json:"recurring"`
	} `json:"price"`
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
		ExternalID: c.ID, Name: c.Name, Company: c.Business, ProfileURL: "https://dashboard.stripe.com/customers/" + c.ID, JoinedAt: c.Created.time(), Raw: out.Raw(raw),
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
	var amount, monthly float64
	var names []string
	known, ends := true, sub.PeriodEnd
	for i := range sub.Items.Data {
		item := &sub.Items.Data[i]
		a, m, ok := item.amounts()
		amount, monthly, known = amount+a/unit, monthly+m/unit, known && ok
		ends = max(ends, item.PeriodEnd)
		if name := item.Price.Nickname; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
		r.Fields["interval"] = item.Price.Recurring.Interval
	}
	r.Amount = round(amount)
	if r.Name == "" {
		r.Name = strings.Join(names, ", ")
	}
	if r.Name == "" {
		r.Name = "Subscription of " + firstOf(sub.Customer.Name, sub.Customer.Email, sub.Customer.ID)
	}
	s.fields(sub, &r, unit)
	// What is billed by use or by tiers has no amount of its own, and what is not paid for brings nothing.
	if known && (sub.Status == "active" || sub.Status == "past_due") {
		r.Fields["mrr"] = strconv.FormatFloat(round(monthly), 'f', -1, 64)
	}
	if !ends.time().IsZero() && r.ClosedAt.IsZero() {
		r.Fields["renews"] = ends.time().Format(time.DateOnly)
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
	if sub.TrialEnd > 0 && sub.Status != "trialing" && (sub.EndedAt == 0 || sub.TrialEnd < sub.EndedAt) {
		steps = append(steps, connector.StageChange{Stage: "active", At: sub.TrialEnd.time()})
	}
	if sub.EndedAt > 0 {
		steps = append(steps, connector.StageChange{Stage: sub.Status, At: sub.EndedAt.time()})
	}
	steps = append(steps, told...)
	slices.SortStableFunc(steps, func(a, b connector.StageChange) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(steps, func(a, b connector.StageChange) bool { return a.Stage == b.Stage })
}

// amounts are what an item costs a billing period and a month, in the currency's smallest unit; ok = it says so.
func (item *wireItem) amounts() (period, month float64, ok bool) {
	unit, err := strconv.ParseFloat(item.Price.Decimal, 64)
	switch {
	case err == nil:
	case item.Price.Amount != nil:
		unit = *item.Price.Amount
	default:
		return 0, 0, false
	}
	quantity := 1.0
	if item.Quantity != nil {
		quantity = float64(*item.Quantity)
	}
	period = unit * quantity
	months := float64(max(1, item.Price.Recurring.Count))
	switch item.Price.Recurring.Interval {
	case "day":
		months *= 12.0 / 365
	case "week":
		months *= 12.0 / 52
	case "year":
		months *= 12
	}
	return period, period / months, true
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
