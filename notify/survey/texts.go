package survey

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// text is all that the pages say in one language.
type text struct {
	lang string

	title, thanks, sorry string
	request              string // %s: the code of the ticket, and its subject
	about                string // %s: the agent, and the request
	aboutNobody          string // %s: the request
	question             string
	given                string // %s: the grade
	comment, send, save  string
	grades               map[string]string

	expired, revoked, damaged, gone, off, fixed, noGrade, tooLong, elsewhere, malformed, method, later string
}

// languages are those of the pages, the first one for everybody else.
var languages = []text{
	{
		lang:  "en",
		title: "How was our answer?", thanks: "Thank you!", sorry: "This does not work",
		request: "%s “%s”",
		about:   "%s has answered your request %s.", aboutNobody: "It is about our answer to your request %s.",
		question: "What do you think of the answer?", given: "Your rating: %s",
		comment: "Do you want to say more?", send: "Send", save: "Change",
		grades:    map[string]string{"bad": "Bad", "neutral": "Fair", "good": "Good"},
		expired:   "This link has expired.",
		revoked:   "This link is no longer valid.",
		damaged:   "This link is incomplete. Please open it from the mail once more, or copy the whole of it.",
		gone:      "There is nothing to rate here any more.",
		off:       "We are not asking for ratings at the moment.",
		fixed:     "You have rated this answer already, and that cannot be changed.",
		noGrade:   "Please choose one of the grades.",
		tooLong:   "The comment is too long. Please shorten it.",
		elsewhere: "The form was sent from another site. Please open the link from the mail, and send it from there.",
		malformed: "The form could not be read. Please open the link from the mail once more.",
		method:    "This page can be opened, and its form can be sent.",
		later:     "Something went wrong on our side. Please try again later.",
	},
	{
		lang:  "de",
		title: "Wie war unsere Antwort?", thanks: "Vielen Dank!", sorry: "Das geht leider nicht",
		request: "%s „%s“",
		about:   "%s hat auf Ihre Anfrage %s geantwortet.", aboutNobody: "Es geht um unsere Antwort auf Ihre Anfrage %s.",
		question: "Wie fanden Sie die Antwort?", given: "Ihre Bewertung: %s",
		comment: "Möchten Sie noch etwas dazu sagen?", send: "Absenden", save: "Ändern",
		grades:    map[string]string{"bad": "Schlecht", "neutral": "Mittelmäßig", "good": "Gut"},
		expired:   "Dieser Link ist abgelaufen.",
		revoked:   "Dieser Link gilt nicht mehr.",
		damaged:   "Dieser Link ist unvollständig. Bitte öffnen Sie ihn noch einmal aus der Mail, oder kopieren Sie ihn ganz.",
		gone:      "Hier gibt es nichts mehr zu bewerten.",
		off:       "Zurzeit bitten wir nicht um Bewertungen.",
		fixed:     "Sie haben diese Antwort schon bewertet; das lässt sich nicht mehr ändern.",
		noGrade:   "Bitte wählen Sie eine der Noten.",
		tooLong:   "Der Kommentar ist zu lang. Bitte kürzen Sie ihn.",
		elsewhere: "Das Formular kam von einer anderen Seite. Bitte öffnen Sie den Link aus der Mail, und senden Sie es von dort ab.",
		malformed: "Das Formular war nicht lesbar. Bitte öffnen Sie den Link noch einmal aus der Mail.",
		method:    "Diese Seite kann geöffnet, und ihr Formular abgesendet werden.",
		later:     "Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es später noch einmal.",
	},
	{
		lang:  "tr",
		title: "Yanıtımızı nasıl buldunuz?", thanks: "Teşekkür ederiz!", sorry: "Bu işlem yapılamıyor",
		request: "%s “%s”",
		about:   "%s, %s talebinizi yanıtladı.", aboutNobody: "Bu değerlendirme, %s talebinize verdiğimiz yanıtla ilgilidir.",
		question: "Yanıtı nasıl değerlendirirsiniz?", given: "Değerlendirmeniz: %s",
		comment: "Eklemek istediğiniz bir şey var mı?", send: "Gönder", save: "Değiştir",
		grades:    map[string]string{"bad": "Kötü", "neutral": "Orta", "good": "İyi"},
		expired:   "Bu bağlantının süresi doldu.",
		revoked:   "Bu bağlantı artık geçerli değil.",
		damaged:   "Bu bağlantı eksik. Lütfen e-postadan yeniden açın veya tamamını kopyalayın.",
		gone:      "Burada değerlendirilecek bir şey kalmadı.",
		off:       "Şu anda değerlendirme istemiyoruz.",
		fixed:     "Bu yanıtı daha önce değerlendirdiniz; değerlendirme artık değiştirilemez.",
		noGrade:   "Lütfen seçeneklerden birini seçin.",
		tooLong:   "Yorum çok uzun. Lütfen kısaltın.",
		elsewhere: "Form başka bir siteden gönderildi. Lütfen bağlantıyı e-postadan açıp oradan gönderin.",
		malformed: "Form okunamadı. Lütfen bağlantıyı e-postadan yeniden açın.",
		method:    "Bu sayfa açılabilir ve formu gönderilebilir.",
		later:     "Bizden kaynaklanan bir sorun oluştu. Lütfen daha sonra yeniden deneyin.",
	},
	{
		lang:  "ru",
		title: "Как вам наш ответ?", thanks: "Спасибо!", sorry: "Не получилось",
		request: "%s «%s»",
		about:   "Вам ответили на обращение %[2]s: %[1]s.", aboutNobody: "Речь о нашем ответе на ваше обращение %s.",
		question: "Как вы оцениваете ответ?", given: "Ваша оценка: %s",
		comment: "Хотите что-нибудь добавить?", send: "Отправить", save: "Изменить",
		grades:    map[string]string{"bad": "Плохо", "neutral": "Нормально", "good": "Хорошо"},
		expired:   "Срок действия этой ссылки истёк.",
		revoked:   "Эта ссылка больше не действует.",
		damaged:   "Ссылка неполная. Откройте её из письма ещё раз или скопируйте целиком.",
		gone:      "Здесь больше нечего оценивать.",
		off:       "Сейчас мы не собираем оценки.",
		fixed:     "Вы уже оценили этот ответ, изменить оценку нельзя.",
		noGrade:   "Выберите, пожалуйста, одну из оценок.",
		tooLong:   "Комментарий слишком длинный. Сократите его, пожалуйста.",
		elsewhere: "Форма отправлена с другого сайта. Откройте ссылку из письма и отправьте форму оттуда.",
		malformed: "Форму не удалось прочитать. Откройте ссылку из письма ещё раз.",
		method:    "Эту страницу можно открыть, а её форму — отправить.",
		later:     "У нас что-то пошло не так. Попробуйте, пожалуйста, позже.",
	},
}

// texts are those of a language.
func texts(lang string) *text {
	for i := range languages {
		if languages[i].lang == lang {
			return &languages[i]
		}
	}
	return &languages[0]
}

func known(lang string) bool { return texts(lang).lang == lang }

// locale is the language of a request: that of its query, of its browser (RFC 9110, 12.5.4), or the host's.
func (h *handler) locale(r *http.Request) string {
	if lang := r.URL.Query().Get("lang"); known(lang) {
		return lang
	}
	best, of := "", 0.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, weight, weighed := strings.Cut(part, ";")
		lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if weighed {
			w, ok := strings.CutPrefix(strings.TrimSpace(weight), "q=")
			v, err := strconv.ParseFloat(w, 64)
			if !ok || err != nil {
				continue
			}
			q = v
		}
		if known(lang) && q > of && q <= 1 {
			best, of = lang, q
		}
	}
	if best != "" {
		return best
	}
	return h.opts.Locale
}

// fault says what is wrong, and what to do.
func (t *text) fault(err error) string {
	for _, known := range []struct {
		err  error
		text string
	}{
		{ticket.ErrTokenExpired, t.expired}, {ticket.ErrTokenRevoked, t.revoked}, {ticket.ErrToken, t.damaged}, {ticket.ErrNotFound, t.gone},
		{ticket.ErrForbidden, t.off}, {ticket.ErrExists, t.fixed},
	} {
		if errors.Is(err, known.err) {
			return known.text
		}
	}
	if v, ok := errors.AsType[*ticket.ValidationError](err); ok {
		for _, f := range v.Fields {
			if f.Field == "comment" {
				if f.Fault == ticket.FaultTooLong {
					return t.tooLong
				}
				return t.malformed
			}
		}
		return t.noGrade
	}
	return t.later
}

// Title is the heading.
func (v *view) Title() string {
	switch {
	case v.Thanks:
		return v.text.thanks
	case v.Survey.MessageID == 0:
		return v.text.sorry
	}
	return v.text.title
}

// About says which answer it is about.
func (v *view) About() string {
	of := fmt.Sprintf(v.text.request, v.Survey.Code, v.Survey.Subject)
	if v.Survey.Agent == "" {
		return fmt.Sprintf(v.text.aboutNobody, of)
	}
	return fmt.Sprintf(v.text.about, v.Survey.Agent, of)
}

// Given says which grade was given.
func (v *view) Given() string { return fmt.Sprintf(v.text.given, v.Chosen) }

// Question asks for a grade.
func (v *view) Question() string { return v.text.question }

// CommentLabel asks for a comment.
func (v *view) CommentLabel() string { return v.text.comment }

// Send is what the button says.
func (v *view) Send() string {
	if v.Rated {
		return v.text.save
	}
	return v.text.send
}
