package smtp

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/helpdeskgo/helpdesk/notify/letter"
)

// signed are the fields that a signature covers (RFC 6376, 5.4.1). Those that are missing cannot be added without breaking
// it.
func signed() []string {
	return []string{"From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-Id", "In-Reply-To", "References", "Auto-Submitted", "Mime-Version", "Content-Type",
		"List-Unsubscribe", "List-Unsubscribe-Post"}
}

// sign returns the header field that signs a letter; empty without a key. The letter is written once for it, and once
// more to be sent: nothing of the size of its files is kept.
func (d *DKIM) sign(ctx context.Context, l *letter.Letter) (field string, err error) {
	if d == nil {
		return "", nil
	}
	s, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: d.Domain, Selector: d.Selector, Signer: d.Key, HeaderKeys: signed(),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return "", fmt.Errorf("sign a mail: %w", err)
	}
	err = l.Write(ctx, s)
	if e := s.Close(); err == nil && e != nil {
		err = fmt.Errorf("sign a mail: %w", e)
	}
	if err != nil {
		return "", err
	}
	if field = s.Signature(); field == "" {
		return "", errors.New("sign a mail: there is no signature")
	}
	return field, nil
}
