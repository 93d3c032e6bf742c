package helpdesk_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/hooks"
	"github.com/helpdeskgo/helpdesk/store/blobdir"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// Contents of files go into a directory, a scanner looks at them before a message is written, and a web page hands them
// on safely.
func ExampleFiles_Serve() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "files")
	check(err)
	defer os.RemoveAll(dir)
	files, err := blobdir.Open(dir)
	check(err)
	defer files.Close()
	desk, err := helpdesk.New(ctx, memory.New(nil), &helpdesk.Config{BlobStore: files})
	check(err)
	desk.Hooks().TicketAttachmentScan.Bind("acme.antivirus", func(ctx context.Context, in hooks.Scanning) error {
		content, err := in.Open(ctx)
		if err != nil {
			return err
		}
		defer content.Close()
		data, err := io.ReadAll(content)
		if err == nil && strings.Contains(string(data), "EICAR") {
			return ticket.Invalid("files", ticket.FaultRefused, "%s holds a virus", in.File.Name)
		}
		return err
	})

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	draft := ticket.Draft{Subject: "Lamp broken", Files: []ticket.Upload{{Name: "lamp.png", Type: "image/png", Content: strings.NewReader("PNG")}}}
	t, err := desk.CreateTicket(ann, draft)
	check(err)
	draft.Files = []ticket.Upload{{Name: "game.exe", Content: strings.NewReader("EICAR")}}
	_, err = desk.CreateTicket(ann, draft)
	fmt.Println(err)

	messages, err := desk.Messages(ann, t.ID, ticket.MessageQuery{})
	check(err)
	page := httptest.NewRecorder()
	desk.Files().Serve(page, httptest.NewRequest(http.MethodGet, "/files/1/0?inline", nil).WithContext(ann), messages[0].ID, 0)
	fmt.Println(page.Code, page.Header().Get("Content-Disposition"), page.Body)
	// Output:
	// helpdesk: create ticket: hook acme.antivirus at TicketAttachmentScan: invalid: files: game.exe holds a virus
	// 200 inline; filename="lamp.png" PNG
}
