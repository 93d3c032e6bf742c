package imap_test

import (
	"context"
	"fmt"
	"log"

	"github.com/helpdeskgo/helpdesk/gateway/imap"
)

func ExampleParseURL() {
	config, err := imap.ParseURL("imaps://support%40example.com@mail.example.com/INBOX")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(config.Address, config.Username, config.Folder)
	// Output: mail.example.com:993 support@example.com INBOX
}

// A loop that keeps the cursor: whatever happens, no mail is lost and only those
// since the last stored cursor come again.
func ExampleMailbox_Fetch() {
	fetch := func(ctx context.Context, config imap.Config, stored imap.Cursor) (imap.Cursor, error) {
		mailbox, err := imap.New(config)
		if err != nil {
			return stored, err
		}
		return mailbox.Fetch(ctx, stored, func(ctx context.Context, m imap.Message) error {
			fmt.Println(m.UID, len(m.Raw))
			return nil // m.Next may be stored now
		})
	}
	_, err := fetch(context.Background(), imap.Config{Address: "no port"}, imap.Cursor{})
	fmt.Println(err != nil)
	// Output: true
}
