package scopes

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// maxDepth bounds the recursion of the parser, because the text comes from outside.
const maxDepth = 32

var errTextLength = errors.New("an expression of more than 16 KiB")

// Parse reads an expression, as the package comment describes it, from configuration. The
// error names the byte offset, counted from 0, the expected text and the text that was found
// there. The found text is quoted, and cut if it is long. Empty text is an error. If Parse
// returns an error, the Requirement denies.
func Parse(text string) (Requirement, error) {
	r, err := parse(text)
	if err != nil {
		return Requirement{}, fmt.Errorf("scopes: %w", err)
	}
	return r, nil
}

// parse is [Parse] with errors that do not name the package.
func parse(text string) (Requirement, error) {
	if len(text) > maxText {
		return Requirement{}, errTextLength
	}
	p := parser{text: text}
	if err := p.next(); err != nil {
		return Requirement{}, err
	}
	r, err := p.disjunction(0)
	if err != nil {
		return Requirement{}, err
	}
	if p.kind != tokenEnd {
		return Requirement{}, p.expected(`"&", "|" or the end`)
	}
	return r, nil
}

type tokenKind byte

const (
	tokenEnd    tokenKind = iota
	tokenSyntax           // one of & | ( )
	tokenWord             // a name or a keyword
	tokenQuoted           // a name that was written in quotes
)

// parser descends through the grammar with one token of lookahead.
type parser struct {
	text string
	rest int // offset of what follows the token

	kind  tokenKind
	at    int    // offset of the token
	value string // without quotes
}

// disjunction = conjunction *( "|" conjunction )
func (p *parser) disjunction(depth int) (Requirement, error) {
	return p.joined('|', Requirement.or, func() (Requirement, error) {
		return p.joined('&', Requirement.and, func() (Requirement, error) { return p.operand(depth) })
	})
}

// joined reads one or more parts with an operator between them.
func (p *parser) joined(
	operator byte, join func(r, s Requirement) (Requirement, error), part func() (Requirement, error),
) (Requirement, error) {
	r, err := part()
	if err != nil {
		return Requirement{}, err
	}
	for p.is(operator) {
		at := p.at
		if err := p.next(); err != nil {
			return Requirement{}, err
		}
		s, err := part()
		if err != nil {
			return Requirement{}, err
		}
		if r, err = join(r, s); err != nil {
			return Requirement{}, fmt.Errorf("byte %d: %w", at, err)
		}
	}
	return r, nil
}

// operand = "(" disjunction ")" / "acr" "(" values ")" / "max_age" "(" duration ")" /
// keyword / name / quoted name
func (p *parser) operand(depth int) (Requirement, error) {
	switch {
	case p.calls("acr"):
		return p.call(p.acr)
	case p.calls("max_age"):
		return p.call(p.maxAge)
	case p.kind == tokenWord || p.kind == tokenQuoted:
		r, err := p.named()
		if err == nil {
			err = p.next()
		}
		if err == nil && p.is('(') {
			err = p.expected(`"&" or "|" behind a scope name, because only acr and max_age have parentheses`)
		}
		return r, err
	case !p.is('('):
		return Requirement{}, p.expected(`a scope name or "("`)
	case depth == maxDepth:
		return Requirement{}, p.expected("parentheses nested at most 32 deep")
	}
	if err := p.next(); err != nil {
		return Requirement{}, err
	}
	r, err := p.disjunction(depth + 1)
	if err != nil {
		return Requirement{}, err
	}
	if !p.is(')') {
		return Requirement{}, p.expected(`"&", "|" or ")"`)
	}
	return r, p.next()
}

// named returns the requirement that the current word means. A word that is a keyword but
// for case is an error, because its author can have meant the keyword.
func (p *parser) named() (Requirement, error) {
	if level, ok := keywordLevel(p.value); ok && p.kind == tokenWord {
		if keyword := keywords[level]; p.value != keyword {
			return Requirement{}, p.expected(keyword + " in small letters, or the scope name in quotes")
		}
		return Requirement{level: level}, nil
	}
	// One name needs no reduction, and it is within the bounds because the text is.
	return Requirement{
		level: LevelScopes,
		formula: &formula{
			atoms:        []string{p.value},
			alternatives: []alternative{{conjunction: conjunction{set: bit(0)}, written: "\x00"}},
		},
	}, nil
}

// calls reports whether the current word is name and a parenthesis follows. Without one, it is
// the name of a scope.
func (p *parser) calls(name string) bool {
	after := p.span(p.rest, space)
	return p.kind == tokenWord && p.value == name && after < len(p.text) && p.text[after] == '('
}

// call reads the parentheses of acr or max_age, and by argument what is in them.
func (p *parser) call(argument func() (Requirement, error)) (Requirement, error) {
	for range 2 { // to the parenthesis, and past it
		if err := p.next(); err != nil {
			return Requirement{}, err
		}
	}
	r, err := argument()
	if err != nil {
		return Requirement{}, err
	}
	return r, p.next()
}

// values = value *( "|" value ), and a value is a name or a quoted name
func (p *parser) acr() (Requirement, error) {
	var values []string
	for {
		at := p.at
		if p.kind != tokenWord && p.kind != tokenQuoted {
			return Requirement{}, p.expected("a value of acr")
		}
		if !slices.Contains(values, p.value) {
			values = append(values, p.value)
		}
		if len(values) > maxNames {
			return Requirement{}, fmt.Errorf("byte %d: %w", at, errAtoms)
		}
		if err := p.next(); err != nil {
			return Requirement{}, err
		}
		switch {
		case p.is(')'):
			return ACR(values[0], values[1:]...), nil
		case !p.is('|'):
			return Requirement{}, p.expected(`"|" or ")"`)
		}
		if err := p.next(); err != nil {
			return Requirement{}, err
		}
	}
}

// duration is a whole number of seconds, as [time.ParseDuration] reads it.
func (p *parser) maxAge() (Requirement, error) {
	d, _ := time.ParseDuration(p.value) // 0 if there is an error
	if !validAge(d) || p.kind != tokenWord {
		return Requirement{}, p.expected("a duration in whole seconds, such as 5m or 1h30m, of at most 2147483647s")
	}
	if err := p.next(); err != nil {
		return Requirement{}, err
	}
	if !p.is(')') {
		return Requirement{}, p.expected(`")"`)
	}
	return maxAge(d), nil
}

// next moves to the token that follows.
func (p *parser) next() error {
	for p.rest < len(p.text) && space(p.text[p.rest]) {
		p.rest++
	}
	p.at = p.rest
	if p.at == len(p.text) {
		p.kind, p.value = tokenEnd, ""
		return nil
	}
	switch c := p.text[p.at]; {
	case syntaxByte(c):
		p.rest++
		p.kind, p.value = tokenSyntax, p.text[p.at:p.rest]
		return nil
	case c == '"':
		return p.quoted()
	case nameByte(c):
		p.rest = p.span(p.at, func(c byte) bool { return nameByte(c) && !syntaxByte(c) })
		p.kind, p.value = tokenWord, p.text[p.at:p.rest]
		return nil
	}
	return p.illegal(p.at, "a character of a scope name (RFC 6749 §3.3)")
}

// quoted reads a name in quotes. There are no escapes, because a scope-token cannot
// contain a quote or a backslash.
func (p *parser) quoted() error {
	start := p.at + len(`"`)
	end := p.span(start, nameByte)
	switch {
	case end == start:
		return p.illegal(end, "a scope name in the quotes")
	case end == len(p.text) || p.text[end] != '"':
		return p.illegal(end, "a closing quote")
	}
	p.rest = end + len(`"`)
	p.kind, p.value = tokenQuoted, p.text[start:end]
	return nil
}

// span returns the offset of the first byte, at or after from, for which such is false.
func (p *parser) span(from int, such func(byte) bool) int {
	for from < len(p.text) && such(p.text[from]) {
		from++
	}
	return from
}

func (p *parser) is(syntax byte) bool {
	return p.kind == tokenSyntax && p.value[0] == syntax
}

// expected is the error for a token in the wrong place.
func (p *parser) expected(what string) error {
	if p.kind == tokenEnd {
		return p.illegal(p.at, what)
	}
	return fmt.Errorf("byte %d: expected %s, found %s", p.at, what, excerpt(p.value))
}

// illegal is the error for a character that no token can have at this offset.
func (p *parser) illegal(at int, what string) error {
	found := "the end"
	if at < len(p.text) {
		_, size := utf8.DecodeRuneInString(p.text[at:])
		found = excerpt(p.text[at : at+size])
	}
	return fmt.Errorf("byte %d: expected %s, found %s", at, what, found)
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }
