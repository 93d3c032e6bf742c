package gateway_test

import (
	"testing"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// TestNamesOfFiles are the ways in which programs write the name of a file.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	pdf := "Content-Type: application/pdf\r\n"
	for header, want := range map[string]string{
		pdf + `Content-Disposition: attachment; filename=offer.pdf`:                                                                                                  "offer.pdf",
		pdf + `Content-Disposition: attachment; filename="offer.pdf"`:                                                                                                "offer.pdf",
		pdf + `content-disposition: ATTACHMENT; FILENAME="offer.pdf"`:                                                                                                "offer.pdf",
		pdf + `Content-Disposition: attachment;filename="offer.pdf";`:                                                                                                "offer.pdf",
		pdf + `Content-Disposition: attachment; size=12; filename="offer.pdf"; creation-date="Mon, 5 Jan 2026 09:00:00 GMT"`:                                         "offer.pdf",
		pdf + "Content-Disposition: attachment;\r\n\tfilename=\"offer.pdf\"":                                                                                         "offer.pdf",
		pdf + `Content-Disposition: attachment; filename = "offer.pdf"`:                                                                                              "offer.pdf",
		pdf + `Content-Disposition: attachment; filename=my offer.pdf`:                                                                                               "my offer.pdf",
		pdf + `Content-Disposition: attachment; filename="my offer.pdf`:                                                                                              "my offer.pdf",
		pdf + `Content-Disposition: attachment; filename="my; offer.pdf"`:                                                                                            "my; offer.pdf",
		pdf + `Content-Disposition: attachment; filename="my \"offer\".pdf"`:                                                                                         `my _offer_.pdf`,
		pdf + `Content-Disposition: attachment; filename='offer.pdf'`:                                                                                                "'offer.pdf'",
		pdf + `Content-Disposition: attachment; filename*=UTF-8''%C3%9Cbersicht.pdf`:                                                                                 "Übersicht.pdf",
		pdf + `Content-Disposition: attachment; filename*=utf-8'de'%C3%9Cbersicht.pdf`:                                                                               "Übersicht.pdf",
		pdf + `Content-Disposition: attachment; filename*=iso-8859-1''%DCbersicht.pdf`:                                                                               "Übersicht.pdf",
		pdf + `Content-Disposition: attachment; filename*="utf-8''%C3%9Cbersicht.pdf"`:                                                                               "Übersicht.pdf",
		pdf + `Content-Disposition: attachment; filename="x.pdf"; filename*=utf-8''%C3%9Cbersicht.pdf`:                                                               "Übersicht.pdf",
		pdf + `Content-Disposition: attachment; filename*=utf-8''%C3%9Cbersicht.pdf; filename="x.pdf"`:                                                               "Übersicht.pdf",
		pdf + "Content-Disposition: attachment; filename*0=\"a long \";\r\n filename*1=\"name.pdf\"":                                                                 "a long name.pdf",
		pdf + "Content-Disposition: attachment; filename*1=\"name.pdf\";\r\n filename*0=\"a long \"":                                                                 "a long name.pdf",
		pdf + "Content-Disposition: attachment; filename*0*=utf-8''%C3%9C;\r\n filename*1*=bersicht;\r\n filename*2=\".pdf\"":                                        "Übersicht.pdf",
		pdf + "Content-Disposition: attachment; filename*0*=utf-8''%C3;\r\n filename*1*=%9Cbersicht.pdf":                                                             "Übersicht.pdf",
		pdf + `Content-Disposition: attachment; filename="=?utf-8?B?w5xiZXJzaWNodC5wZGY=?="`:                                                                         "Übersicht.pdf",
		pdf + `Content-Disposition: attachment; filename==?utf-8?B?w5xiZXJzaWNodC5wZGY=?=`:                                                                           "Übersicht.pdf",
		pdf + `Content-Disposition: attachment; filename="=?utf-8?Q?=C3=9Cbersicht=5Fneu.pdf?="`:                                                                     "Übersicht_neu.pdf",
		pdf + `Content-Disposition: attachment; filename="=?iso-8859-1?Q?=DCbersicht.pdf?="`:                                                                         "Übersicht.pdf",
		pdf + "Content-Disposition: attachment; filename=\"=?utf-8?B?w5xi?=\r\n =?utf-8?B?ZXJzaWNodC5wZGY=?=\"":                                                      "Übersicht.pdf",
		pdf + "Content-Disposition: attachment; filename=\"=?utf-8?B?w5?= =?utf-8?B?xiersicht.pdf?=\"":                                                               "",
		pdf + `Content-Disposition: attachment; filename="=?utf-8?Q?my=20offer?=.pdf"`:                                                                               "my offer.pdf",
		pdf + `Content-Disposition: attachment; filename="=?UTF-8?Q?my offer.pdf?="`:                                                                                 "my offer.pdf",
		pdf + "Content-Disposition: attachment; filename=\"Übersicht.pdf\"":                                                                                          "Übersicht.pdf",
		pdf + "Content-Disposition: attachment; filename=Übersicht.pdf":                                                                                              "Übersicht.pdf",
		pdf + "Content-Disposition: attachment; filename=\"\xdcbersicht.pdf\"":                                                                                       "Übersicht.pdf",
		pdf + "Content-Disposition: attachment; filename=\"\u8acb\u6c42\u66f8.pdf\"":                                                                                 "請求書.pdf",
		pdf + "Content-Disposition: attachment; filename=\"=?iso-2022-jp?B?GyRCQEE1YT1xGyhCLnBkZg==?=\"":                                                             "請求書.pdf",
		pdf + "Content-Disposition: attachment; filename=\"\x1b$B@A5a=q\x1b(B.pdf\"":                                                                                 "請求書.pdf",
		pdf + "Content-Disposition: attachment; filename*=ISO-2022-JP''%1B%24B%40A5a%3Dq%1B%28B%2Epdf":                                                               "請求書.pdf",
		pdf + "Content-Disposition: attachment; filename=\"=?gb2312?B?t6LGsS5wZGY=?=\"":                                                                              "发票.pdf",
		pdf + `Content-Disposition: attachment; filename="C:\\Users\\ann\\offer.pdf"`:                                                                                "offer.pdf",
		pdf + `Content-Disposition: attachment; filename="C:\Users\ann\offer.pdf"`:                                                                                   "offer.pdf",
		pdf + `Content-Disposition: attachment; filename="../../etc/offer.pdf"`:                                                                                      "offer.pdf",
		pdf + `Content-Disposition: attachment; filename=""`:                                                                                                         "attachment-1.pdf",
		pdf + `Content-Disposition: attachment`:                                                                                                                      "attachment-1.pdf",
		`Content-Type: application/pdf; name="offer.pdf"`:                                                                                                            "offer.pdf",
		`Content-Type: application/pdf; name=offer.pdf`:                                                                                                              "offer.pdf",
		`Content-Type: application/pdf; name="=?utf-8?B?w5xiZXJzaWNodC5wZGY=?="`:                                                                                     "Übersicht.pdf",
		`Content-Type: application/pdf; name*=utf-8''%C3%9Cbersicht.pdf`:                                                                                             "Übersicht.pdf",
		"Content-Type: application/pdf; name=\"Übersicht.pdf\"":                                                                                                      "Übersicht.pdf",
		`Content-Type: application/pdf; name="a.pdf"` + "\r\n" + `Content-Disposition: attachment; filename="b.pdf"`:                                                 "b.pdf",
		`Content-Type: application/pdf; name="a.pdf"` + "\r\n" + `Content-Disposition: attachment`:                                                                   "a.pdf",
		`Content-Type: application/pdf; name="a.pdf"` + "\r\n" + `Content-Disposition: attachment; filename=""`:                                                      "a.pdf",
		`Content-Type: application/pdf; x-unix-mode=0644; name="offer.pdf"` + "\r\n" + `Content-Disposition: inline`:                                                 "offer.pdf",
		pdf + `Content-Disposition: filename="offer.pdf"`:                                                                                                            "offer.pdf",
		pdf + `Content-Disposition: attachment; name="offer.pdf"`:                                                                                                    "offer.pdf",
		pdf + "Content-Disposition: attachment; filename=\"my\r\n offer.pdf\"":                                                                                       "my offer.pdf",
		pdf + "Content-Disposition: attachment; filename=\"my\u202eofferfdp.exe\"":                                                                                   "myofferfdp.exe",
		pdf + "Content-Description: offer.pdf":                                                                                                                       "",
		"Content-Type: application/octet-stream; name=winmail.dat.pdf":                                                                                               "winmail.dat.pdf",
		"Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document;\r\n name=\"=?utf-8?Q?Angebot_f=C3=BCr_?=\r\n =?utf-8?Q?Ann.docx?=\"": "Angebot für Ann.docx",
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			m := gateway.Read(mail("From: ann@example.com", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "see", "--b", header, "", "x", "--b--"), received, nil)
			if len(m.Attachments) != 1 {
				t.Fatalf("%d files", len(m.Attachments))
			}
			if got := m.Attachments[0].Filename; got != want && want != "" || got == "" {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
