package conformance

import "slices"

// Rule is one thing that a plugin has to do.
type Rule struct {
	Code string `json:"code"` // a letter for the area and two digits
	Text string `json:"rule"` // the rule, in a sentence
	Why  string `json:"why"`  // what depends on it
	Fix  string `json:"fix"`  // what an author can do
	// Advice: who breaks it gets a warning.
	Advice bool `json:"advice,omitempty"`
}

// Rules lists all rules by their codes: L loading, S spaces, B building, R
// rewards, X robustness, P performance.
func Rules() []Rule { return slices.Clone(rules) }

// Find returns the rule of a code.
func Find(code string) (Rule, bool) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == code })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

// rule returns the rule of a code that this package spells out.
func rule(code string) Rule {
	r, ok := Find(code)
	if !ok {
		panic("conformance: a check names a rule that does not exist")
	}
	return r
}

var rules = slices.Concat(loadRules, spaceRules, buildRules, rewardRules, robustnessRules, performanceRules)

var loadRules = []Rule{
	{Code: "L01", Text: "the file is a core WebAssembly module of version 2.0 and of bounded size",
		Why: "hosts refuse what they cannot run everywhere", Fix: "build it for a core module, such as wasm32-wasip1 or wasm32-unknown-unknown"},
	{Code: "L02", Text: "it exports memory, esp_abi, esp_alloc, esp_free and esp_call with their signatures",
		Why: "these are how a host talks to it", Fix: "export the functions as espalier plugin abi lists them"},
	{Code: "L03", Text: "it imports nothing but esp.log, env.abort and WASI preview 1",
		Why: "a plugin reaches nothing outside of itself", Fix: "leave out what needs the import"},
	{Code: "L04", Text: "it speaks ABI 1.0", Why: "host and plugin have to mean the same", Fix: "let esp_abi return 65536, and the manifest say \"1.0\""},
	{Code: "L05", Text: "its memory starts within the limit, and it grows no table",
		Why: "a host bounds what a plugin takes", Fix: "lower the initial memory when linking"},
	{Code: "L06", Text: "it starts within the limits and describes itself",
		Why: "a host asks for the manifest before anything else", Fix: "answer operation 1 with payload {} by {\"ok\":{\"manifest\":{…}}}, in UTF-8, in just as many bytes as it says, no zero at its end; move heavy work out of _initialize"},
	{Code: "L07", Text: "its custom section espalier.manifest holds the manifest", Advice: true,
		Why: "people and hosts read it without running the plugin", Fix: "append the answer to describe {} as the custom section; espalier plugin build FILE.wasm does so"},
	{Code: "L08", Text: "the manifest in the section is the one that it describes",
		Why: "what is shown before running is what then runs", Fix: "build again, so that the section is written from the plugin as it is"},
	{Code: "L09", Text: "the manifest is well-formed: names, versions, offers and their params",
		Why: "studies name plugins, spaces and params by it", Fix: "give what is named a short name of its own, and every param a type and a default within its bounds"},
}

var spaceRules = []Rule{
	{Code: "S01", Text: "describe tells what a space is, in agreement with the manifest",
		Why: "the controller is built from it before the first decision", Fix: "answer describe {\"space\":…} with name, version, task, max_steps, kinds and params"},
	{Code: "S02", Text: "params take their defaults, and every declared value is accepted or refused by bad_params",
		Why: "a study records the params as the plugin understood them", Fix: "return all params in describe, defaults filled in, and refuse what does not go together by bad_params"},
	{Code: "S03", Text: "wrong params are refused by bad_params",
		Why: "else a misspelt param silently leaves its default in force", Fix: "check names, types, bounds and options of all params before using them"},
	{Code: "S04", Text: "next answers every prefix of legal answers with a step",
		Why: "a search may come by any of them", Fix: "let no legal answer lead to an err or a trap"},
	{Code: "S05", Text: "every step is well-formed: its kind declared, its name printable, something to choose",
		Why: "the controller has weights for the declared kinds only", Fix: "see the message: a step is done or has a decision; its kind is declared in describe; a pointer is offered an anchor point; names have at most 128 bytes, states 64"},
	{Code: "S06", Text: "the decisions of an episode have different names",
		Why: "results are told apart by them", Fix: "put the position into the name, such as layer3/filters"},
	{Code: "S07", Text: "a decision offers anchor points announced before it, ascending",
		Why: "an answer can only point backwards", Fix: "count the steps with \"anchor\": true before this one; offer numbers below that, in ascending order"},
	{Code: "S08", Text: "every episode ends after at most max_steps answers",
		Why: "hosts set memory aside for max_steps, and stop there", Fix: "raise max_steps, or answer done earlier"},
	{Code: "S09", Text: "a choice has all options of its kind wherever it is asked, unless it masks them",
		Why: "all decisions of a kind share one softmax", Fix: "use another kind, or a mask, where there are fewer options"},
	{Code: "S10", Text: "an illegal prefix is refused by an err, never taken, never a trap",
		Why: "a resumed study may hold answers of another version", Fix: "check every answer of the prefix against its decision"},
	{Code: "S11", Text: "an illegal prefix is refused by bad_prefix, with the position in at", Advice: true,
		Why: "the message can then name the answer at fault", Fix: "set code to bad_prefix and at to the position of the first wrong answer"},
	{Code: "S12", Text: "equal states are followed by equal steps",
		Why: "hosts remember what follows a state", Fix: "put all that decides what comes next into the state, or leave the state out"},
	{Code: "S13", Text: "after a step with any, every answer leads to the same step",
		Why: "hosts ask only once what follows it", Fix: "leave any out where the answer matters"},
	{Code: "S14", Text: "every declared kind is asked and every option can be picked", Advice: true,
		Why: "what never occurs takes weights, and hints at a forgotten branch", Fix: "remove the kind or option, or ask for it"},
}

var buildRules = []Rule{
	{Code: "B01", Text: "build turns every whole episode into a network",
		Why: "a trial without one is lost", Fix: "let every combination of answers have a network, repaired where need be"},
	{Code: "B02", Text: "the network is valid, bounded, and for the task",
		Why: "it is going to be trained", Fix: "see the message for the node at fault; repair shapes, or refuse by unsupported what would be too large"},
	{Code: "B03", Text: "a task that the space cannot serve is refused by an err",
		Why: "a study with the wrong data set should end with a sentence", Fix: "check the task's type and the length of its input; refuse by unsupported"},
	{Code: "B04", Text: "build refuses an episode that is illegal or not over",
		Why: "a network of half an episode is not what was decided", Fix: "check the prefix as next does, and that next would answer done"},
	{Code: "B05", Text: "every declared value of the params has networks that are not too large", Advice: true,
		Why: "nothing can be searched for under such params", Fix: "narrow the bounds of the param, or refuse the value by bad_params"},
}

var rewardRules = []Rule{
	{Code: "R01", Text: "describe tells what a shaper is, in agreement with the manifest",
		Why: "a study records it", Fix: "answer describe {\"shaper\":…} with name, version and params"},
	{Code: "R02", Text: "a shaper's params take their defaults, and every declared value is accepted or refused by bad_params",
		Why: "a study records the params as the plugin understood them", Fix: "return all params in describe, defaults filled in"},
	{Code: "R03", Text: "a shaper refuses wrong params by bad_params",
		Why: "else a misspelt param silently leaves its default in force", Fix: "check names, types, bounds and options of all params before using them"},
	{Code: "R04", Text: "all metrics get a finite reward: without epochs, without values, of failed trials, too",
		Why: "one reward that is no number ruins the controller's weights", Fix: "decide what a trial without a result is worth; divide by nothing that may be 0; bound what can grow"},
	{Code: "R05", Text: "the parts of a reward are finite and have names",
		Why: "they are shown to people", Fix: "leave a part out where it has no value; null is how not-a-number is written"},
	{Code: "R06", Text: "the reward depends on the metrics", Advice: true,
		Why: "a constant reward teaches nothing", Fix: "see which metrics it reads, and whether they are the ones of this task"},
}

var robustnessRules = []Rule{
	{Code: "X01", Text: "malformed payloads are refused by an err, never a trap",
		Why: "a parser that reads past its input reads somebody's memory", Fix: "read JSON to the letter and never past the size of the payload, and take no member for granted; answer unsupported"},
	{Code: "X02", Text: "unknown members, the order of members, white space and null for an absent member change nothing",
		Why: "later hosts send more", Fix: "skip what is not known, of whatever type; read every escape that JSON has"},
	{Code: "X03", Text: "unknown operations, spaces and shapers are refused by unsupported",
		Why: "later hosts ask for more", Fix: "answer {\"err\":{\"code\":\"unsupported\",…}}"},
	{Code: "X04", Text: "very long and very deep payloads are answered, or stopped by a limit, never a trap",
		Why: "a prefix can be long, and a study's params come from a stranger's file", Fix: "bound the depth of recursion in the parser; let esp_alloc answer 0 if there is no room"},
	{Code: "X05", Text: "an err has a code of the interface and a message", Advice: true,
		Why: "the message is all that a person sees", Fix: "use bad_prefix, bad_params, unsupported or internal, and say what is wrong"},
	{Code: "X06", Text: "a call's answer does not depend on the calls before it",
		Why: "hosts call in any order, on any instance", Fix: "keep nothing from call to call; let esp_alloc give bytes that nothing else takes before esp_free; read as many of them as size says; sort what a map holds; draw nothing at random"},
	{Code: "X07", Text: "compiler and interpreter give the same answers",
		Why: "a study has to repeat on every machine", Fix: "do not let the bits of a not-a-number decide anything; else report it as a bug of the engine"},
	{Code: "X08", Text: "several instances at once give the answers of one",
		Why: "searches use every core", Fix: "report it: nothing that a plugin does may cause this"},
	{Code: "X09", Text: "memory does not grow from call to call", Advice: true,
		Why: "a host that takes no snapshots would run out of it", Fix: "free in esp_free, and reuse the answer's memory; with AssemblyScript use --runtime incremental"},
}

var performanceRules = []Rule{
	{Code: "P01", Text: "next spends at most half of its fuel",
		Why: "a stopped call fails a trial, and larger params cost more", Fix: "move what is the same for every call into _initialize; do not walk the prefix more than once"},
	{Code: "P02", Text: "build spends at most half of its fuel", Why: "a stopped call fails a trial, and larger params cost more", Fix: "see what grows faster than the network"},
	{Code: "P03", Text: "reward spends at most half of its fuel", Why: "a stopped call fails a trial, and larger params cost more", Fix: "see what grows faster than the number of epochs"},
	{Code: "P04", Text: "describe spends at most half of its fuel", Why: "a stopped call fails a trial, and larger params cost more", Fix: "move what is the same for every call into _initialize"},
	{Code: "P05", Text: "no call takes more than half of the memory that it may",
		Why: "an instance that needs more is thrown away after the call", Fix: "see what grows with the prefix; shrink initial memory and stacks"},
}
