// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The types of rows that a table may have.
const (
	TypeAuto          = "auto"
	TypeMembers       = "members"
	TypeOrganizations = "organizations"
	TypeActivities    = "activities"
	TypeRecords       = "records"
)

// Field is one thing that a column can hold.
type Field struct {
	Name  string // as the mapping option writes it
	Label string
	words string // headers that mean it: folded, without spaces and signs, in several languages
}

// The fields that are asked for by name.
const (
	fID           = "id"
	fEmail        = "email"
	fName         = "name"
	fFirstName    = "first_name"
	fLastName     = "last_name"
	fHandle       = "handle"
	fTitle        = "title"
	fOrganization = "organization"
	fDomain       = "domain"
	fLocation     = "location"
	fCountry      = "country"
	fTimeZone     = "time_zone"
	fJoined       = "joined"
	fTags         = "tags"
	fBio          = "bio"
	fProfile      = "profile"
	fAvatar       = "avatar"
	fLifecycle    = "lifecycle"
	fSize         = "size"
	fKind         = "kind"
	fMember       = "member"
	fWhen         = "when"
	fBody         = "body"
	fURL          = "url"
	fChannel      = "channel"
	fThread       = "thread"
	fReplyTo      = "reply_to"
	fType         = "type"
	fStage        = "stage"
	fAmount       = "amount"
	fCurrency     = "currency"
	fOpened       = "opened"
	fClosed       = "closed"
)

// words shared by several types.
//
//nolint:misspell // words of other languages
const (
	wordsEmail = "email emailaddress emailaddr mail mailaddress emailid primaryemail workemail useremail memberemail contactemail emailadresse mailadresse " +
		"adresseemail courriel adressemail correo correoelectronico emailprofissional indirizzoemail postaelettronica emailadres adresemail eposta emailwork email1"
	wordsID  = "id uid uuid guid externalid recordid kennung identifiant identificador identificativo objectid"
	wordsOrg = "organization organisation company companyname organizationname organisationname account accountname employer firm firma unternehmen " +
		"arbeitgeber entreprise societe organisme empresa compania organizacion organizacao azienda societa bedrijf organisatie firmenname kunde customer client"
	wordsDomain  = "domain domains website webseite web homepage companydomain companywebsite domaine dominio siteweb sitioweb sito site domein emaildomain"
	wordsTags    = "tags tag labels label schlagworte schlagwort etiquettes etiquetas etichette categories segments groups gruppen groupes interests"
	wordsCountry = "country countrycode land pays pais paese countryname nation staat countryregion"
	wordsWhen    = "when date time datetime timestamp occurredat occurred occurredon at createdat created createdon postedat posted sentat sent datum zeit " +
		"zeitpunkt uhrzeit quand horodatage fecha fechayhora data dataora tijdstip datumtijd eventdate eventtime activitydate messagedate day ts"
)

// Fields lists the fields of a type, in the order in which forms show them.
//
//nolint:misspell // words of other languages
func Fields(typ string) []Field {
	switch typ {
	case TypeMembers:
		return []Field{
			{fEmail, "E-mail", wordsEmail},
			{fName, "Name", "name fullname displayname realname membername username contactname person nom nomcomplet nombre nombrecompleto nome nomecompleto naam " +
				"volledigenaam vollstandigername anzeigename contact kontakt mitglied member attendee attendeename participant"},
			{fFirstName, "First name", "firstname givenname forename vorname prenom nombredepila primeironome voornaam fname first"},
			{fLastName, "Last name", "lastname surname familyname nachname familienname nomdefamille apellido apellidos sobrenome cognome achternaam lname last"},
			{fHandle, "Handle", "handle login nickname nick screenname user benutzername nutzername pseudo pseudonyme identifiantutilisateur usuario nomedeusuario utente gebruikersnaam alias slackhandle githubhandle github"},
			{fTitle, "Job title", "title jobtitle position role job jobrole funktion beruf stelle poste fonction titre cargo puesto titolo functie ruolo"},
			{fOrganization, "Organization", wordsOrg},
			{fDomain, "Organization's domain", "domain companydomain organizationdomain companywebsite emaildomain domaine dominio domein firmendomain"},
			{fLocation, "Location", "location city place address ort stadt standort wohnort ville lieu adresse ciudad ubicacion cidade localizacao citta plaats stad town region"},
			{fCountry, "Country", wordsCountry},
			{fTimeZone, "Time zone", "timezone tz zeitzone fuseauhoraire zonahoraria fusohorario fusoorario tijdzone"},
			{fJoined, "Joined", "joined joinedat joindate joinedon membersince since signupdate signedup signedupat registered registeredat registrationdate createdat created createdon datejoined dateadded " +
				"beigetreten beitritt beitrittsdatum mitgliedseit registriert registrierungsdatum inscritle dateinscription fechaderegistro fechadealta miembrodesde datacadastro datadiiscrizione lidsinds firstseen"},
			{fTags, "Tags", wordsTags},
			{fBio, "About", "bio about biography description headline summary beschreibung biographie biografia descripcion descricao descrizione omschrijving"},
			{fProfile, "Profile links", "profile profileurl profilelink url link links linkedin linkedinurl githuburl twitter twitterurl website2 profil perfil profilo profiel socialprofile"},
			{fAvatar, "Picture", "avatar avatarurl picture photo image imageurl bild foto photourl imagen immagine"},
			{fID, "Id", wordsID + " memberid userid contactid personid mitgliedsnummer mitgliedid idmembre iddemiembro"},
		}
	case TypeOrganizations:
		return []Field{
			{fName, "Name", wordsOrg + " name nom nombre nome naam"},
			{fDomain, "Domains", wordsDomain + " url"},
			{fLifecycle, "Lifecycle", "lifecycle lifecyclestage stage status type customertype relationship phase kundenstatus statut estado stato levensfase accounttype"},
			{fSize, "Employees", "size employees employeecount numberofemployees headcount companysize mitarbeiter mitarbeiterzahl anzahlmitarbeiter grosse effectif employes taille empleados tamano funcionarios dipendenti medewerkers staff"},
			{fCountry, "Country", wordsCountry},
			{fTags, "Tags", wordsTags},
			{fID, "Id", wordsID + " organizationid companyid accountid firmennummer kundennummer"},
		}
	case TypeActivities:
		return []Field{
			{fWhen, "When", wordsWhen},
			{fKind, "Kind", "kind type activitytype activity event eventtype action art typ aktivitat aktion genre tipo actividad atividade attivita soort actie"},
			{fEmail, "E-mail", wordsEmail},
			{fHandle, "Handle", "handle login nickname nick screenname user username benutzername pseudo usuario utente gebruikersnaam"},
			{fMember, "Id of the person", "memberid userid personid contactid authorid actorid mitgliedsnummer"},
			{fName, "Name", "name fullname displayname author authorname member membername person by from wer autor auteur nom nombre nome naam attendee participant sender"},
			{fTitle, "Title", "title subject headline titel betreff titre sujet objet titulo asunto assunto titolo oggetto onderwerp topic eventname summary"},
			{fBody, "Text", "body text content message description comment note notes post nachricht inhalt beschreibung kommentar texte contenu commentaire mensaje texto contenido comentario mensagem conteudo messaggio testo contenuto bericht tekst inhoud"},
			{fURL, "Link", "url link permalink href adresse lien enlace ligacao collegamento weblink"},
			{fChannel, "Channel", "channel channelname place room forum category list group kanal raum gruppe canal salon sala canale kanaal repository source"},
			{fThread, "Conversation", "thread threadid conversation conversationid topicid threadts unterhaltung gesprach fil discussion hilo conversacion conversa discussione gesprek"},
			{fReplyTo, "Reply to", "replyto replytoid inreplyto parent parentid antwortauf reponsea enrespuestaa respostaa rispostaa antwoordop"},
			{fID, "Id", wordsID + " activityid eventid messageid postid"},
		}
	case TypeRecords:
		return []Field{
			{fID, "Id", wordsID + " dealid caseid ticketid opportunityid subscriptionid ticketnumber casenumber ticketnummer vorgangsnummer"},
			{fType, "Type", "type recordtype objecttype kind art typ tipo soort"},
			{fName, "Name", "name dealname deal opportunity opportunityname subject title titel ticket case subscription plan product betreff bezeichnung nom nombre nome naam sujet asunto oggetto angebot"},
			{fOrganization, "Organization", wordsOrg},
			{fDomain, "Organization's domain", wordsDomain + " organizationdomain accountdomain customerdomain"},
			{fStage, "Stage", "stage dealstage status state phase pipelinestage stufe statut etape etapa estado fase stato etat"},
			{fAmount, "Amount", "amount value dealvalue dealamount arr mrr revenue price total betrag wert summe umsatz preis montant valeur prix importe valor precio monto importo valore prezzo bedrag waarde prijs"},
			{fCurrency, "Currency", "currency currencycode wahrung devise moneda moeda valuta"},
			{fOpened, "Opened", "opened openedat opendate openedon createdat created createdate createdon startdate start started startedat since erstellt eroffnet erstelltam beginn " +
				"ouvertle creele datecreation fechadecreacion abierto creado datadecriacao criado aperto creato geopend aangemaakt date datum"},
			{fClosed, "Closed", "closed closedat closedate closedon enddate end ended endedat resolved resolvedat solved solvedat geschlossen geschlossenam abgeschlossen ende fermele clotureele " +
				"cerrado fechadecierre fechado datadefechamento chiuso gesloten"},
			{fEmail, "Contact's e-mail", wordsEmail + " contact requester requesteremail customeremail"},
			{fMember, "Contact's name", "contactname requestername contactperson ansprechpartner contacto contatto contactpersoon"},
		}
	}
	return nil
}

// hasField reports whether a type has a field.
func hasField(typ, name string) bool {
	for _, f := range Fields(typ) {
		if f.Name == name {
			return true
		}
	}
	return false
}

// fold brings a header or word to what is compared: lower case, without accents, spaces and signs.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ø':
			b.WriteByte('o')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// propose finds the field for each column of a header by its name, "" for those that fit none. No field is given twice:
// the column whose header stands earlier in the field's words gets it.
func propose(typ string, header []string) []string {
	fields := Fields(typ)
	out := make([]string, len(header))
	for i := range fields {
		best, bestRank := -1, 1<<30
		words := strings.Fields(fields[i].Name + " " + fields[i].words)
		for col, h := range header {
			if out[col] != "" {
				continue
			}
			h = fold(h)
			for rank, w := range words {
				if rank < bestRank && h == fold(w) {
					best, bestRank = col, rank
					break
				}
			}
		}
		if best >= 0 {
			out[best] = fields[i].Name
		}
	}
	return out
}

// guessType tells from the header what a file holds; "" where it does not tell.
func guessType(header []string) string {
	has := func(typ string, names ...string) bool {
		got := propose(typ, header)
		for _, n := range names {
			found := false
			for _, g := range got {
				found = found || g == n
			}
			if !found {
				return false
			}
		}
		return true
	}
	switch {
	case has(TypeRecords, fAmount), has(TypeRecords, fOpened, fClosed), has(TypeRecords, fStage, fOpened), has(TypeRecords, fStage, fOrganization, fName):
		return TypeRecords
	case has(TypeActivities, fWhen, fKind), has(TypeActivities, fWhen, fBody), has(TypeActivities, fWhen, fChannel), has(TypeActivities, fWhen, fThread):
		if !has(TypeMembers, fFirstName) && !has(TypeMembers, fJoined, fEmail, fTitle) || has(TypeActivities, fKind, fWhen) {
			return TypeActivities
		}
		return TypeMembers
	case has(TypeMembers, fEmail), has(TypeMembers, fFirstName, fLastName), has(TypeMembers, fHandle):
		return TypeMembers
	case has(TypeOrganizations, fDomain), has(TypeOrganizations, fLifecycle, fName), has(TypeOrganizations, fSize, fName):
		return TypeOrganizations
	case has(TypeMembers, fName):
		return TypeMembers
	case has(TypeOrganizations, fName):
		return TypeOrganizations
	}
	return ""
}
