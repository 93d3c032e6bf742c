package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// language is one of those in which the tickets of the scaled desk are written.
type language struct {
	share    int      // percent of the tickets
	stems    []string // the commonest first
	endings  []string // of some words, so that there are many words
	joint    string   // between words
	stop     string   // after a sentence
	greeting string
}

var languages = []language{
	{55, strings.Fields(english), strings.Fields("s ed ing er est ly ness less ment able"), " ", ". ", "Hello,\n\n"},
	{20, strings.Fields(turkish), strings.Fields("lar ler da de dan den ım im ın in lık siz ca mış acak"), " ", ". ", "Merhaba,\n\n"},
	{15, strings.Fields(russian), strings.Fields("а у ом е ы ов ам ами ах ый ого ому"), " ", ". ", "Здравствуйте!\n\n"},
	{10, strings.Fields(japanese), strings.Fields("は が を に で と も から まで です ます"), "", "。", "お世話になっております。\n\n"},
}

const english = `the to and of a in is for it that with on was not my we have this you are please can but be from your when our lamp order
	has will an no me there do if or as at after all one thank which would still new two help before broken send got number today arrived
	works account delivery invoice payment address wrong again since open other return about box then received could page time also by
	password week any email need them customer message try under first screen bulb want refund yesterday problem part how package shop
	only glass see table change find charge office photo out button switch error cable support days call parcel answer while white light
	desk wall twice never stop missing different update print close fast shade window item cancel home place both company price month colour
	side plug form total question date money wait bring look chair black door warm cold heavy line label replace metal paper base corner
	check garden bright dark wire foot screw frame loose hole socket voltage battery charger remote sensor timer dimmer ceiling bracket
	manual warranty repair courier customs weight stock catalogue discount voucher balance subscription renewal licence domain server
	backup certificate printer network router scanner keyboard monitor camera speaker project contract meeting schedule engineer warehouse
	harbour mountain river forest island bridge village winter summer autumn orange purple silver copper marble velvet cotton linen`

const turkish = `ve bir bu için de çok ne ile var yok daha ama sonra gibi kadar olarak sipariş lamba fatura ödeme hesap adres yeni kargo teslimat
	kırık geldi bekliyorum lütfen teşekkür iade paket ürün müşteri şifre giriş hata sorun yardım destek bugün dün yarın hafta ay gün saat
	para ücret kart banka mesaj yanıt cevap telefon numara isim şirket masa sandalye ışık ampul cam kapı pencere renk beyaz siyah kırmızı
	mavi yeşil büyük küçük uzun kısa ağır hafif hızlı yavaş açık kapalı iptal değişim onay tarih belge form sayfa ekran düğme kablo fiş
	pil şarj kumanda garanti tamir servis depo stok indirim kupon bakiye üyelik yenileme alan sunucu yedek sertifika yazıcı ağ tarayıcı
	klavye kamera hoparlör proje sözleşme toplantı mühendis liman dağ ırmak orman ada köprü köy kış yaz güz turuncu gümüş bakır mermer
	kadife pamuk keten çiçek bahçe duvar tavan köşe çerçeve delik vida yıldız güneş ırak İstanbul İzmir Iğdır ölçü üçgen çanta şişe`

const russian = `и в не на что с это по за от до из у к но как мы вы он она они был есть нет уже ещё очень заказ лампа счёт оплат адрес доставк
	посылк товар клиент парол вход ошибк проблем помощь поддержк сегодня вчера завтра недел месяц день час деньг карт банк сообщени ответ
	телефон номер имя компани стол стул свет лампочк стекл двер окн цвет белый чёрный красный синий зелёный большой маленький длинный
	тяжёлый быстрый медленный открыт закрыт отмен обмен возврат дат документ форм страниц экран кнопк кабел вилк батаре заряд пульт гаранти
	ремонт сервис склад скидк купон баланс подписк продлени домен сервер копи сертификат принтер сет сканер клавиатур камер колонк проект
	договор встреч инженер порт гор рек лес остров мост деревн зим лет осен оранжев серебр мед мрамор бархат хлопок лён цветок сад стен
	потолок угол рам дыр винт звезд солнц ёлк подъезд объём съёмк`

const japanese = `注文 商品 届き 確認 お願い 問題 電気 照明 電球 壊れ 返品 交換 返金 請求書 支払い 住所 配送 荷物 会員 登録 画面 番号 連絡 本日 昨日 明日 来週
	先月 時間 電話 担当 会社 机 椅子 光 硝子 扉 窓 色 白 黒 赤 青 緑 大きい 小さい 長い 短い 重い 軽い 早い 遅い 開く 閉じる 取消 変更 承認 日付 書類 用紙 頁
	釦 配線 電池 充電器 操作 保証 修理 倉庫 在庫 割引 残高 契約 更新 領域 予備 証明書 印刷機 通信網 鍵盤 撮影機 計画 会議 技師 港 山 川 森 島 橋 村 冬 夏 秋
	橙色 銀 銅 大理石 綿 麻 花 庭 壁 天井 角 枠 穴 螺子 星 太陽 ランプ ケーブル スイッチ パスワード メール サーバー プリンター カメラ キャンセル サポート`

// writer writes texts: the same ones for the same seed. Words are as frequent as in real texts, the commonest by far
// (Zipf's law), and there is always something rare, as a number of an order.
type writer struct {
	*rand.Rand
	zipf []*rand.Zipf
	ends []*rand.Zipf
}

func newWriter(r *rand.Rand) *writer {
	w := &writer{Rand: r}
	for _, l := range languages {
		w.zipf = append(w.zipf, rand.NewZipf(r, 1.1, 2, uint64(len(l.stems)-1)))
		w.ends = append(w.ends, rand.NewZipf(r, 1.5, 1, uint64(len(l.endings))))
	}
	return w
}

// language draws one.
func (w *writer) language() int {
	n := w.IntN(100)
	for i, l := range languages {
		if n -= l.share; n < 0 {
			return i
		}
	}
	return 0
}

func (w *writer) word(lang int) string {
	l := languages[lang]
	word := l.stems[w.zipf[lang].Uint64()]
	if end := w.ends[lang].Uint64(); end > 0 && len(word) > 3 {
		word += l.endings[end-1]
	}
	return word
}

// line is a subject.
func (w *writer) line(lang int) string {
	words := make([]string, 3+w.IntN(6))
	for i := range words {
		words[i] = w.word(lang)
	}
	return strings.Join(words, languages[lang].joint)
}

// prose is a body: sentences of a greeting, words, and now and then a number that stands nowhere else.
func (w *writer) prose(lang int) string {
	l := languages[lang]
	var b strings.Builder
	if w.IntN(2) == 0 {
		b.WriteString(l.greeting)
	}
	for range 2 + w.IntN(7) {
		for i := range 4 + w.IntN(12) {
			if i > 0 {
				b.WriteString(l.joint)
			}
			b.WriteString(w.word(lang))
		}
		if w.IntN(6) == 0 {
			fmt.Fprintf(&b, " LX-%d", w.IntN(100_000))
		}
		b.WriteString(l.stop)
	}
	return b.String()
}
