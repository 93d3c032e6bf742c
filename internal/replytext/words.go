package replytext

import "strings"

// The words by which mail programs announce, divide and sign, in lower case. They are what programs write, not what
// dictionaries say. A word too few leaves a quote to be seen; a word too many folds a text away.

// openers are the first words of lines such as "On … wrote:".
var openers = []string{
	"on", "am", "le", "el", "il", "em", "no dia", "op", "w dniu", "dnia", "wiadomość napisana przez", "den", "på", "kl", "dne", "dňa", "dana", "dne:", "в", "на", "у",
	"la data de", "în data de", "pe data de", "pada", "στις", "vào", "ngày", "tarihinde", "am:", "date:", "kuupäeval", "kuupäev", "v v", "în", "ในวันที่", "missatge de", "datums", "i dag", "at", "since",
	"于", "在", "於", "日期", "בתאריך", "ב-", "في", "بتاريخ", "در", "เมื่อ", "เมื่อวันที่",
}

// quoters begin lines that name nothing but an author.
var quoters = []string{
	"quoting ", "zitat von ", "citando ", "citando a ", "quotando ", "en réponse à ", "cytat ", "cytowanie ", "citerar ", "citaat van ", "mensaje citado por ",
	"mensagem citada por ", "scrive ", "цитирую ", "selon ", "missatge de ", "in article ", "in message ", "in reply to ",
}

// verbs end lines such as "On … wrote:", or stand in the middle of them. Longer ones stand before shorter ones.
var verbs = []string{
	"wrote", "writes", "sent", "said", "wrote in message", "wrote the following", // en
	"schrieb", "geschrieben", "schrieb folgendes", "folgendes geschrieben", "hat geschrieben", "schreibt", // de
	"a écrit", "a ecrit", "écrit", "a envoyé", // fr
	"escribió", "escribio", "ha escrito", "escribía", // es
	"ha scritto", "scrisse", "ha inviato", "scrive", // it
	"escreveu", "escreveu o seguinte", "enviou", // pt
	"schreef", "het volgende geschreven", "geschreven", "schreef het volgende", // nl
	"napisał(a)", "napisał", "napisała", "napisał/a", "pisze", "napisano", "napisana przez", // pl
	"skrev", "skrev følgende", "skrev följande", "har skrevet", "skrifaði", "følgende skrev", // da, no, sv, is
	"kirjoitti", "kirjutas", "kirjutab", // fi, et
	"написал(а)", "написал", "написала", "писал", "писал(а)", "пишет", "пишешь", "написа", "написав", "написала", "написав(-ла)", "пише", "написао", // ru, bg, uk, sr
	"yazdı", "yazdi", "şunu yazdı", "şunları yazdı", "yazmış", // tr
	"napsal(a)", "napsal", "napsala", "napísal(a)", "napísal", "napísala", // cs, sk
	"ezt írta", "írta", "a következőt írta", // hu
	"a scris", "scris", // ro
	"έγραψε", "napisao", "napisala", "je napisao/la", "napisao/la", "napisal", "je napisal", "rakstīja", "rašė", // el, hr, sl, lv, lt
	"va escriure", "ha escrit", "idatzi du", "escribiu", // ca, eu, gl
	"đã viết", "viết", "menulis", "tulis", "เขียนว่า", "เขียน", // vi, id, th
	"写道", "寫道", "写到", "写了", "來信", "来信", "撰写", // zh
	"のメール", "さんは書きました", "が書きました", "書きました", "wrote", "さんからのメッセージ", // ja
	"님이 작성", "작성", "쓴 글", "썼습니다", "님이 쓴 글", "님의 말", // ko
	"כתב", "כתבה", "כתב/ה", "كتب", "كتبت", "نوشت", // he, ar, fa
	"ने लिखा", "rašo", "skrifar", "tarafından yazıldı", "napisal(a)",
}

// original stands between the strokes of lines that say that the original message follows, and forwarded between those
// of lines that hand one on.
var (
	original = set(`
		original message, original email, original e-mail, original mail, original appointment, reply message, reply above, previous message, replied message, quoted message
		message from, original letter, ursprüngliche nachricht, ursprungliche nachricht, originalnachricht, original-nachricht, antwort nachricht, ursprüngliche mail
		ursprüngliche e-mail, original nachricht, ursprünglicher termin, urspr. nachricht, ursprüngliches nachricht, message d'origine, message d’origine, message original, message initial
		message d'origine :, courriel original, courrier original, e-mail d’origine, e-mail d'origine, message transmis d'origine, mensaje original, mensaje de origen, correo original, cita original
		messaggio originale, messaggio original, messaggio di origine, e-mail originale, mensagem original, mensagem de origem, e-mail original, mensagem originária
		oorspronkelijk bericht, origineel bericht, originele bericht, oorspronkelijke bericht, oorspronkelijk e-mailbericht, original bericht
		wiadomość oryginalna, oryginalna wiadomość, pierwotna wiadomość, wiadomość oryginalna od, wiadomosc oryginalna, oryginalna wiadomosc, oryginał wiadomości
		oprindelig meddelelse, original meddelelse, oprindelig besked, den oprindelige meddelelse, oprindelig e-mail, original besked
		opprinnelig melding, originalmelding, original melding, opprinnelig e-post, den opprinnelige meldingen
		ursprungligt meddelande, originalmeddelande, original meddelande, ursprungligt mejl, ursprungligt e-postmeddelande, ursprungligt medelande
		alkuperäinen viesti, alkuperäinen sähköposti, alkuperainen viesti, upprunaleg skilaboð, upphafleg skilaboð, algne kiri, algne sõnum, originaalsõnum
		исходное сообщение, оригинальное сообщение, исходное письмо, первоначальное сообщение, пересланное исходное сообщение, оригинал сообщения, оригинал, исходник
		вихідне повідомлення, оригінальне повідомлення, початкове повідомлення, оригинално съобщение, първоначално съобщение, оригинална порука, оригинално писмо, originalna poruka, izvorna poruka, izvorno sporočilo, prvotno sporočilo
		özgün ileti, orijinal mesaj, orjinal mesaj, asıl mesaj, orijinal ileti, özgün mesaj, orijinal e-posta, original mesaj
		původní zpráva, původní e-mail, puvodni zprava, původní mail, pôvodná správa, pôvodný e-mail, eredeti üzenet, eredeti levél, eredeti uzenet, eredeti e-mail
		mesaj original, mesajul original, mesaj iniţial, mesaj inițial, αρχικό μήνυμα, αρχικο μηνυμα, πρωτότυπο μήνυμα, missatge original, jatorrizko mezua, mensaxe orixinal, sākotnējā ziņa, oriģinālā ziņa, pradinis laiškas, originalus laiškas
		tin nhắn gốc, thư gốc, thư ban đầu, pesan asli, pesan asal, mesej asal, ข้อความต้นฉบับ, ข้อความเดิม, הודעה מקורית, ההודעה המקורית, الرسالة الأصلية, رسالة أصلية, پیام اصلی
		原始邮件, 原始信件, 原始消息, 原邮件, 邮件原件, 回复的原邮件, 回复的邮件, 原始郵件, 原始訊息, 原始邮件内容, 原文, 原信, 回覆的郵件
		元のメッセージ, 元のメール, 原文メッセージ, 元メッセージ, オリジナルメッセージ, original message 元のメッセージ, 원본 메시지, 원본 메일, 원본메시지, 원본메일, 원래 메시지, original message(原始邮件)
	`)
	forwarded = set(`
		forwarded message, begin forwarded message, forwarded mail, forwarded email, forwarded e-mail, forward message, forwarded by, start of forwarded message, forwarded letter, fwd
		weitergeleitete nachricht, weitergeleitete mail, weitergeleitete e-mail, anfang der weitergeleiteten nachricht, anfang der weitergeleiteten e-mail, beginn der weitergeleiteten nachricht
		message transféré, message transmis, message réexpédié, début du message réexpédié, début du message transféré, message transfere, courriel transféré
		mensaje reenviado, inicio del mensaje reenviado, inicio del mensaje reenviado:, mensaje remitido, correo reenviado
		messaggio inoltrato, inizio messaggio inoltrato, messaggio inviato, inizio del messaggio inoltrato, inoltrato
		mensagem encaminhada, mensagem reencaminhada, início da mensagem encaminhada, início da mensagem reencaminhada, e-mail encaminhado
		doorgestuurd bericht, begin doorgestuurd bericht, doorgezonden bericht, doorgestuurde e-mail, przekazana wiadomość, początek przekazywanej wiadomości, wiadomość przekazana, treść przekazanej wiadomości, początek przekazanej wiadomości
		videresendt meddelelse, videresendt besked, start på videresendt besked, start på videresendt meddelelse, videresendt melding, videreformidlet melding, start på videresendt melding, videresendt e-post, start på videresendt e-mail
		vidarebefordrat meddelande, vidarebefordrat mejl, vidarebefordrat brev, början på vidarebefordrat brev, början på vidarebefordrat meddelande, edelleenlähetetty viesti, välitetty viesti, välitetty viesti alkaa, edelleen lähetetty viesti, framsend skilaboð, áframsent
		пересланное сообщение, пересылаемое сообщение, пересланное письмо, начало переадресованного сообщения, начало пересылаемого сообщения, переслане повідомлення, перенаправлене повідомлення, препратено съобщение
		iletilen ileti, iletilmiş mesaj, iletilen mesaj, yönlendirilen mesaj, iletilmiş ileti, přeposlaná zpráva, přeposlaná zpráva:, začátek přeposílané zprávy, preposlaná správa, začiatok preposlanej správy
		továbbított üzenet, továbbított levél, mesaj redirecţionat, mesaj redirecționat, mesaj transmis, προωθημένο μήνυμα, προωθημένο μήνυμα:, proslijeđena poruka, prosleđena poruka, posredovano sporočilo, edastatud kiri, pārsūtīta ziņa, persiųstas laiškas, missatge reenviat
		thư được chuyển tiếp, tin nhắn được chuyển tiếp, pesan terusan, pesan yang diteruskan, ข้อความที่ส่งต่อ, הודעה שהועברה, رسالة معاد توجيهها, الرسالة المعاد توجيهها, پیام باز ارسال شده
		转发邮件, 转发的邮件, 转发邮件信息, 转发消息, 以下是转发的邮件, 轉寄郵件, 轉寄的郵件, 轉寄者, 已轉寄郵件, 转发的消息
		転送メッセージ, 転送されたメッセージ, 転送メール, 転送, 전달된 메시지, 전달된 메일, 전달 메시지, 전달 메일
	`)
)

// set makes a set of a list with commas and line ends between its members.
func set(list string) map[string]bool {
	out := map[string]bool{}
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '\n' }) {
		if s = strings.TrimSpace(s); s != "" {
			out[s] = true
		}
	}
	return out
}

// fieldNames are the names of header fields as mail programs write them above a quoted mail.
var fieldNames = fields(map[field]string{
	fieldFrom: `from, von, de, da, van, od, fra, från, lähettäjä, от, від, от кого, kimden, gönderen, feladó, felado, από, expeditor, expéditeur, de la, remitente, remite, mittente, remetente, afzender, nadawca, odesílatel, odosielateľ,
		saatja, kellelt, sūtītājs, nuo, siuntėjas, frá, sendandi, dari, pengirim, từ, người gửi, จาก, מאת, من, المرسل, از, 发件人, 寄件者, 寄件人, 發件人, 发信人, 差出人, 送信者, 送信元, 보낸 사람, 보낸사람, 발신, 发自, absender, avsender, avsändare, afsender, emetteur, émetteur, pošiljatelj, šalje, пошиљалац, подател, nga, प्रेषक, द्वारा`,
	fieldSent: `sent, भेजा गया, भेजा, تم الإرسال, saatmisaeg, enviat, gesendet, gesendet am, envoyé, envoyé le, envoye, date d'envoi, date d’envoi, enviado, enviado el, enviado em, enviada em, enviada, data de envio, inviato, inviata, data invio, verzonden, verzonden op, wysłano, wyslano, wysłane, sendt, sendt dato, skickat, skickades, lähetetty, отправлено, надіслано, изпратено, послато,
		gönderildi, gönderilme tarihi, gönderim tarihi, gönderilen, odesláno, odoslané, odoslaný, elküldve, küldve, küldés dátuma, küldte, trimis, data trimiterii, στάλθηκε, αποστολή, saadetud, nosūtīts, išsiųsta, sent date, poslano, poslato, terkirim, dikirim, đã gửi, ส่ง, ส่งเมื่อ, נשלח, تاريخ الإرسال, أُرسلت, ارسال شده, 发送时间, 發送時間, 寄件日期, 传送日期, 傳送日期, 發送日期, 发送日期, 已发送, 送信日時, 送信日, 送信, 보낸 날짜, 보낸날짜, 보낸 시간, sendt den, sent on, sent at`,
	fieldDate:    `date, datum, fecha, data, dato, päivämäärä, päiväys, pvm, дата, tarih, dátum, datum:, ημερομηνία, ημ/νία, data:, kuupäev, datums, data ir laikas, dagsetning, tanggal, ngày, วันที่, תאריך, التاريخ, تاریخ, 日期, 时间, 時間, 日時, 日付, 날짜, message du, time sent, date/time, date et heure`,
	fieldTo:      `to, an, à, a, pour, para, per, aan, naar, do, til, till, vastaanottaja, saaja, кому, до, за, kime, alıcı, komu, címzett, către, catre, la, προς, adresát, za, prima, kam, kellele, adresāts, kam:, gavėjas, kepada, ke, đến, tới, người nhận, ถึง, אל, إلى, به, 收件人, 收件者, 宛先, 送信先, 받는 사람, 받는사람, 수신, destinataire, destinatario, destinatário, ontvanger, odbiorca, mottaker, mottagare, modtager, empfänger, i, viðtakandi, प्रति, adressaat, per a, adresat, pre, příjemce, príjemca, prejemnik, primatelj, 收信人, 수신자, 받는 이`,
	fieldCc:      `cc, copie, copie à, kopie, kopie an, copia, con copia, copia a, cópia, kopi, kopia, kopio, копия, копія, bilgi, kopie:, másolatot kap, másolat, κοιν, κοιν., κοινοποίηση, dw, do wiadomości, koopia, tembusan, đồng gửi, สำเนา, עותק, نسخة, رونوشت, 抄送, 副本, 抄送人, 참조, ccn, bcc, kopija, kópia`,
	fieldSubject: `subject, विषय, betreff, objet, sujet, asunto, oggetto, assunto, onderwerp, temat, emne, ämne, aihe, тема, konu, předmět, predmet, předmet, tárgy, targy, subiect, θέμα, teema, temats, tēma, tema, efni, assumpte, gaia, perihal, subjek, chủ đề, tiêu đề, เรื่อง, หัวเรื่อง, נושא, الموضوع, موضوع, 主题, 主題, 主旨, 标题, 件名, 제목, naslov, предмет, относно, zadeva, asunt, betr, betr.`,
})

// rawFields are header fields that are read by programs only.
var rawFields = []string{"received:", "message-id:", "return-path:", "mime-version:", "content-type:", "dkim-signature:", "delivered-to:", "x-", "authentication-results:", "arc-", "references:", "in-reply-to:"}

func fields(lists map[field]string) map[string]field {
	out := map[string]field{}
	for f, list := range lists {
		for name := range set(list) {
			out[name] = out[name] | f
		}
	}
	return out
}

// device is the form of a line that a telephone or a mail program signs with.
type device struct {
	begins, ends string
	product      bool // it must name one of the products
	words        int  // it has fewer
	commas       bool // it may have commas
}

// devices are those forms: with "my", any short thing is meant, and without, something known.
var devices = []device{
	{begins: "sent from my ", words: 9},
	{begins: "sent wirelessly ", words: 16},
	{begins: "sent from ", product: true, words: 12},
	{begins: "sent via the samsung ", words: 14, commas: true},
	{begins: "sent from my samsung ", words: 14, commas: true},
	{begins: "sent from my verizon, ", words: 14, commas: true},
	{begins: "sent via ", product: true, words: 12},
	{begins: "sent with ", product: true, words: 12},
	{begins: "sent using ", product: true, words: 12},
	{begins: "sent by ", product: true, words: 10},
	{begins: "get outlook for ", words: 8},
	{begins: "download outlook for ", words: 8},
	{begins: "von meinem ", ends: "gesendet", words: 12},
	{begins: "von meinem ", ends: "geschickt", words: 12},
	{begins: "diese nachricht wurde von mein", ends: "gesendet", words: 14},
	{begins: "gesendet von meinem ", words: 8},
	{begins: "gesendet von ", product: true, words: 12},
	{begins: "gesendet mit ", product: true, words: 12},
	{begins: "gesendet aus ", product: true, words: 12},
	{begins: "gesendet über ", product: true, words: 12},
	{begins: "von ", ends: "gesendet", product: true, words: 10},
	{begins: "holen sie sich outlook für ", words: 8},
	{begins: "outlook für ", ends: "herunterladen", words: 6},
	{begins: "outlook für ", ends: "beziehen", words: 6},
	{begins: "envoyé de ", product: true, words: 14},
	{begins: "envoyé depuis ", product: true, words: 14},
	{begins: "envoyé à partir d", product: true, words: 14},
	{begins: "envoyé sans fil ", words: 18},
	{begins: "envoyé avec ", product: true, words: 14},
	{begins: "envoyé par ", product: true, words: 14},
	{begins: "obtenir outlook pour ", words: 8},
	{begins: "télécharger outlook pour ", words: 8},
	{begins: "téléchargez outlook pour ", words: 8},
	{begins: "obtenez outlook pour ", words: 8},
	{begins: "enviado desde mi ", words: 10},
	{begins: "enviado desde ", product: true, words: 12},
	{begins: "enviado con ", product: true, words: 12},
	{begins: "enviado a través de ", product: true, words: 12},
	{begins: "obtener outlook para ", words: 8},
	{begins: "descarga outlook para ", words: 8},
	{begins: "inviato da ", product: true, words: 12},
	{begins: "inviato dal mio ", words: 10},
	{begins: "inviato dal ", product: true, words: 12},
	{begins: "inviato con ", product: true, words: 12},
	{begins: "inviato tramite ", product: true, words: 12},
	{begins: "scarica outlook per ", words: 8},
	{begins: "ottieni outlook per ", words: 8},
	{begins: "enviado do meu ", words: 10},
	{begins: "enviada do meu ", words: 10},
	{begins: "enviado a partir do meu ", words: 12},
	{begins: "enviado do ", product: true, words: 12},
	{begins: "enviado pelo ", product: true, words: 12},
	{begins: "enviado via ", product: true, words: 12},
	{begins: "enviado a partir d", product: true, words: 12},
	{begins: "obter o outlook para ", words: 8},
	{begins: "obtenha o outlook para ", words: 8},
	{begins: "verzonden vanaf mijn ", words: 10},
	{begins: "verstuurd vanaf mijn ", words: 10},
	{begins: "verzonden met ", product: true, words: 12},
	{begins: "verzonden via ", product: true, words: 12},
	{begins: "verzonden vanuit ", product: true, words: 12},
	{begins: "verzonden vanaf ", product: true, words: 12},
	{begins: "outlook voor ", ends: "downloaden", words: 6},
	{begins: "outlook downloaden voor ", words: 8},
	{begins: "wysłane z ", product: true, words: 12},
	{begins: "wysłano z ", product: true, words: 12},
	{begins: "wysłane za pomocą ", product: true, words: 12},
	{begins: "pobierz aplikację outlook ", words: 8},
	{begins: "pobierz program outlook ", words: 8},
	{begins: "sendt fra min ", words: 10},
	{begins: "sendt fra mit ", words: 10},
	{begins: "sendt fra ", product: true, words: 12},
	{begins: "sendt med ", product: true, words: 12},
	{begins: "sendt via ", product: true, words: 12},
	{begins: "hent outlook til ", words: 8},
	{begins: "få outlook til ", words: 8},
	{begins: "få outlook for ", words: 8},
	{begins: "skaff outlook for ", words: 8},
	{begins: "last ned outlook for ", words: 8},
	{begins: "skickat från min ", words: 10},
	{begins: "skickat från ", product: true, words: 12},
	{begins: "skickat med ", product: true, words: 12},
	{begins: "skickades från ", product: true, words: 12},
	{begins: "hämta outlook för ", words: 8},
	{begins: "skaffa outlook för ", words: 8},
	{begins: "lähetetty ", product: true, words: 10},
	{begins: "hanki outlook ", words: 8},
	{begins: "sent frá ", product: true, words: 10},
	{begins: "saadetud minu ", words: 8},
	{begins: "отправлено с ", product: true, words: 12},
	{begins: "отправлено из ", product: true, words: 12},
	{begins: "отправлено от ", product: true, words: 12},
	{begins: "отправлено через ", product: true, words: 12},
	{begins: "отправлено при помощи ", product: true, words: 12},
	{begins: "скачать outlook ", words: 8},
	{begins: "надіслано з ", product: true, words: 12},
	{begins: "изпратено от ", product: true, words: 12},
	{begins: "iphone'umdan gönderildi", words: 6},
	{begins: "ipad'imden gönderildi", words: 6},
	{ends: "gönderildi", product: true, words: 10},
	{ends: "edinin", product: true, words: 8},
	{begins: "odesláno z ", product: true, words: 12},
	{begins: "odoslané z ", product: true, words: 12},
	{begins: "získejte outlook pro ", words: 8},
	{begins: "az iphone", words: 8},
	{ends: "küldve", product: true, words: 10},
	{begins: "elküldve", product: true, words: 10},
	{begins: "trimis de pe ", product: true, words: 12},
	{begins: "trimis din ", product: true, words: 12},
	{begins: "στάλθηκε από ", product: true, words: 12},
	{begins: "εστάλη από ", product: true, words: 12},
	{begins: "poslano s ", product: true, words: 12},
	{begins: "poslano iz ", product: true, words: 12},
	{begins: "enviat des d", product: true, words: 12},
	{begins: "đã gửi từ ", product: true, words: 12},
	{begins: "được gửi từ ", product: true, words: 12},
	{begins: "gửi từ ", product: true, words: 12},
	{begins: "dikirim dari ", product: true, words: 12},
	{ends: "から送信", words: 6},
	{ends: "から送信されました", words: 6},
	{ends: "を入手", product: true, words: 6},
	{begins: "发自我的", words: 6},
	{begins: "發自我的", words: 6},
	{begins: "发自 ", product: true, words: 6},
	{begins: "来自 ", product: true, words: 6},
	{begins: "從我的", words: 6},
	{begins: "寄自我的", words: 6},
	{begins: "傳送自我的", words: 6},
	{begins: "获取 ", product: true, words: 6},
	{begins: "下载 ", product: true, words: 6},
	{begins: "나의 ", ends: "보냄", words: 6},
	{begins: "내 ", ends: "보냄", words: 6},
	{ends: "에서 보냄", words: 6},
	{ends: "에서 보낸 메일", words: 6},
	{begins: "נשלח מה", words: 8},
	{begins: "أرسلت من ", words: 8},
	{begins: "مرسل من ", words: 8},
	{begins: "تم الإرسال من ", product: true, words: 8},
	{begins: "مُرسل من ", words: 8},
	{begins: "ส่งจาก", words: 8},
	{begins: "descargar outlook", words: 8},
	{begins: "baixe o outlook", words: 8},
	{begins: "baixar o outlook", words: 8},
	{begins: "download outlook voor", words: 8},
	{begins: "skaff deg outlook", words: 8},
	{begins: "získat outlook", words: 8},
	{begins: "stáhnout outlook", words: 8},
	{begins: "získať outlook", words: 8},
	{begins: "stiahnuť outlook", words: 8},
	{begins: "töltse le az outlook", words: 8},
	{begins: "obțineți outlook", words: 8},
	{begins: "descărcați outlook", words: 8},
	{begins: "αποκτήστε το outlook", words: 8},
	{begins: "λήψη του outlook", words: 8},
	{begins: "отримати outlook", words: 8},
	{begins: "завантажити outlook", words: 8},
	{begins: "изтегляне на outlook", words: 8},
	{begins: "nabavite outlook", words: 8},
	{begins: "preuzmite outlook", words: 8},
	{begins: "prenesite outlook", words: 8},
	{begins: "hankige outlook", words: 8},
	{begins: "gauti outlook", words: 8},
	{begins: "iegūt outlook", words: 8},
	{begins: "dapatkan outlook", words: 8},
	{begins: "tải outlook", words: 8},
	{begins: "รับ outlook", words: 8},
	{begins: "קבל את outlook", words: 8},
	{begins: "الحصول على outlook", words: 8},
	{begins: "获取适用于", words: 8},
	{begins: "取得 ios", words: 8},
	{begins: "取得 android", words: 8},
	{begins: "取得適用於", words: 8},
	{ends: "outlook 다운로드", words: 4},
	{ends: "outlook 얻기", words: 4},
	{begins: "get bluemail for ", words: 6},
	{begins: "sent on the ", product: true, words: 14},
	{begins: "sent from surface", words: 4},
	{begins: "sent from front", words: 4},
	{begins: "sent from protonmail", words: 10, commas: true},
	{begins: "sent with tutanota", words: 12, commas: true},
	{begins: "securely sent with tutanota", words: 14, commas: true},
	{begins: "yahoo mail: search", words: 6, commas: true},
	{begins: "vom ", ends: "gesendet", product: true, words: 6},
	{begins: "mobil gesendet", words: 4},
	{begins: "unterwegs gesendet", words: 4},
	{begins: "von unterwegs gesendet", words: 4},
	{begins: "gesendet von unterwegs", words: 4},
	{begins: "diese e-mail wurde von mein", ends: "gesendet", words: 14},
	{begins: "provenance :", product: true, words: 8},
	{begins: "enviado de meu ", words: 10},
	{begins: "verstuurd vanuit ", product: true, words: 12},
	{begins: "verstuurd via ", product: true, words: 12},
	{begins: "verstuurd met ", product: true, words: 12},
	{begins: "poslato sa ", product: true, words: 12},
	{begins: "išsiųsta iš ", product: true, words: 12},
	{begins: "nosūtīts no ", product: true, words: 12},
	{begins: "dihantar dari ", product: true, words: 12},
	{begins: "dihantar daripada ", product: true, words: 12},
	{ends: "से भेजा गया", product: true, words: 8},
	{begins: "从我的", ends: "发送", words: 6},
	{begins: "从 ", ends: "发送", product: true, words: 8},
	{begins: "從 ", ends: "傳送", product: true, words: 8},
	{begins: "来自我的", product: true, words: 6},
	{begins: "发自", product: true, words: 6},
	{ends: "에서 보냈습니다", product: true, words: 10},
	{begins: "أُرسلت من ", words: 8},
	{begins: "ارسال شده از ", words: 8},
}

// excuses stand below what a telephone signs with.
var excuses = []string{
	"excuse", "typo", "brevity", "forgive", "pardon", "autocorrect", "auto-correct", "spelling", "kürze", "tippfehler", "rechtschreib", "fautes de frappe", "brièveté", "brevedad", "errores", "brevità", "errori di", "brevidade", "erros de", "typefouten", "bondig",
	"опечатк", "краткость", "literówk", "slåfel", "tastefejl", "skrivefeil",
}

// closings begin the lines above a name.
var closings = []string{
	"regards", "best", "kind regards", "warm regards", "sincerely", "cheers", "thanks", "thank you", "yours", "mit freundlich", "freundliche gr", "viele grüße", "beste grüße", "liebe grüße", "gruß", "grüße", "mfg", "lg", "cordialement", "bien à vous", "salutations", "merci",
	"saludos", "un saludo", "atentamente", "gracias", "cordiali saluti", "distinti saluti", "saluti", "grazie", "atenciosamente", "cumprimentos", "obrigad", "met vriendelijke", "groet", "mvg", "pozdrawiam", "z poważaniem", "med venlig", "venlig hilsen", "mvh", "hilsen", "med vennlig",
	"med vänlig", "vänliga hälsningar", "hälsningar", "terveisin", "ystävällisin", "с уважением", "спасибо", "saygılarımla", "teşekkür", "s pozdravem", "üdvözlettel", "cu stimă", "此致", "谢谢", "よろしく", "감사합니다",
}

// products sign mails.
var products = []string{
	"iphon", "ipad", "ipod", "google pixel", "fairphone", "motorola", "uol mail", "seznam", "boxer", "ios", "android", "blackberry", "samsung", "galaxy", "huawei", "honor", "xiaomi", "redmi", "oppo", "oneplus", "nokia", "lumia", "htc", "sony", "xperia",
	"windows", "outlook", "mail for", "mailbox", "yahoo", "gmail", "aol", "proton", "tutanota", "tuta", "gmx", "web.de", "t-online", "freenet", "zoho", "fastmail", "thunderbird", "k-9", "airmail", "sparrow",
	"spark", "mail.ru", "почты", "яндекс", "yandex", "posteo", "mailspring", "superhuman", "polymail", "bluemail", "blue mail", "aqua mail", "aquamail", "nine", "mobile", "mobil", "phone", "telefon", "téléphone", "móvil", "celular", "smartphone",
	"handy", "tablet", "orange", "libero", "virgilio", "tiscali", "sfr", "hotmail", "apple watch", "macbook", "imac", "canary", "newton", "myMail", "mymail", "icloud", "qq", "mail app", "mail-app", "xfinity", "hushmail", "unibox", "fairemail", "edison mail", "puhelim", "мобильн", "телефон", "смартфон", "手机", "華為", "华为", "小米", "荣耀", "平板", "邮箱", "郵件", "邮件", "客户端", "갤럭시", "아이폰", "스마트폰", "휴대폰", "网易", "163", "naver", "네이버", "電話", "hey",
}
