// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import "strings"

// isStop reports whether a word in lower case says nothing of what a message is about: the small words of some
// languages, and what people in every community say when they ask, thank and answer.
func isStop(w string) bool {
	if len(w) > 14 {
		return false
	}
	return strings.Contains(stopWords, " "+w+" ")
}

// stopWords is one text, so that looking into it allocates nothing; each word stands between blanks.
const stopWords = " " +
	"a about above after again against all almost along already also although always am an and another any anybody anyone anything are around as ask asked asking at away " +
	"back bad be became because been before being below best better between bit both but by came can cannot cant case come coming could did didn do does doesn doing don done down due during " +
	"each either else end enough etc even ever every everybody everyone everything exactly example far few fine first fix for from full further get gets getting give given gives giving go goes going gone good got great guess guy guys " +
	"had happen happened happening happens has hasn have haven having he hello help helped helps hence her here hers hey hi him his hope how howto however " +
	"i idea if ill im in info instead into is isn issue issues it its itself ive just keep kind know last least less let lets like little ll long look looking looks lot " +
	"made make makes making many may maybe me mean means might mine more most much must my myself need needed needs never new next nice no none nor not nothing now " +
	"of off often oh ok okay old on once one only onto or other others otherwise our out over own part people per perhaps please point possible possibly post probably problem problems pretty put question questions quite " +
	"rather re really regarding right s said same say saying says see seem seems seen set several shall she should show simple simply since so some somebody someone something sometimes somewhere soon sorry still stuff such sure " +
	"take t tell than thank thanks that the their them themselves then there these they thing things think this those though through thus time to today together told tomorrow too took tried tries try trying two " +
	"under understand unless until up upon us use used useful uses using usually various ve very via want wanted wants was wasn way ways we well went were what whatever when whenever where whether which while who whole whom whose why will wish with within without won wonder wondering word work worked working works would wouldn wrong " +
	"yeah yep yes yesterday yet you your yours yourself best correct correctly cause causes certain check create created creating different difference difficult does error errors find finding found getting multiple proper properly seems specific start starting stop change changing changes another anyway actually able add adding added allow allows appear appears behavior call called calling " +
	"wrote written replaces kept keeps starts begins ends quoted solved fixed joined interesting approved following followed hint older newer smaller larger talked tell green confirmed noted quick quickly agree agreed saved perfect answer answered answers reading reads show shows shown showing mean meant piece bring brought thought thinking turn turned turns feel feels expected actual instead page pages " +
	"day days week weeks month months year years morning evening night hour hours minute minutes ago later welcome cheers regards dear folks team lol haha hmm wow cool awesome amazing love loved glad happy hopefully edit edited update updated version versions yours second third three four five " +
	"aber als am an auch auf aus bei bin bis bist da damit dann das dass dein dem den der des die dies doch du durch ein eine einem einen einer eines er es euch fur für habe haben hat hatte ich ihr im ist ja kann kein keine mich mir mit nach nicht noch nur ob oder ohne schon sehr sein sich sie sind so um und uns unter vom von vor war waren was weil wenn wer werden wie wir wird wo zu zum zur danke hallo " +
	"au aux avec ce ces cette dans de du elle en est et ils je la le les leur lui mais mon ne nous ou où par pas pour qu que qui sa se ses son sont sur un une vous bonjour merci " +
	"al como con del el ella ellos esta este esto estoy hay hola la las lo los me mi muy no nos para pero por porque que se si sin sobre su sus también tengo un una uno y ya yo gracias " +
	"ao com da das do dos ela ele em essa esse está eu foi isso mais mas meu na nas não no nos num obrigado olá os ou pela pelo por quando sem seu sua também tem uma você " +
	""
