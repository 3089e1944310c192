package jwks

import (
	"context"
	"log/slog"
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
	// maxSaid is how many kinds of failures are told within that time.
	maxSaid = 8
)

// mood is what the log was told last. The goroutine of Cache.loop uses it alone.
type mood struct {
	failing string // the kind of the last failure; empty after a good fetch
	empty   bool   // the last good set had no keys
	said    map[string]time.Time
}

// report tells the log about the result of a fetch if that is a change of state. serving is the number of
// keys that serve now.
func (c *Cache) report(failed *fault, serving int) {
	was := &c.mood
	if failed == nil {
		switch {
		case serving == 0 && !was.empty:
			c.tell(slog.LevelWarn, "the issuer publishes no keys, so every token is refused")
		case was.failing != "" || was.empty && serving > 0:
			c.tell(slog.LevelInfo, "keys are fetched again", slog.Int("keys", serving))
		}
		*was = mood{empty: serving == 0}
		return
	}
	kind, first := failed.kind(), was.failing == ""
	changed := kind != was.failing
	was.failing = kind
	if !changed || !was.mayTell(kind) {
		return
	}
	text := "keys cannot be fetched"
	if !first {
		text = "keys cannot be fetched, for another reason than before"
	}
	c.tell(slog.LevelWarn, text, slog.Int("keys", serving), slog.Any("error", failed))
}

// mayTell reports whether a failure of that kind may be told now, and remembers it.
func (m *mood) mayTell(kind string) bool {
	now := time.Now()
	for said, at := range m.said {
		if now.Sub(at) >= sayAgain {
			delete(m.said, said)
		}
	}
	if _, before := m.said[kind]; before || len(m.said) == maxSaid {
		return false
	}
	if m.said == nil {
		m.said = make(map[string]time.Time)
	}
	m.said[kind] = now
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
