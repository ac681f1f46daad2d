// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/ask"
	"greenroom/internal/assistant"
	"greenroom/internal/auth"
	"greenroom/internal/enrichment"
	"greenroom/internal/finder"
	"greenroom/internal/goal"
	"greenroom/internal/knowledge"
	"greenroom/internal/orbit"
	"greenroom/internal/proof"
	"greenroom/internal/query"
	"greenroom/internal/recognition"
	"greenroom/internal/request"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/segment"
	"greenroom/internal/text/trend"
	"greenroom/internal/topic"
	"greenroom/internal/understand"
	"greenroom/internal/writeback"
)

// schema is a JSON Schema (2020-12), as far as our types need it.
type schema struct {
	Ref         string             `json:"$ref,omitempty"`
	Type        any                `json:"type,omitempty"` // a string, or two where null is possible
	Format      string             `json:"format,omitempty"`
	Description string             `json:"description,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Default     any                `json:"default,omitempty"`
	Minimum     *int64             `json:"minimum,omitempty"`
	Maximum     *int64             `json:"maximum,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	More        any                `json:"additionalProperties,omitempty"` // false, or the schema of a map's values
}

// schemas makes the schemas of Go types, the way encoding/json writes their values. Structs become components that are
// referred to by name.
type schemas struct {
	components map[string]*schema
	enums      map[reflect.Type][]string
	docs       map[string]string
	strict     bool // what is sent: no fields but these
}

func newSchemas() *schemas {
	return &schemas{components: make(map[string]*schema), enums: enums(), docs: fieldDocs()}
}

// enums lists the values of types that have a closed list.
func enums() map[reflect.Type][]string {
	all := make(map[reflect.Type][]string)
	all[reflect.TypeFor[greenroom.Kind]()] = append(kindNames(), greenroom.KindUnknown.String())
	enum(all, greenroom.StateOpen, greenroom.StateAnswered, greenroom.StateResolved, greenroom.StateIgnored)
	enum(all, greenroom.RunRunning, greenroom.RunInterrupted, greenroom.RunFailed, greenroom.RunDone)
	enum(all, greenroom.CodeInvalid, greenroom.CodeNotFound, greenroom.CodeConflict, greenroom.CodeUnauthorized,
		greenroom.CodeForbidden, greenroom.CodeLimited, greenroom.CodeUnavailable, greenroom.CodeInternal)
	enum(all, connector.Text, connector.Path, connector.Address, connector.Secret, connector.Bool, connector.Number, connector.Choice, connector.Mapping, connector.List, connector.Since, connector.Long)
	enum(all, query.Entities()...)
	enum(all, query.SuggestField, query.SuggestModifier, query.SuggestValue, query.SuggestOperator, query.SuggestDirective)
	enum(all, auth.Roles()...)
	enum(all, auth.ScopeRead, auth.ScopeWrite, auth.ScopeAdmin)
	enum(all, auth.Read, auth.Write, auth.Connect, auth.Administer)
	enum(all, auth.LinkFirst, auth.LinkInvite, auth.LinkReturn, auth.LinkSample)
	enum(all, analytics.UnitMembers, analytics.UnitActivities, analytics.UnitConversations, analytics.UnitShare, analytics.UnitSeconds, analytics.UnitOrganizations)
	enum(all, action.Proposed, action.Approved, action.Running, action.Done, action.Failed, action.Canceled)
	enum(all, action.ItemWaits, action.ItemSent, action.ItemDone, action.ItemUnchanged, action.ItemFailed)
	enum(all, connector.PropertyText, connector.PropertyNumber, connector.PropertyDay, connector.PropertyTime)
	enum(all, segment.Causes()...)
	programEnums(all)
	eventEnums(all)
	enum(all, recognition.Drafted, recognition.Marked)
	enum(all, recognition.Kinds()...)
	enum(all, recognition.States()...)
	enum(all, request.States()...)
	readingEnums(all)
	inboxEnums(all)
	enum(all, trend.Steady, trend.New, trend.Rising, trend.Fading)
	enum(all, topic.Found, topic.Hand)
	enum(all, assistant.Summary, assistant.Question, assistant.Draft, assistant.Name, assistant.Test)
	enum(all, assistant.Answered, assistant.Refused, assistant.Failed, assistant.Kept)
	enum(all, analytics.Granularities()...)
	enum(all, analytics.Dimensions()...)
	enum(all, orbit.RuleV1, orbit.RuleV2, orbit.RulePoints)
	goalEnums(all)
	businessEnums(all)
	enum(all, proof.Units()...)
	knowledgeEnums(all)
	toolEnums(all)
	processEnums(all)
	crewEnums(all)
	reportEnums(all)
	sqlEnums(all)
	enum(all, finder.States()...)
	enum(all, roadmap.States()...)
	enum(all, roadmap.Columns()...)
	enum(all, "", schedule.FinishStart, schedule.StartStart, schedule.FinishFinish, schedule.StartFinish)
	return all
}

func enum[T ~string](all map[reflect.Type][]string, values ...T) {
	all[reflect.TypeFor[T]()] = words(values)
}

// words are the texts of a list of named strings.
func words[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}

// of returns the schema of a type.
func (s *schemas) of(t reflect.Type) *schema {
	if values, ok := s.enums[t]; ok {
		return &schema{Type: "string", Enum: values}
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return &schema{Type: "string", Format: "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return &schema{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.of(t.Elem()))
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &schema{Type: "integer", Format: "int64"}
	case reflect.Float64:
		return &schema{Type: "number"}
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Slice, reflect.Array:
		return &schema{Type: "array", Items: s.of(t.Elem())}
	case reflect.Map:
		return &schema{Type: "object", More: s.of(t.Elem())}
	case reflect.Interface:
		return &schema{}
	case reflect.Struct:
		return s.structure(t)
	default:
		panic(fmt.Sprintf("the API cannot describe the type %s", t)) // found by any test
	}
}

// nullable lets a value be null. A component that can be null is not said to be: it is left out instead.
func nullable(s *schema) *schema {
	if kind, ok := s.Type.(string); ok {
		s.Type = []string{kind, "null"}
	}
	return s
}

// structure makes the component of a struct.
func (s *schemas) structure(t reflect.Type) *schema {
	name := typeName(t)
	ref := &schema{Ref: "#/components/schemas/" + name}
	if _, done := s.components[name]; done {
		return ref
	}
	o := &schema{Type: "object", Properties: make(map[string]*schema), Description: s.docs[name]}
	if s.strict {
		o.More = false
	}
	s.components[name] = o
	s.fields(o, name, t)
	return ref
}

// fields adds the fields of a struct; those of an embedded one are described as that one's.
func (s *schemas) fields(o *schema, owner string, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
			continue
		case f.Anonymous && name == "":
			s.fields(o, typeName(f.Type), f.Type)
			continue
		}
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		p := s.of(f.Type)
		if kinds, ok := p.Type.([]string); ok && optional && !s.strict {
			p.Type = kinds[0] // it is left out instead of null
		}
		p.Description = s.describe(owner, name, f)
		o.Properties[name] = p
		if !optional {
			o.Required = append(o.Required, name)
		}
	}
}

// describe says what a field is: by its tag, or, for the vocabulary's types, by the table.
func (s *schemas) describe(owner, name string, f reflect.StructField) string {
	if doc := f.Tag.Get("doc"); doc != "" {
		return doc
	}
	if doc, ok := s.docs[owner+"."+name]; ok {
		return doc
	}
	if doc := describeHealth(owner, name); doc != "" {
		return doc
	}
	if doc := describeProgram(owner, name); doc != "" {
		return doc
	}
	if doc := describeEvent(owner, name); doc != "" {
		return doc
	}
	if doc := describeBusiness(owner, name); doc != "" {
		return doc
	}
	return s.docs["."+name]
}

// typeName names a component: the type's name, and for a page of something that before it.
func typeName(t reflect.Type) string {
	switch of := t.PkgPath(); {
	case of == reflect.TypeFor[finder.Study]().PkgPath() && t != reflect.TypeFor[finder.Study]():
		return "Study" + t.Name()
	case of == reflect.TypeFor[enrichment.Settings]().PkgPath():
		return "Enrichment" + t.Name()
	case of == reflect.TypeFor[ask.Saved]().PkgPath():
		return "SQL" + t.Name()
	case of == reflect.TypeFor[recognition.Help]().PkgPath():
		return "Recognition" + t.Name()
	case of == reflect.TypeFor[request.Request]().PkgPath() && t != reflect.TypeFor[request.Request]():
		return "Request" + t.Name()
	case of == reflect.TypeFor[knowledge.Document]().PkgPath():
		return "Knowledge" + t.Name()
	case strings.HasPrefix(t.Name(), "Items[") && t.Field(0).Type.Elem().PkgPath() == reflect.TypeFor[knowledge.Document]().PkgPath():
		return "Knowledge" + t.Field(0).Type.Elem().Name() + "Items"
	}
	switch t {
	case reflect.TypeFor[action.Item]():
		return "ActionItem"
	case reflect.TypeFor[action.OfAccount]():
		return "AccountAction"
	case reflect.TypeFor[Items[action.OfAccount]]():
		return "AccountActionItems"
	case reflect.TypeFor[writeback.Preview]():
		return "ActionPreview"
	case reflect.TypeFor[writeback.Row]():
		return "ActionPreviewRow"
	case reflect.TypeFor[segment.Version](), reflect.TypeFor[segment.Size](), reflect.TypeFor[segment.Event](), reflect.TypeFor[segment.Change](),
		reflect.TypeFor[segment.Draft](), reflect.TypeFor[segment.Overlap](), reflect.TypeFor[segment.Part]():
		return "Segment" + t.Name()
	case reflect.TypeFor[topic.Report](), reflect.TypeFor[topic.Burst](), reflect.TypeFor[topic.State](), reflect.TypeFor[topic.Fit](), reflect.TypeFor[topic.Change]():
		return "Topic" + t.Name()
	case reflect.TypeFor[assistant.Settings](), reflect.TypeFor[assistant.Budget](), reflect.TypeFor[assistant.Total](), reflect.TypeFor[assistant.Use](),
		reflect.TypeFor[assistant.Digest](), reflect.TypeFor[assistant.Line](), reflect.TypeFor[assistant.Found]():
		return "Assistant" + t.Name()
	case reflect.TypeFor[goal.Draft](), reflect.TypeFor[goal.Standing](), reflect.TypeFor[goal.Progress](), reflect.TypeFor[goal.Period](), reflect.TypeFor[goal.Measure](), reflect.TypeFor[goal.Retro](), reflect.TypeFor[goal.Shift](), reflect.TypeFor[goal.Outcome]():
		return "Goal" + t.Name()
	case reflect.TypeFor[roadmap.View](), reflect.TypeFor[roadmap.Task](), reflect.TypeFor[roadmap.Row](), reflect.TypeFor[roadmap.Mine](), reflect.TypeFor[roadmap.Change](), reflect.TypeFor[roadmap.Document](), reflect.TypeFor[roadmap.Checkpoint](), reflect.TypeFor[roadmap.Risk](), reflect.TypeFor[roadmap.Decision]():
		return "Plan" + t.Name()
	case reflect.TypeFor[Items[roadmap.View]](), reflect.TypeFor[Items[roadmap.Mine]](), reflect.TypeFor[Items[roadmap.Change]]():
		return "Plan" + t.Field(0).Type.Elem().Name() + "Items"
	case reflect.TypeFor[roadmap.Days]():
		return "WorkingDays"
	case reflect.TypeFor[schedule.Dependency]():
		return "PlanDependency"
	case reflect.TypeFor[Items[goal.Standing]]():
		return "GoalStandingItems"
	case reflect.TypeFor[Items[assistant.Use]]():
		return "AssistantUseItems"
	case reflect.TypeFor[Items[topic.Report]]():
		return "TopicReportItems"
	case reflect.TypeFor[analytics.Point]():
		return "MetricPoint"
	case reflect.TypeFor[analytics.LeftOut]():
		return "MetricLeftOut"
	}
	if name := featureTypeName(t); name != "" {
		return name
	}
	name := healthTypeName(t)
	if t.PkgPath() == reflect.TypeFor[understand.Reading]().PkgPath() && !strings.HasPrefix(name, "Reading") {
		return "Reading" + name
	}
	outer, inner, generic := strings.Cut(name, "[")
	if generic {
		inner = strings.TrimSuffix(inner, "]")
		item := upper(inner[strings.LastIndexByte(inner, '.')+1:])
		if strings.Contains(inner, "/understand.") && !strings.HasPrefix(item, "Reading") {
			item = "Reading" + item
		}
		return item + outer
	}
	return upper(name)
}

// featureTypeName names a component of a feature whose names would clash with those of others; "" = it is of none.
func featureTypeName(t reflect.Type) string {
	for _, named := range []func(reflect.Type) (string, bool){
		businessTypeName, toolTypeName, processTypeName, crewTypeName, programTypeName, proofTypeName, alertTypeName, eventTypeName,
	} {
		if name, is := named(t); is {
			return name
		}
	}
	if name := reportTypeName(t); name != "" {
		return name
	}
	return inboxTypeName(t)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
