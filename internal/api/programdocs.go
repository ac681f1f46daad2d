// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"reflect"
	"strings"

	"greenroom/internal/program"
)

// programTypeName names the components that are made of types of package program.
func programTypeName(t reflect.Type) (string, bool) {
	const path, prefix = "internal/program", "Program"
	named := func(name string) string {
		if strings.HasPrefix(name, prefix) {
			return name
		}
		return prefix + name
	}
	if strings.HasSuffix(t.PkgPath(), path) {
		return named(t.Name()), true
	}
	if outer, inner, ok := strings.Cut(t.Name(), "["); ok && strings.Contains(inner, path+".") {
		inner = strings.TrimSuffix(inner, "]")
		return named(inner[strings.LastIndexByte(inner, '.')+1:]) + outer, true
	}
	return "", false
}

func programEnums(all map[reflect.Type][]string) {
	enum(all, program.Kinds()...)
	enum(all, program.Planned, program.Running, program.Closed)
	enum(all, program.PerMonth, program.PerQuarter)
	enum(all, program.Verdicts()...)
	enum(all, program.Decisions()...)
}

// describeProgram says what a field of a component of programs is; "" for others.
func describeProgram(owner, name string) string {
	if !strings.HasPrefix(owner, "Program") {
		return ""
	}
	special := map[string]string{
		"ProgramTarget.query": "Narrows the metric, over what it is about.", "ProgramOutcome.query": "Narrows the metric, over what it is about.", "ProgramTarget.value": "What is to be reached.", "ProgramOutcome.value": "What is to be reached.",
		"ProgramPeriodView.value": "The figure; null where there is none.", "ProgramDate.at": "When it is.", "ProgramStage.text": "What the stage means.", "ProgramNote.text": "The text, in Markdown; {name} becomes the first name.", "ProgramNote.stage": "Only those in a stage, by key or name.",
		"ProgramPerk.stage": "From which stage on; left out for the first.", "ProgramQuestion.type": "text, choice or link.", "ProgramWish.member_id": "Who.", "ProgramBeforeAfter.before": "Activities a person and week before they came, the median.", "ProgramBeforeAfter.after": "The same since.",
		"ProgramFigures.at": "When they were computed.", "ProgramFigures.note": "Why before and since are no proof.", "ProgramFigures.members": "Single members, those with the largest change first.", "ProgramReview.reason": "The reasons.", "ProgramRun.name": "What tells it apart.",
		"ProgramEnrollment.stage": "Key of the stage; the last one where it has ended.", "ProgramApplication.note": "Why they were put forward.", "ProgramApplication.reason": "Of the verdict.", "ProgramMemberView.since": "Their first day in the program.", "Program.approved_by": "Who approved the plan.",
		"ProgramPlan.cohort": "That new members belong to.", "ProgramPlan.public": "While it runs, whoever has its address sees what it is, and members can ask for their own link to apply.", "ProgramRunStep.owner": "Who does it; the program's owner where it is left out.", "ProgramPeriodView.segment": "The query for those whom it is about.", "ProgramSpend.note": "A note.",
	}
	if doc, ok := special[owner+"."+name]; ok {
		return doc
	}
	return programFields()[name]
}

// programFields says what fields are that mean the same wherever they stand.
func programFields() map[string]string {
	return map[string]string{
		"": "A part of a program.", "id": "Its number.", "key": "How it is named in queries and answers; made from the name where it is left out.", "name": "What it is called.", "kind": "What sort of program it is.", "state": "How far it is.", "owner": "The mail address of who looks after it.",
		"sponsor": "Who answers for the money; with one, the plan has to be approved.", "approved_at": "When it was approved.", "plan": "What the program is to be.", "created_by": "Who made it.", "created_at": "When it was made.", "changed_at": "When it was changed last.",
		"started_at": "When it began to run.", "closed_at": "When it was closed.", "enrolled": "People in it now.", "waiting": "Applications that nobody has decided.", "purpose": "What it is for.", "goal": "The goal in a sentence.", "targets": "Figures that it should reach.",
		"qualifies": "A query over members: who could be in it.", "form": "What applicants are asked.", "stages": "The way through it, in order.", "perks": "What members get.", "budget": "In hundredths of the currency.", "currency": "ISO 4217.", "places": "How many can be in it at a time; left out for any.",
		"runbook": "What the team does, in order.", "dates": "Its calendar.", "metric": "A metric of the catalog, or enrolled.", "query": "A query.", "value": "The figure.", "per": "The period that it is for.", "label": "What people read.", "type": "Its type.", "options": "What can be chosen.",
		"required": "An answer is needed.", "text": "A text.", "steps": "What members do in it.", "title": "What it is.", "link": "Where it leads to.", "cost": "Planned for each member, in hundredths of the currency.", "days": "How many days.", "stage": "The stage, by key.", "at": "When.",
		"program_id": "The program's number.", "program": "The program's key.", "member_id": "The member; one that was merged since leads to the one it is part of.", "member": "The member's name.", "stage_since": "Since when they are in the stage.", "cohort": "The cohort.", "since": "Since when they are in it.",
		"until": "Until when they were in it; left out while they are.", "reason": "Why.", "by": "Who did it.", "left_reason": "Why they left.", "left_by": "Who noted that.", "done": "STAGE/STEP of what they have done, or how many tasks are done.", "spent": "Money spent, in hundredths of the currency.",
		"origin": "Where it came from: form, team, workflow or survey.", "answers": "Answers by the question's key.", "note": "A note.", "verdict": "How far the application is.", "decided_by": "Who decided.", "decided_at": "When it was decided.", "what": "What happened.", "detail": "The stage, step or amount.",
		"perk": "The perk, by key.", "amount": "In hundredths of the currency; what came back is negative.", "tasks": "How many tasks it made.", "decision": "What was decided.", "evidence": "The figures as they were.", "organization": "Where they work.", "score": "The mean of their places in what speaks for them, from 0 to 1.",
		"reasons": "What speaks for them.", "ever": "People who were ever in it.", "left": "People who were in it and are not any more.", "planned": "What the perks of all who were ever in it are planned to cost.", "change": "Before and since, summed up.", "members": "Members.", "unit": "The unit of the figures.",
		"lower": "A lower figure is the better one.", "periods": "The figure of each period, the last one not over.", "from": "The first moment.", "to": "The first moment after it.", "segment": "A query.", "met": "The target was reached.", "partial": "The period is not over.", "compared": "People who were in it for a week at least.",
		"more": "Who did more since they came.", "less": "Who did less.", "before": "Activities before they came.", "after": "Activities since.", "answers_before": "Replies and answers before they came.", "answers_after": "Replies and answers since.", "subject": "The subject.", "now": "Sent without approval.",
		"reply": "The mail address that answers go to; the owner's where it is left out.", "queued": "How many messages there are.", "drafts": "They wait for approval.", "missing": "Members of whom no mail address is known.",
	}
}

// programDocs says what the components of programs are.
func programDocs() map[string]string {
	return map[string]string{
		"Program": "A lasting initiative with members enrolled in it.", "ProgramPlan": "What a program is to be.", "ProgramDraft": "A program that is to be made, or to be changed to this.", "ProgramTarget": "A figure that a program should reach.", "ProgramQuestion": "A question of the application form.",
		"ProgramStage": "A part of the way through a program.", "ProgramStep": "Something that a member does in a stage.", "ProgramPerk": "Something that members get.", "ProgramRunStep": "A step of what the team does.", "ProgramDate": "An entry of the program's calendar.",
		"ProgramEnrollment": "Somebody is in a program, or was.", "ProgramApplication": "Somebody wants to be in a program.", "ProgramHappening": "A line of a program's history.", "ProgramSpend": "Money that was spent.", "ProgramRun": "The team goes through the runbook.",
		"ProgramReview": "A decision about a program, with the figures as they were.", "ProgramFigures": "What came of a program.", "ProgramOutcome": "How a target stands.", "ProgramPeriodView": "The figure of a period.", "ProgramBeforeAfter": "Before and since, summed up.", "ProgramMemberView": "What one member did before and since.",
		"ProgramCandidate": "Somebody who is proposed.", "ProgramWish": "An application that is to be made.", "ProgramNote": "A message to members of a program.", "ProgramSent": "What became of a message to many.",
		"ProgramAdmission": "Whom, and where to.", "ProgramMark": "A step that was done.", "ProgramVerdict": "A decision about an application.", "ProgramNamed": "A name.", "ProgramReason": "A reason.", "ProgramExpense": "Money that was spent.", "ProgramJudgment": "A decision about a program as a whole.",
	}
}
