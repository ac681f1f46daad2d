// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

// Words are what Greenroom itself says to members around a survey, in their language.
type Words struct {
	Language                                            string
	Next, Back, Send, Change, Required, Optional        string
	Missing, Unknown, TooLong, Check                    string // what is wrong with an answer
	Thanks, Saved, Closed, Answer, Leave, Invite        string
	Anonymous, Known, Ask, Name, Email, Page, AskLegend string
	Elsewhere, Partly                                   string // with the name of the language that it is in
}

// WordsOf gives the words in a language, English where there are none.
func WordsOf(language string) Words {
	for _, w := range words {
		if w.Language == base(language) {
			return w
		}
	}
	return words[0]
}

var words = []Words{
	{
		Language: "en", Next: "Next", Back: "Back", Send: "Send", Change: "Change my answers", Required: "required", Optional: "optional",
		Missing: "Please answer this question.", Unknown: "Please choose one of the answers.", TooLong: "Please write at most 5,000 characters.", Check: "Some answers are missing. They are marked below.",
		Thanks: "Thank you!", Saved: "Your answers are stored.", Closed: "This survey is closed.", Answer: "Answer the survey", Leave: "No more surveys", Invite: "%s would like to hear from you. It takes a minute.",
		Anonymous: "Anonymous: your answers are stored without your name or address, and without the time of day.", Known: "The team sees who answered what.", Ask: "If you give your name or address, the team sees who answered.",
		Name: "Name", Email: "E-mail address", Page: "Page %d", AskLegend: "Who are you?",
		Elsewhere: "This survey is not there in the language you asked for. You see it in this one: %s.", Partly: "What is not translated yet is in this language: %s.",
	},
	{
		Language: "de", Next: "Weiter", Back: "Zurück", Send: "Absenden", Change: "Antworten ändern", Required: "erforderlich", Optional: "freiwillig",
		Missing: "Bitte beantworte diese Frage.", Unknown: "Bitte wähle eine der Antworten.", TooLong: "Bitte schreib höchstens 5.000 Zeichen.", Check: "Einige Antworten fehlen. Sie sind unten markiert.",
		Thanks: "Danke!", Saved: "Deine Antworten sind gespeichert.", Closed: "Diese Umfrage ist beendet.", Answer: "Zur Umfrage", Leave: "Keine Umfragen mehr", Invite: "%s würde gern von dir hören. Es dauert eine Minute.",
		Anonymous: "Anonym: Deine Antworten werden ohne Namen, ohne Adresse und ohne Uhrzeit gespeichert.", Known: "Das Team sieht, wer was geantwortet hat.", Ask: "Wenn du Namen oder Adresse angibst, sieht das Team, wer geantwortet hat.",
		Name: "Name", Email: "E-Mail-Adresse", Page: "Seite %d", AskLegend: "Wer bist du?",
		Elsewhere: "Diese Umfrage gibt es nicht in der gewünschten Sprache. Du siehst sie in dieser: %s.", Partly: "Was noch nicht übersetzt ist, steht in dieser Sprache da: %s.",
	},
	{
		Language: "fr", Next: "Suivant", Back: "Retour", Send: "Envoyer", Change: "Modifier mes réponses", Required: "obligatoire", Optional: "facultatif",
		Missing: "Veuillez répondre à cette question.", Unknown: "Veuillez choisir une des réponses.", TooLong: "Veuillez écrire 5 000 caractères au plus.", Check: "Il manque des réponses. Elles sont indiquées ci-dessous.",
		Thanks: "Merci !", Saved: "Vos réponses sont enregistrées.", Closed: "Cette enquête est terminée.", Answer: "Répondre à l’enquête", Leave: "Plus d’enquêtes", Invite: "%s aimerait avoir votre avis. Cela prend une minute.",
		Anonymous: "Anonyme : vos réponses sont enregistrées sans nom, sans adresse et sans heure.", Known: "L’équipe voit qui a répondu quoi.", Ask: "Si vous donnez votre nom ou votre adresse, l’équipe voit qui a répondu.",
		Name: "Nom", Email: "Adresse e-mail", Page: "Page %d", AskLegend: "Qui êtes-vous ?",
		Elsewhere: "Cette enquête n’existe pas dans la langue demandée. Vous la voyez dans celle-ci : %s.", Partly: "Ce qui n’est pas encore traduit est dans cette langue : %s.",
	},
	{
		Language: "es", Next: "Siguiente", Back: "Atrás", Send: "Enviar", Change: "Cambiar mis respuestas", Required: "obligatorio", Optional: "opcional",
		Missing: "Responde a esta pregunta, por favor.", Unknown: "Elige una de las respuestas, por favor.", TooLong: "Escribe 5.000 caracteres como máximo, por favor.", Check: "Faltan algunas respuestas. Están marcadas abajo.",
		Thanks: "¡Gracias!", Saved: "Tus respuestas están guardadas.", Closed: "Esta encuesta está cerrada.", Answer: "Responder a la encuesta", Leave: "No más encuestas", Invite: "A %s le gustaría saber tu opinión. Se tarda un minuto.",
		Anonymous: "Anónima: tus respuestas se guardan sin nombre, sin dirección y sin hora.", Known: "El equipo ve quién respondió qué.", Ask: "Si das tu nombre o dirección, el equipo ve quién respondió.",
		Name: "Nombre", Email: "Correo electrónico", Page: "Página %d", AskLegend: "¿Quién eres?",
		Elsewhere: "Esta encuesta no existe en el idioma pedido. La ves en este: %s.", Partly: "Lo que aún no está traducido aparece en este idioma: %s.",
	},
}
