package replytext

// What legal notices below mails say, in lower case.

// noticeHeadings begin them, and nothing else.
var noticeHeadings = []string{
	"confidentiality notice", "confidentiality note:", "confidentiality statement", "confidentiality:", "confidentiality and ", "disclaimer:", "disclaimer -", "email disclaimer", "e-mail disclaimer", "legal disclaimer", "legal notice:", "important notice:", "privileged and confidential", "privileged/confidential", "notice of confidentiality", "notice: this e", "privacy notice:", "private and confidential",
	"vertraulichkeitshinweis", "haftungsausschluss", "rechtlicher hinweis", "wichtiger hinweis:", "datenschutzhinweis", "avis de confidentialité", "avertissement :", "avertissement:", "clause de confidentialité", "mentions légales",
	"aviso legal", "aviso de confidencialidad", "cláusula de confidencialidad", "nota de confidencialidad", "avviso di riservatezza", "clausola di riservatezza", "nota di riservatezza", "informativa privacy", "aviso de confidencialidade", "nota de confidencialidade", "declaração de confidencialidade",
	"vertrouwelijkheidsclausule", "klauzula poufności", "klauzula informacyjna", "ansvarsfraskrivelse", "ansvarsfriskrivning", "sekretessmeddelande", "tavaramerkki ja luottamuksellisuus", "luottamuksellisuusilmoitus", "уведомление о конфиденциальности", "gizlilik bildirimi", "gizlilik notu", "yasal uyarı", "免责声明", "免責聲明", "保密声明", "保密聲明", "機密保持について", "免責事項",
}

// thisMail is how they speak of the mail that they stand in.
var thisMail = []string{
	"this e-mail", "this email", "this message", "this mail", "this communication", "this transmission", "this electronic", "contained in this", "the contents of this", "the content of this", "the information in this", "information contained herein", "any files transmitted",
	"diese e-mail", "diese email", "diese mail", "diese nachricht", "dieser e-mail", "dieser email", "dieser nachricht", "dieser mail",
	"ce message", "ce courriel", "cet e-mail", "cet email", "ce mail", "ce mél", "cette communication", "le présent message", "le présent courriel", "le contenu de ce",
	"este mensaje", "este correo", "este e-mail", "este email", "el presente mensaje", "el presente correo", "esta comunicación", "información contenida", "aquest missatge", "aquest correu",
	"questo messaggio", "questa e-mail", "questa email", "questa mail", "questa comunicazione", "il presente messaggio", "la presente e-mail", "la presente mail", "la presente comunicazione", "le informazioni contenute",
	"esta mensagem", "este mensagem", "esta comunicação", "a presente mensagem", "as informações contidas", "o conteúdo desta", "o conteúdo deste",
	"dit bericht", "dit e-mailbericht", "deze e-mail", "deze email", "deze mail", "de informatie in", "de inhoud van",
	"niniejsza wiadomość", "niniejszy e-mail", "ta wiadomość", "wiadomość ta", "treść tej wiadomości", "treść niniejszej", "ten e-mail",
	"denne e-mail", "denne email", "denne mail", "denne e-post", "denne meddelelse", "denne besked", "denne meldingen", "denne mailen", "denne eposten",
	"detta meddelande", "detta e-postmeddelande", "denna e-post", "detta mejl", "detta mail", "detta e-mail",
	"tämä viesti", "tämän viestin", "tämä sähköposti", "tämän sähköpostin",
	"это сообщение", "данное сообщение", "настоящее сообщение", "это письмо", "данное письмо", "настоящее письмо", "настоящее электронное", "данное электронное", "это электронное", "информация, содержащаяся", "содержание данного", "це повідомлення", "цей лист", "цей електронний",
	"bu e-posta", "bu eposta", "bu mesaj", "bu ileti", "bu elektronik", "bu e-mail",
	"tento e-mail", "tento email", "tato zpráva", "táto správa", "tato e-mailová", "táto e-mailová", "obsah tohoto", "obsah této", "informace obsažené",
	"ez az e-mail", "ez az üzenet", "ez az elektronikus", "jelen üzenet", "jelen e-mail", "acest mesaj", "acest e-mail", "acest email", "informațiile conținute", "informaţiile conţinute",
	"το παρόν μήνυμα", "αυτό το μήνυμα", "το μήνυμα αυτό", "το παρόν e-mail", "αυτό το e-mail", "ova poruka", "ova e-poruka", "ovaj e-mail", "to sporočilo",
	"本邮件", "此邮件", "该邮件", "本電子郵件", "此電子郵件", "本電郵", "此電郵", "本信件", "このメール", "本メール", "このメッセージ", "この電子メール", "本電子メール", "이 메일", "본 메일", "이 이메일", "본 이메일", "이 메시지", "본 메시지", "본 전자우편", "email này", "thư này", "surel ini", "email ini", "อีเมลนี้", "הודעה זו", "דואר אלקטרוני זה", "هذه الرسالة", "هذا البريد",
}

// confidences say that it is not for everybody, and mistakes what who got it otherwise is to do.
var (
	confidences = []string{
		"confidential", "privileged", "intended recipient", "intended solely", "intended only", "intended for the", "solely for the use", "solely for the intended", "addressee", "unauthorised", "unauthorized",
		"vertraulich", "rechtlich geschützt", "rechtlich geschuetzt", "richtige adressat", "vorgesehene empfänger", "beabsichtigte empfänger", "bestimmungsgemäße", "unbefugt", "ausschließlich für den",
		"confidentiel", "usage exclusif", "destinataires désignés", "destinataire désigné", "à l'attention exclusive", "à l’attention exclusive", "secret professionnel", "confidencial", "uso exclusivo", "exclusivamente", "privilegiad", "riservat", "confidenzial", "esclusivamente", "destinatario indicato", "sigilo", "confidenciais",
		"vertrouwelijk", "geadresseerde", "uitsluitend bestemd", "poufn", "wyłącznie", "adresat", "fortrolig", "konfidensiel", "udelukkende", "utelukkende", "konfidentiell", "förtrolig", "sekretess", "endast avsed", "luottamuksel", "tarkoitettu ainoastaan", "конфиденциал", "конфіденційн", "исключительно для", "адресат", "gizli", "kişiye özel", "yalnızca",
		"důvěrn", "dôvern", "výhradně", "výhradne", "adresát", "bizalmas", "kizárólag", "címzett", "confidenţial", "confidențial", "exclusiv", "εμπιστευτικ", "αποκλειστικά", "povjerljiv", "poverljiv", "zaupn", "isključivo",
		"保密", "机密", "機密", "收件人", "收件者", "仅供", "僅供", "秘密", "宛先", "受信者", "名宛人", "기밀", "비밀", "수신인", "수신자", "지정된", "bảo mật", "rahasia", "ความลับ", "סודי", "חסוי", "סרي", "سرية",
	}
	mistakes = []string{
		"notify the sender", "contact the sender", "inform the sender", "advise the sender", "notify us", "in error", "by mistake", "delete it", "delete this", "delete the", "destroy", "disclos", "prohibited", "disseminat", "virus", "liability", "not the intended", "views or opinions", "strictly",
		"irrtümlich", "absender", "vernichten", "löschen", "nicht gestattet", "nicht erlaubt", "weitergabe", "par erreur", "expéditeur", "interdit", "détruire", "supprimer", "destinataire", "intégrité", "por error", "prohibid", "remitente", "eliminar", "elimine", "destinatari", "per errore", "vietat", "mittente", "d.lgs", "gdpr", "2016/679", "por engano", "por erro", "proibid", "remetente", "apague", "elimin",
		"ten onrechte", "niet toegestaan", "afzender", "verwijderen", "bestemd", "omyłkow", "zabronion", "nadawc", "usuni", "przeznaczon", "ved en fejl", "ved en feil", "ved fejl", "ved feil", "afsender", "avsender", "slet", "modtager", "mottaker", "av misstag", "avsändare", "mottagare", "radera", "vastaanottaj", "lähettäj", "erehdy",
		"по ошибке", "отправител", "запрещ", "получател", "удалит", "помилков", "відправник", "alıcı", "gönderen", "yasak", "yanlışlık", "hata ile", "hataen", "omylem", "omylom", "odesíl", "odosiel", "určen", "tévedés", "feladó", "törölje", "destinatar", "din greșeală", "din greşeală", "expeditor", "eroare", "interzis", "λάθος", "αποστολέα", "παραλήπτη", "greškom", "pošiljatelj", "pošiljalac", "pomoto",
		"误收", "誤收", "错误", "錯誤", "删除", "刪除", "禁止", "誤って", "破棄", "削除", "삭제", "금지", "잘못", "nhầm", "xóa", "keliru", "hapus", "בטעות", "למחוק", "بالخطأ", "حذف",
	}
)

// personal are words of somebody who speaks of themselves, as notices do not.
var personal = []string{" i ask", " i am ", " i have ", " i had ", " i want", " i need", " i do ", " i don", " i did ", " i would ", " i will ", " i can", " i was ", " i got ", " i sent ", " i received ", " i think ", " i forbid ", " i cannot ", " i'm ", " i’m ", " i've ", " my ", " me ", " me, ", " me. ", " ich ", " mir ", " mein", " mich ", " je suis ", " je vous ", " je ne ", " je veux ", " j'", " j’", " mon ", " mes ", " yo ", " mi ", " mis ", " io ", " mio ", " mia ", " meu ", " minha ", " ik ", " mijn ", " jag ", " mig ", " jeg ", " я ", " мне ", " мой ", " мою "}

// printing asks for trees to be spared, and says who has looked for viruses.
var printing = []string{
	"consider the environment before", "think before you print", "before printing this", "print this e-mail only", "print this email only", "ob sie diese e-mail wirklich ausdrucken", "bevor sie diese e-mail ausdrucken", "vor dem ausdrucken", "bitte denken sie an die umwelt", "bitte prüfen sie, ob diese", "avant d'imprimer", "avant d’imprimer", "antes de imprimir", "abans d'imprimir", "prima di stampare", "denk aan het milieu", "tänk på miljön", "tænk på miljøet", "tenk på miljøet", "pomyśl o środowisku", "zanim wydrukujesz", "ajattele ympäristöä", "подумайте об окружающей среде", "lütfen çevreyi", "před vytištěním", "pred vytlačením", "打印本邮件前", "列印前",
	"virus-free. www.", "virus-free.www.", "virenfrei. www.", "virenfrei.www.", "sans virus. www.", "libre de virus. www.", "privo di virus. www.", "livre de vírus. www.", "virusvrij. www.", "has been checked for viruses by", "wurde von avast", "auf viren geprüft", "été vérifiée par le logiciel antivirus", "ha sido comprobado por el software antivirus", "è stata controllata per individuare virus", "scanned for viruses", "this email has been scanned by", "this message has been scanned by", "проверено на отсутствие вирусов", "проверено на вирусы",
}

// feet stand at the foot of letters.
var feet = []string{
	"registered", "limited", "ltd", "gmbh", " ag ", " kg", "inc.", " llc", " plc", " s.a.", " s.r.l", " s.p.a", " b.v.", " oy", " ab ", " a/s", "company", "http", "www.", "tel.", "tel:", "phone", "vat", "p.iva", "partita iva", "amtsgericht", "handelsregister", "geschäftsführ", "vorstand", "aufsichtsrat", "sitz der", "ust-id", "siret", "rcs ", "kvk", "btw", "org.nr", "cvr", "krs", "nip", "regon", "©", "(c) ", "all rights reserved", "инн", "огрн",
}

// aboveThis is what a line says that wants replies above it, and asking how such a request begins.
var (
	aboveThis = []string{
		"above this line", "above the line", "above this message", "above this text", "above this mark", "über dieser linie", "oberhalb dieser linie", "über diese linie", "oberhalb dieser zeile", "über dieser zeile", "oberhalb dieses textes", "au-dessus de cette ligne", "au dessus de cette ligne", "encima de esta línea", "encima de esta linea", "sobre esta línea", "arriba de esta línea",
		"sopra questa riga", "sopra questa linea", "di sopra di questa riga", "acima desta linha", "acima dessa linha", "boven deze lijn", "boven deze regel", "powyżej tej linii", "nad tą linią", "ovanför denna linje", "ovanför den här raden", "ovanför denna rad", "over denne linje", "over denne linjen", "over denne streg", "tämän rivin yläpuolelle", "tämän viivan yläpuolelle",
		"выше этой строки", "выше этой линии", "над этой чертой", "над этой линией", "вище цього рядка", "вище цієї лінії", "bu satırın üst", "bu çizginin üst", "nad tento řádek", "nad touto čarou", "nad tento riadok", "e sor fölé", "ezen sor fölé", "deasupra acestei linii", "πάνω από αυτή τη γραμμή", "iznad ove linije", "iznad ove crte", "nad to črto", "per sobre d'aquesta línia",
		"この行より上", "この線より上", "この行の上", "此行上方", "此行以上", "此线上方", "這行上方", "此行之上", "此線上方", "이 줄 위", "이 선 위", "מעל שורה זו", "מעל הקו", "فوق هذا السطر", "phía trên dòng này", "di atas baris ini", "เหนือบรรทัดนี้",
	}
	asking = []string{
		"please ", "reply", "respond", "write ", "type ", "enter ", "add ", "answer", "to reply", "bitte ", "antwort", "schreiben sie", "veuillez ", "répond", "merci de ", "écri", "por favor", "respond", "escrib", "contest", "rispond", "scriv", "si prega", "escrev", "antwoord", "gelieve ", "typ ", "reageer", "proszę", "prosimy", "odpowied", "napisz", "skriv", "svar", "vastaa", "kirjoita", "ответ", "пожалуйста", "пишите", "напишите", "будь ласка", "відпов", "lütfen", "yanıt", "prosím", "odpov", "napište", "kérjük", "válasz", "vă rugăm", "răspund", "παρακαλ", "molimo", "odgovor", "prosimo",
		"この", "返信", "请在", "請在", "回复", "在此", "이 줄", "이 선", "נא ", "אנא", "يرجى", "vui lòng", "silakan", "balas", "โปรด", "กรุณา", "si us plau",
	}
)
