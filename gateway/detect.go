package gateway

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// detectSample is how many bytes the detector looks at.
const detectSample = 16 << 10

// detectCharset guesses the charset of 8-bit text that is not UTF-8; nil if
// nothing is convincing. A candidate must decode without an error, and what comes
// out must look like the writing that the charset was made for: its everyday
// characters, not the rare ones that random bytes give.
func detectCharset(b []byte) encoding.Encoding {
	b = b[:min(len(b), detectSample)]
	var best encoding.Encoding
	bestScore := 0.6 // below this, Western text in Windows-1252 is likelier
	for _, c := range []struct {
		enc   encoding.Encoding
		likes func(rune) float64
	}{
		{japanese.ShiftJIS, likesJapanese},
		{japanese.EUCJP, likesJapanese},
		{korean.EUCKR, likesKorean},
		{traditionalchinese.Big5, likesChinese},
		{simplifiedchinese.GB18030, likesChinese},
		{charmap.Windows1251, likesCyrillic},
		{charmap.KOI8R, likesCyrillic},
	} {
		if score := charsetScore(b, c.enc, c.likes); score > bestScore {
			best, bestScore = c.enc, score
		}
	}
	return best
}

// charsetScore is the mean liking of the non-ASCII characters, or 0 where there
// is an error that the end of the sample does not explain.
func charsetScore(b []byte, enc encoding.Encoding, likes func(rune) float64) float64 {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return 0
	}
	text := strings.TrimSuffix(string(out), "\uFFFD")
	total, n := 0.0, 0
	previous := ' '
	for _, r := range text {
		if r == '\uFFFD' {
			return 0
		}
		if r >= 0x80 {
			n++
			total += likes(r)
		}
		// Western text misread puts letters of both scripts side by side.
		if unicode.IsLetter(r) && unicode.IsLetter(previous) && (r < 0x80) != (previous < 0x80) {
			total--
		}
		previous = r
	}
	if n < 2 {
		return 0
	}
	return total / float64(n)
}

func likesJapanese(r rune) float64 {
	switch {
	case r >= 0x3041 && r <= 0x30FF: // kana
		return 1.2
	case r >= 0x3000 && r <= 0x303F, r >= 0xFF01 && r <= 0xFF5E:
		return 1
	case r >= 0xFF61 && r <= 0xFF9F: // half-width kana: rare, but common in misread text
		return 0
	case r >= 0x4E00 && r <= 0x9FFF:
		return 0.7
	}
	return 0.2
}

func likesKorean(r rune) float64 {
	switch {
	case r >= 0xAC00 && r <= 0xD7A3:
		if b, err := korean.EUCKR.NewEncoder().String(string(r)); err != nil || b[0] < 0xA1 || b[1] < 0xA1 {
			return 0.3 // of the extension, which has what hardly anybody writes
		}
		return 1
	case r >= 0x3000 && r <= 0x303F:
		return 0.8
	case r >= 0x4E00 && r <= 0x9FFF:
		return 0.3
	}
	return 0.2
}

// everydayHan are frequent characters of both Chinese scripts.
const everydayHan = "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于着下自之年过過发發后後作里用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日军者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并物手应應战向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月话話合回特代内信表化老给給世位次度门門任常先海通教儿東东声聲提立及比员員解水名真论論处處走义義各入几口认認条條平系气氣题題活尔更别別打女变變四神总總何电電数數安少报報才结結反受目太量再感建务務做接必场場件计計管期市直德资資命山金指克许許统統区區保至队隊形社便空决決治展马馬科司五基眼书書非则則听聽白却界达達光放强強即像难難且权權思王象完设設式色路记記南品住告类類求据程北边邊死张張该該交规規万取拉格望觉覺术術领領共确確传傳师師观觀清今切院让讓识識候带帶导導争运運请請谢謝您客户服邮郵订訂单單购購"

func likesChinese(r rune) float64 {
	switch {
	case strings.ContainsRune(everydayHan, r):
		return 1.1
	case r >= 0x3000 && r <= 0x303F, r >= 0xFF01 && r <= 0xFF5E:
		return 1
	case r >= 0x4E00 && r <= 0x9FFF:
		return 0.55
	}
	return 0.1
}

func likesCyrillic(r rune) float64 {
	switch {
	case strings.ContainsRune("оеаинтсрвл", r):
		return 1.1
	case r >= 0x430 && r <= 0x44F:
		return 0.8
	case r >= 0x410 && r <= 0x42F, r == 0x401, r == 0x451:
		return 0.4
	}
	return 0
}
