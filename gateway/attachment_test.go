package gateway

import (
	"mime"
	"testing"
)

func TestFilenameParameters(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		`attachment; filename="a;b.txt"`:                                          "a;b.txt",
		`attachment; filename=a b.txt; size=1`:                                    "a b.txt",
		`attachment; filename="no end.txt; size=1`:                                "no end.txt",
		`attachment; filename*=iso-8859-1'de'M%E4rz.txt; filename=x.txt`:          "März.txt",
		`attachment; filename*0*=utf-8''%E2%82; filename*1*=%AC; filename*2=.txt`: "€.txt",
		`attachment; filename="=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=.txt"`:           "日本.txt",
		"attachment; filename=\"M\xe4rz.txt\"":                                    "März.txt",
		`attachment; filename="a\"b.txt"`:                                         `a"b.txt`,
		`attachment; filename="C:\tmp\x.txt"`:                                     `C:\tmp\x.txt`,
		`ATTACHMENT ; FILENAME = x.txt`:                                           "x.txt",
		`filename=x.txt`:                                                          "x.txt",
		`attachment;;;filename=x.txt;filename=y.txt`:                              "x.txt",
	} {
		p := &part{header: oneField("content-disposition", header)}
		if got := p.filename(); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func oneField(name, value string) header { return header{{name, value}} }

// TestMediaTypesAgreeWithMime: what the standard library accepts, we read alike.
func TestMediaTypesAgreeWithMime(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"text/plain", "Text/HTML; Charset=UTF-8", `multipart/mixed; boundary="a b=c;d"`,
		`application/x; name*0="a"; name*1="b"`, `application/x; name*=utf-8''%C3%A4`, "text/plain;", `a/b; q="\"\\"`,
	} {
		name, params, err := mime.ParseMediaType(value)
		if err != nil {
			t.Fatalf("%s: %v", value, err)
		}
		got := parseMediaType(value)
		if got.name != name || len(got.params) != len(params) {
			t.Errorf("%s: %+v, want %s %v", value, got, name, params)
		}
		for k, v := range params {
			if got.params[k] != v {
				t.Errorf("%s: %s = %q, want %q", value, k, got.params[k], v)
			}
		}
	}
}
