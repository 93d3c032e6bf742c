package replytext

import (
	"strings"
	"testing"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// telephones are what telephones, their networks and mail programs sign with, one a line.
const telephones = `
Sent from my Verizon Wireless 4G LTE smartphone
Sent from my Verizon, Samsung Galaxy smartphone
Sent from my T-Mobile 5G Device
Sent from my T-Mobile 4G LTE Device
Sent from my Metro By T-Mobile 4G LTE Android Device
Sent from AT&T Yahoo Mail on Android
Sent from Rogers Yahoo Mail on Android
Sent from Xfinity Connect App
Sent from XFINITY Connect Mobile App
Sent via BlackBerry by AT&T
Sent via my BlackBerry from Vodacom - let your email find you!
Sent on the Sprint® Now Network from my BlackBerry®
Sent from my BlackBerry® smartphone from !DEA
Sent from my BlackBerry 10 smartphone on the Bell network.
Sent from my U.S.Cellular© Smartphone
Sent from my Boost Mobile Phone.
Sent from Samsung Mobile
Sent from Samsung Mobile.
Sent from my Samsung Galaxy smartphone.
Sent from my Galaxy
Sent from my LG Mobile
Sent from my Huawei Mobile
Sent from my HTC on the Now Network from Sprint!
Sent from my Android device with K-9 Mail. Please excuse my brevity.
Sent from my Android phone using Symantec TouchDown (www.symantec.com)
Sent from my mobile device. Please excuse typos.
Sent from my mobile, please excuse any typos
Sent from a mobile device
Sent from mobile
Sent from my phone
Sent from my iPad Pro
Sent from my iPhone 15 Pro Max
Sent from my Apple Watch
Sent from my Mac
Sent from my MacBook Pro
Sent from Yahoo Mail
Sent from Yahoo Mail on Android
Sent from Yahoo Mail for iPhone
Yahoo Mail: Search, Organize, Conquer
Sent from the all new AOL app for iOS
Sent from AOL on Android
Sent from AOL Mobile Mail
Sent from Gmail Mobile
Sent from Mail for Windows
Sent from Mail for Windows 10
Sent from Windows Mail
Sent from Outlook
Sent from Outlook Mobile
Sent from Outlook for iOS
Sent from my Windows 10 device
Sent from my Windows Phone
Sent from Surface
Sent from ProtonMail mobile
Sent from Proton Mail for iOS
Sent from Proton Mail Android
Sent with Proton Mail secure email.
Sent with [Proton Mail](https://proton.me/) secure email.
Sent with ProtonMail Secure Email.
Sent from [ProtonMail](https://protonmail.com), Swiss-based encrypted email.
Sent from ProtonMail, Swiss-based encrypted email.
Sent with Tutanota, enjoy secure & ad-free emails
Securely sent with Tutanota. Get your own encrypted, ad-free mailbox:
Sent with Spark
Sent from Spark
Sent via Superhuman
Sent via Superhuman iOS
Sent from Superhuman
Sent with Airmail
Sent from Airmail
Sent from Newton Mail
Sent with Newton
Sent using Zoho Mail
Sent using Hushmail
Sent using the free mail.com iPhone App
Sent from my iPhone using the mail.com mail app
Sent with Mailspring
Sent from Mailspring
Sent with Canary (https://canarymail.io)
Sent from Canary
Sent from BlueMail for Android
Get BlueMail for Android
Sent from Nine
Sent with Aqua Mail for Android
Sent from FairEmail
Sent from Polymail
Sent with Unibox
Sent from Front
Sent from Edison Mail
Sent from Email+ secured by MobileIron
Sent from my secure BlackBerry Work device
Sent from Blackberry Work
Get Outlook for iOS
Get Outlook for Android
Get Outlook for Mac
Get Outlook for iOS<https://aka.ms/o0ukef>
Get Outlook for Android <https://aka.ms/AAb9ysg>
Get Outlook for iOS (https://aka.ms/o0ukef)
[Get Outlook for iOS](https://aka.ms/o0ukef)
Obtenir Outlook pour iOS
Télécharger Outlook pour Android
Obtener Outlook para Android
Descargar Outlook para iOS
Baixe o Outlook para Android
Baixar o Outlook para iOS
Obter o Outlook para Android
Outlook für iOS beziehen
Outlook für Android herunterladen
Holen Sie sich Outlook für iOS
Scarica Outlook per Android
Ottieni Outlook per iOS
Download Outlook voor Android
Outlook voor iOS downloaden
Pobierz aplikację Outlook dla systemu iOS
Skaffa Outlook för Android
Hämta Outlook för iOS
Hent Outlook til Android
Få Outlook til iOS
Skaff deg Outlook for iOS
Hanki Outlook for iOS
Hanki Outlook Androidille
Získat Outlook pro iOS
Stáhnout Outlook pro Android
Získať Outlook pre iOS
Töltse le az Outlook iOS-verzióját
Obțineți Outlook pentru iOS
Αποκτήστε το Outlook για iOS
Скачать Outlook для iOS
Скачать Outlook для Android
Отримати Outlook для iOS
Изтегляне на Outlook за iOS
Nabavite Outlook za iOS
Prenesite Outlook za iOS
iOS için Outlook'u edinin
Android için Outlook'u edinin
获取 Outlook for iOS
获取适用于 Android 的 Outlook
下载 Outlook for iOS
取得 iOS 版 Outlook
取得 Android 版 Outlook
iOS 版 Outlook を入手
Outlook for iOS を入手
Android 版 Outlook を入手
iOS용 Outlook 다운로드
Android용 Outlook 얻기
קבל את Outlook עבור iOS
الحصول على Outlook لـ iOS
Dapatkan Outlook untuk Android
Tải Outlook cho iOS
รับ Outlook สำหรับ iOS
Von meinem iPhone gesendet
Von meinem iPad gesendet
Von meinem Samsung Gerät gesendet.
Von meinem Samsung Galaxy Smartphone gesendet.
Von Samsung Mobile gesendet
Von meinem HTC gesendet
Von meinem Huawei Mobiltelefon gesendet
Von meinem Smartphone gesendet
Vom iPhone gesendet
Vom Handy gesendet
Mobil gesendet
Unterwegs gesendet
Gesendet von meinem iPhone
Gesendet von meinem Samsung Galaxy
Gesendet von iPhone
Gesendet von Mail für Windows
Gesendet von Outlook für Android
Gesendet von Yahoo Mail auf Android
Gesendet von unterwegs
Gesendet mit der WEB.DE Mail App
Gesendet mit der GMX Mail App
Gesendet mit der Telekom Mail App
Gesendet mit der mobilen Mail App
Gesendet mit Proton Mail
Gesendet aus der GMX Mail App
Gesendet über BlueMail
Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.
Diese Nachricht wurde von meinem Android Mobiltelefon mit 1&1 Mail gesendet.
Diese E-Mail wurde von meinem Android-Mobiltelefon mit GMX Mail gesendet.
Envoyé de mon iPhone
Envoyé de mon iPad
Envoyé de mon téléphone
Envoyé de mon Galaxy de Orange
Envoyé de mon smartphone Samsung Galaxy.
Envoyé depuis mon iPhone
Envoyé depuis mon mobile
Envoyé depuis mon mobile Orange
Envoyé depuis mon appareil Galaxy
Envoyé depuis l'application Mail Orange
Envoyé depuis l'application Yahoo Mail pour Android
Envoyé depuis Yahoo Mail pour Android
Envoyé à partir de Yahoo Mail sur Android
Envoyé à partir de Courrier pour Windows
Envoyé à partir d’Outlook pour Android
Envoyé à partir d'un téléphone mobile
Envoyé avec la messagerie sécurisée Proton Mail.
Envoyé par Blackberry
Provenance : Courrier pour Windows 10
Enviado desde mi iPhone
Enviado desde mi teléfono
Enviado desde mi Huawei de Claro
Enviado desde mi Samsung Mobile de Claro
Enviado desde Correo para Windows 10
Enviado desde Yahoo Mail para iPhone
Enviado desde Yahoo Mail con Android
Enviado desde Outlook para Android
Enviado con Proton Mail correo seguro.
Enviado de meu iPhone
Enviado do meu iPhone
Enviado do meu Galaxy
Enviado do meu smartphone Samsung Galaxy.
Enviado do Yahoo Mail no Android
Enviado do Yahoo Mail para iPhone
Enviado do Email para Windows 10
Enviado a partir do meu smartphone Samsung Galaxy.
Enviado via iPhone
Inviato da iPhone
Inviato da mio iPhone
Inviato dal mio iPad
Inviato dal mio smartphone Samsung Galaxy.
Inviato da smartphone Samsung Galaxy.
Inviato da Yahoo Mail su Android
Inviato da Posta per Windows 10
Inviato da Outlook per Android
Inviato da Libero Mail per Android
Inviato con Proton Mail
Verzonden vanaf mijn iPhone
Verzonden vanaf mijn Samsung-apparaat
Verzonden vanaf Samsung-tablet
Verzonden vanuit Mail voor Windows
Verzonden met Proton Mail
Verstuurd vanaf mijn iPad
Verstuurd vanuit Mail voor Windows
Skickat från min iPhone
Skickat från min Samsung Mobil.
Skickat från Yahoo Mail för iPhone
Skickat från Outlook för Android
Skickat från E-post för Windows
Sendt fra min iPhone
Sendt fra min Samsung Galaxy-smartphone.
Sendt fra Yahoo Mail til iPhone
Sendt fra Mail til Windows
Sendt fra min iPad
Lähetetty iPhonesta
Lähetetty iPhonestani
Lähetetty puhelimesta
Lähetetty Samsung Galaxy -älypuhelimesta
Lähetetty Windowsin Sähköpostista
Wysłane z iPhone'a
Wysłane z mojego iPhone'a
Wysłane z telefonu Samsung Galaxy.
Wysłane z aplikacji Outlook dla systemu Android
Wysłane z aplikacji Poczta dla systemu Windows
Wysłane z Yahoo Mail na Androidzie
Odesláno z iPhonu
Odesláno z mého iPhonu
Odesláno z Outlooku pro Android
Odoslané z iPhonu
Odoslané z môjho iPhonu
iPhone-omról küldve
Az iPhone-omról küldve
Trimis de pe iPhone-ul meu
Trimis de pe iPhone
Trimis din Yahoo Mail pe Android
Отправлено с iPhone
Отправлено с моего iPhone
Отправлено с iPad
Отправлено с устройства Samsung Galaxy
Отправлено с мобильного устройства
Отправлено из Почты Mail.ru для Android
Отправлено из мобильной Почты Mail.ru
Отправлено из мобильной Яндекс Почты: http://m.ya.ru/ymail
Отправлено из Почты для Windows 10
Отправлено из Outlook для Android
Надіслано з iPhone
Надіслано з мого iPhone
Изпратено от моя iPhone
Изпратено от Yahoo Mail на Android
Poslano s mog iPhonea
Poslano iz mojega iPhona
Poslato sa iPhone-a
iPhone'umdan gönderildi
iPad'imden gönderildi
Samsung cihazımdan gönderildi
Android'de Yahoo Postadan gönderildi
Στάλθηκε από το iPhone μου
Στάλθηκε από το Yahoo Mail σε Android
Saadetud minu iPhone'ist
Išsiųsta iš mano iPhone
Nosūtīts no mana iPhone
Sent frá iPhone-símanum mínum
Enviat des del meu iPhone
Đã gửi từ iPhone của tôi
Được gửi từ iPhone của tôi
Gửi từ iPhone của tôi
Dikirim dari iPhone saya
Dihantar dari iPhone saya
ส่งจาก iPhone ของฉัน
iPhoneから送信
私のiPadから送信
スマートフォンから送信
Windows 版のメールから送信
发自我的iPhone
发自我的 iPhone
从我的 iPhone 发送
从我的华为手机发送
来自我的华为手机
发自我的小米手机
发自网易邮箱大师
发自新浪邮箱客户端
从 Windows 版邮件发送
發自我的 iPhone
從我的 iPhone 傳送
傳送自我的 iPhone
寄自我的 iPhone
從 Windows 的郵件傳送
나의 iPhone에서 보냄
내 iPhone에서 보냄
iPhone에서 보냄
내 Galaxy에서 보냄
삼성 갤럭시 스마트폰에서 보냈습니다.
נשלח מה-iPhone שלי
נשלח מהאייפון שלי
أرسلت من الـ iPhone
أُرسلت من الـ iPhone
مرسل من هاتف Samsung Galaxy
ارسال شده از iPhone من`

func TestTelephones(t *testing.T) {
	t.Parallel()
	for line := range strings.SplitSeq(strings.TrimSpace(telephones), "\n") {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{said + "\n\n" + line + "\n", said + "\n\n" + line + "\n\nOn Mon, Jan 5, 2026 at 9:00 AM Ann Example <ann@example.com> wrote:\n\n> Does it work?\n"} {
				if got := ticket.Unfolded(text, Text(text, nil)); got != said {
					t.Errorf("got %q", got)
				}
			}
		})
	}
}
