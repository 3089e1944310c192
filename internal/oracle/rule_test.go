package oracle_test

// verdict is what a judge says of a token.
type verdict bool

const (
	accept verdict = true
	refuse verdict = false
)

func (v verdict) String() string {
	if v == accept {
		return "accept"
	}
	return "refuse"
}

// rule is one point in which a good token is changed.
type rule struct {
	name   string // a sentence without a full stop; the tables of disagreements refer to it
	want   verdict
	change func(*draft)
	algs   string // prefixes of the algorithms that it makes sense for, divided by spaces; "": all that every judge has
}

// rules is every rule, from all tables.
func rules() []rule {
	var all []rule
	for _, table := range [][]rule{
		goodRules, headerRules, typeRules(), claimRules(), timeRules, jsonRules, encodingRules, signatureRules,
		confusionRules,
	} {
		all = append(all, table...)
	}
	return all
}

// What a rule changes, as a phrase.

func header(name, value string) func(*draft) {
	return func(d *draft) { d.header.set(name, value) }
}

func noHeader(name string) func(*draft) {
	return func(d *draft) { d.header.remove(name) }
}

func claim(name, value string) func(*draft) {
	return func(d *draft) { d.payload.set(name, value) }
}

func noClaim(name string) func(*draft) {
	return func(d *draft) { d.payload.remove(name) }
}

// at sets a NumericDate to so many seconds from now, with a fraction such as ".5" behind.
func at(name string, seconds int64, fraction string) func(*draft) {
	return func(d *draft) { d.payload.set(name, d.date(seconds)+fraction) }
}

// headerBefore and headerAfter add a second member of a name, before or after all others; so for claims.
func headerBefore(name, value string) func(*draft) {
	return func(d *draft) { d.header = append(object{{name, value}}, d.header...) }
}

func headerAfter(name, value string) func(*draft) {
	return func(d *draft) { d.header = append(d.header, member{name, value}) }
}

func claimBefore(name, value string) func(*draft) {
	return func(d *draft) { d.payload = append(object{{name, value}}, d.payload...) }
}

func claimAfter(name, value string) func(*draft) {
	return func(d *draft) { d.payload = append(d.payload, member{name, value}) }
}

func headerText(change func(string) string) func(*draft) {
	return func(d *draft) { d.headerText = change }
}

func payloadText(change func(string) string) func(*draft) {
	return func(d *draft) { d.payloadText = change }
}

func finalToken(change func(string) string) func(*draft) {
	return func(d *draft) { d.finalToken = change }
}

func before(text string) func(string) string { return func(s string) string { return text + s } }

func after(text string) func(string) string { return func(s string) string { return s + text } }

func always(text string) func(string) string { return func(string) string { return text } }
