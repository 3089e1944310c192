package oracle_test

// verdict says whether a judge accepts a token.
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

// rule is one change to a good token.
type rule struct {
	name   string // disagreements refers to it
	want   verdict
	change func(*draft)
	algs   string // prefixes of the algorithms that fit the rule, with spaces; "" is all that every judge has
}

// rules returns the rules of all tables.
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

// The functions below return the change of a rule.

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

// at sets a NumericDate to so many seconds from now, followed by a fraction such as ".5".
func at(name string, seconds int64, fraction string) func(*draft) {
	return func(d *draft) { d.payload.set(name, d.date(seconds)+fraction) }
}

// headerBefore and headerAfter add a second member with a name, before or after all others. claimBefore and
// claimAfter do the same for claims.
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
