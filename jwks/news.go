package jwks

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/bearerguard/bearerguard/internal/urls"
)

// maxNews is how many lines may wait for a handler that is slow. Later ones are dropped.
const maxNews = 16

// news writes lines about changes of state, one after the other. Each is written in a goroutine of its own,
// because the handler is the user's: it may be slow, hang or panic.
type news struct {
	mu      sync.Mutex
	waiting []func()
	telling chan struct{} // closed when nothing is left to tell; nil if nothing is being told
}

func (n *news) tell(line func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.telling == nil:
		n.telling = make(chan struct{})
		go n.write(line)
	case len(n.waiting) < maxNews:
		n.waiting = append(n.waiting, line)
	}
}

func (n *news) write(line func()) {
	defer func() {
		_ = recover() // a panic of the handler would end the program
		n.mu.Lock()
		defer n.mu.Unlock()
		if len(n.waiting) == 0 {
			close(n.telling)
			n.telling = nil
			return
		}
		next := n.waiting[0]
		n.waiting = n.waiting[1:]
		go n.write(next)
	}()
	line()
}

// wait returns when nothing is left to tell, or when limit comes.
func (n *news) wait(limit <-chan time.Time) {
	n.mu.Lock()
	telling := n.telling
	n.mu.Unlock()
	if telling != nil {
		select {
		case <-telling:
		case <-limit:
		}
	}
}

const (
	// sayAgain is how long a failure is not told again if others come between. An issuer that fails in two ways
	// by turns would fill the log.
	sayAgain = 15 * time.Minute
	// maxSaid is how many changes are told within that time. Callers with unknown kids cause a fetch each
	// UnknownKeyInterval. If every second one fails, the log would have two lines for each.
	maxSaid = 8
	// empty is the kind of a good answer without keys. That of other good answers is "".
	empty = "no keys"
)

// mood is what the log was told. The goroutine of Cache.loop uses it alone.
type mood struct {
	last string // the kind that was told last
	said []said // within sayAgain
}

type said struct {
	kind string
	at   time.Time
}

// report tells the log about the result of a fetch if that is a change of state. serving is the number of
// keys that serve now.
func (c *Cache) report(failed *fault, serving int) {
	kind, was := "", c.mood.last
	switch {
	case failed != nil:
		kind = failed.kind()
	case serving == 0:
		kind = empty
	}
	switch {
	case !c.mood.change(kind):
	case kind == "":
		c.tell(slog.LevelInfo, "keys are fetched again", slog.Int("keys", serving))
	case kind == empty:
		c.tell(slog.LevelWarn, "the issuer publishes no keys, so every token is refused")
	default:
		text := "keys cannot be fetched"
		if was != "" && was != empty {
			text = "keys cannot be fetched, for another reason than before"
		}
		c.tell(slog.LevelWarn, text, slog.Int("keys", serving), slog.Any("error", failed))
	}
}

// change reports whether kind is to be told, and remembers it. What is not told now is told after a later
// fetch, if it is still so.
func (m *mood) change(kind string) bool {
	if kind == m.last {
		return false
	}
	now := time.Now()
	m.said = slices.DeleteFunc(m.said, func(s said) bool { return now.Sub(s.at) >= sayAgain })
	most := maxSaid
	if kind == "" {
		most-- // a failure can follow, so the log never ends with good news that are no longer true
	}
	if len(m.said) >= most {
		return false
	}
	for _, s := range slices.Backward(m.said) {
		if s.kind == "" || s.kind == empty {
			break // the failures before it have ended
		}
		if s.kind == kind {
			return false
		}
	}
	m.last, m.said = kind, append(m.said, said{kind, now})
	return true
}

// tell writes a line with the issuer, or the URL of the keys.
func (c *Cache) tell(level slog.Level, text string, attrs ...slog.Attr) {
	where := slog.String("issuer", c.cfg.Issuer)
	if c.cfg.Issuer == "" {
		where = slog.String("keys_url", urls.Show(c.cfg.KeysURL))
	}
	attrs = append([]slog.Attr{where}, attrs...)
	c.news.tell(func() {
		logger := c.cfg.Logger
		if logger == nil {
			logger = slog.Default()
		}
		logger.LogAttrs(context.Background(), level, text, attrs...)
	})
}
