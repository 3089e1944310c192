package middleware

import (
	"context"
	"errors"
	"time"

	"github.com/bearerguard/bearerguard/scopes"
)

// pause is how long to wait before asking once more about a token that passes
// after its expiry: its verifier goes by another clock.
const pause = time.Second

var errGoexit = errors.New("the function has ended its goroutine")

// While checks r, and runs f for as long as it passes: for streams, which may
// outlive their token. f works with the context in Pass, made to be canceled.
//
// When the token expires, r is checked again. If it is refused, f's context ends
// with the refusal as its cause, and While returns the refusal at once, an
// [*Error]; f, if it heeds its context, ends soon after. Otherwise While
// returns what f returns, and panics as f panics. What f does after it was left
// behind is lost, panics included.
func (g *Guard) While(ctx context.Context, r Request, need scopes.Requirement, f func(context.Context) error) error {
	pass, err := g.Check(ctx, r, need)
	if err != nil {
		return err
	}
	if pass.until.IsZero() {
		return f(pass.Context)
	}
	inner, cancel := context.WithCancelCause(pass.Context)
	defer cancel(nil)
	done := make(chan func() error, 1) // nobody may be waiting for it any more
	go run(inner, f, done)

	timer := time.NewTimer(time.Until(pass.until))
	defer timer.Stop()
	for {
		select {
		case result := <-done:
			return result()
		case <-timer.C:
			// With the context that came in: in f's, the token counts as checked.
			pass, err := g.Check(ctx, r, need)
			if err != nil {
				cancel(err)
				return err
			}
			if !pass.until.IsZero() {
				timer.Reset(max(time.Until(pass.until), pause))
			}
		}
	}
}

// run calls f and gives done what then comes of it: an error, or a panic.
func run(ctx context.Context, f func(context.Context) error, done chan<- func() error) {
	result := func() error { return errGoexit }
	defer func() {
		if p := recover(); p != nil {
			result = func() error { panic(p) }
		}
		done <- result
	}()
	err := f(ctx)
	result = func() error { return err }
}
