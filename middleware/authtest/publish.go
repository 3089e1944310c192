package authtest

import (
	"bytes"
	"encoding/json"
	"slices"
)

// element is one member of the published key set.
type element struct {
	key *Key   // nil if the element came through PublishJWK
	raw []byte // its text in the document
}

// Key is the key that signs now.
func (i *Issuer) Key() *Key {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.current
}

// Rotate makes a fresh key of the same algorithm, publishes it, and signs with it from now on.
// The older keys stay published until they are withdrawn.
func (i *Issuer) Rotate() *Key {
	key, err := NewKey(i.Key().algorithm)
	if err != nil {
		panic(err) // NewKey has accepted this algorithm before
	}
	i.adopt(key)
	return key
}

// adopt signs with key from now on, and publishes it unless it is a secret.
func (i *Issuer) adopt(key *Key) {
	i.mu.Lock()
	i.current = key
	i.mu.Unlock()
	if key.Public() != nil {
		i.Publish(key)
	}
}

// Publish adds keys to the key set, except for those that it holds already. A symmetric key is published
// with its secret. No real issuer does that, and a test may check that the API ignores it.
func (i *Issuer) Publish(keys ...*Key) {
	for _, key := range keys {
		raw := marshal(key.JWK())
		i.mu.Lock()
		if !slices.ContainsFunc(i.published, func(e element) bool { return e.key == key }) {
			i.published = append(i.published, element{key, raw})
		}
		i.mu.Unlock()
	}
}

// PublishJWK adds an element of any shape to the key set, such as an edited [Key.JWK]. A
// json.RawMessage goes into the document unchanged, even if the document is then malformed.
// It panics if jwk cannot be marshalled.
func (i *Issuer) PublishJWK(jwk any) {
	raw, ok := jwk.(json.RawMessage)
	if !ok {
		raw = marshal(jwk)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.published = append(i.published, element{raw: slices.Clone(raw)})
}

// Withdraw takes a key out of the key set. Mint can still sign with it, so that a test can check that the
// API refuses such a token.
func (i *Issuer) Withdraw(key *Key) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.published = slices.DeleteFunc(i.published, func(e element) bool { return e.key == key })
}

// keySet joins the elements itself, because json.Marshal would refuse a malformed one.
func (i *Issuer) keySet() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	elements := make([][]byte, len(i.published))
	for n, e := range i.published {
		elements[n] = e.raw
	}
	return slices.Concat([]byte(`{"keys":[`), bytes.Join(elements, []byte(",")), []byte(`]}`))
}
