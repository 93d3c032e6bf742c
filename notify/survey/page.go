package survey

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// style is all of the page's, and the policy of the page takes no other.
const style = `:root{color-scheme:light dark}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:36rem;padding:2rem 1rem;overflow-wrap:anywhere}
h1{font-size:1.4rem;line-height:1.25}
fieldset{border:0;margin:0 0 1rem;padding:0}
legend{padding:0;margin-bottom:.5rem}
.grade{display:block;padding:.6rem .8rem;margin-bottom:.5rem;border:1px solid #767676;border-radius:.4rem}
textarea{display:block;width:100%;min-height:7rem;font:inherit;padding:.5rem;margin:.25rem 0 1rem;border:1px solid #767676;border-radius:.4rem}
button{font:inherit;font-weight:600;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#0b57d0;color:#fff}
.fault{border-left:.3rem solid #c5221f;padding:.25rem 0 .25rem .8rem}
.about{opacity:.8}
`

var styleHash = hashOf(style)

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

var page = template.Must(template.New("survey").Funcs(template.FuncMap{"style": func() template.CSS { return template.CSS(style) }, "most": func() int { return ticket.MaxComment }}).Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>{{.Title}}</title>
<style>{{style}}</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
{{- with .Fault}}
<p class="fault" role="alert">{{.}}</p>
{{- end}}
{{- if .Survey.MessageID}}
<p class="about">{{.About}}</p>
{{- if .Rated}}
<p>{{.Given}}</p>
{{- end}}
{{- if .Asks}}
<form method="post">
{{- if .Grades}}
<fieldset>
<legend>{{.Question}}</legend>
{{- range .Grades}}
<label class="grade"><input type="radio" name="grade" value="{{.Code}}" required{{if .Chosen}} checked{{end}}> {{.Name}}</label>
{{- end}}
</fieldset>
{{- end}}
{{- if .Writes}}
<label for="comment">{{.CommentLabel}}</label>
<textarea id="comment" name="comment" maxlength="{{most}}"{{if not .Grades}} required{{end}}>
{{.Comment}}</textarea>
{{- end}}
<button type="submit">{{.Send}}</button>
</form>
{{- else if .Comment}}
<p>{{.CommentLabel}}: {{.Comment}}</p>
{{- end}}
{{- end}}
</main>
</body>
</html>
`))
