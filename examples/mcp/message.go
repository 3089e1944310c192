package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A message is what the guard reads of one JSON-RPC message.
type message struct {
	id     jsontext.Value // as it was sent, if an answer is due
	method string         // or responseMethod
	name   string         // of the tool or the prompt, or the URI of the resource; "" for other methods
}

// responseMethod stands for the method of a response. No method is spelled like this, because parseMessage
// refuses spaces.
const responseMethod = "a response"

// methods has the methods of the specification that a client sends. A method that is about one tool, prompt
// or resource comes with the member of params that says which one.
var methods = map[string]string{
	"tools/call":            "name",
	"prompts/get":           "name",
	"resources/read":        "uri",
	"resources/subscribe":   "uri",
	"resources/unsubscribe": "uri",

	"server/discover":                  "",
	"initialize":                       "",
	"ping":                             "",
	"tools/list":                       "",
	"prompts/list":                     "",
	"resources/list":                   "",
	"resources/templates/list":         "",
	"completion/complete":              "",
	"logging/setLevel":                 "",
	"subscriptions/listen":             "",
	"notifications/initialized":        "",
	"notifications/cancelled":          "",
	"notifications/progress":           "",
	"notifications/roots/list_changed": "",
	responseMethod:                     "",
}

// parseMessage reads a message, so that the guard can decide about it. The MCP server reads the same octets
// again, and runs what it finds there. So parseMessage refuses what two programs may read in two ways: a
// batch, text after the message, duplicate members at any level, text that is not UTF-8, and a message that
// is both a request and a response. The names of members match to the letter.
func parseMessage(body []byte) (message, error) {
	if jsontext.Value(body).Kind() == '[' {
		return message{}, errors.New("batches are not accepted: send each message by itself")
	}
	var wire struct {
		ID     jsontext.Value `json:"id"`
		Method jsontext.Value `json:"method"`
		Params jsontext.Value `json:"params"`
		Result jsontext.Value `json:"result"`
		Error  jsontext.Value `json:"error"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return message{}, errors.New("the body is not one JSON-RPC message")
	}
	if (wire.Method == nil) == (wire.Result == nil && wire.Error == nil) {
		return message{}, errors.New("the message is neither a request nor a response")
	}
	if wire.Method == nil {
		return message{method: responseMethod}, nil
	}
	var m message
	if kind := wire.ID.Kind(); kind == '"' || kind == '0' {
		m.id = wire.ID
	}
	m.method = text(wire.Method)
	if m.method == "" || strings.Contains(m.method, " ") {
		return message{}, errors.New("the method is not a name")
	}
	if member := methods[m.method]; member != "" {
		var params map[string]jsontext.Value
		if err := json.Unmarshal(wire.Params, &params); err == nil {
			m.name = text(params[member])
		}
		if m.name == "" {
			return message{}, fmt.Errorf("%s needs a %s", m.method, member)
		}
	}
	return m, nil
}

// text returns the text of a JSON string, and "" for any other value.
func text(value jsontext.Value) string {
	var s string
	if value.Kind() != '"' || json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}
