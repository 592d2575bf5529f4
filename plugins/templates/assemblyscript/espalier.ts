// The kit: what plugin.ts needs to be a plugin of Espalier. It holds the plugin
// interface, ABI 1, so that plugin.ts holds search spaces and reward shapers
// only; json.ts has the payloads. It is yours to change.

import { Json, Type, parse } from "./json";

// What one plugin offers.
export class Module {
  spaces: SpaceOffer[] = [];
  shapers: ShaperOffer[] = [];
  constructor(public name: string, public version: string, public summary: string) {}
}

// A number that users may set, such as {"layers": 5}; min and max are inclusive.
export class Param {
  constructor(
    public name: string, public summary: string, public integer: bool,
    public value: f64, public min: f64, public max: f64, // value: the default
  ) {}
}

// The values of the params: what the user gave, else the defaults.
export class Params {
  constructor(private declared: Param[], public values: f64[]) {}

  get(name: string): f64 {
    const i = find(this.declared, name);
    assert(i >= 0, "a param that is not declared");
    return this.values[i];
  }

  json(): Json {
    const j = Json.object();
    for (let i = 0; i < this.declared.length; i++) j.set(this.declared[i].name, Json.number(this.values[i]));
    return j;
  }
}

function find(declared: Param[], name: string): i32 {
  for (let i = 0; i < declared.length; i++) {
    if (declared[i].name == name) return i;
  }
  return -1;
}

// A search space of a module; task is the type that it builds for, "image" or
// "text".
export class SpaceOffer {
  constructor(
    public name: string, public summary: string, public task: string,
    public params: Param[], public open: (p: Params) => Space,
  ) {}
}

export class ShaperOffer {
  constructor(public name: string, public summary: string, public params: Param[], public open: (p: Params) => Shaper) {}
}

// A search space: a set of networks, described by the questions that lead to
// one. Its functions depend on their arguments only.
export abstract class Space {
  // maxSteps is the most decisions that an episode can have.
  abstract maxSteps(): i32;
  abstract kinds(): Kind[];
  // next asks what follows the answers; null ends the episode. The kit has
  // checked the answers against the decisions that they reply to.
  abstract next(answers: Answer[]): Decision | null;
  // build turns the answers of a whole episode into a network.
  abstract build(answers: Answer[], task: Task): Network;
}

// How a decision is answered: by one of the options of its kind, by any subset of
// the anchor points that it offers, or by exactly one of them.
export const enum Form { Choice, Anchors, Pointer }

// A family of decisions that share what the controller learns. Only a choice has
// options.
export class Kind {
  constructor(public id: string, public form: Form, public options: string[]) {}
}

// One question that a space asks; its name is unique within the episode.
export class Decision {
  anchor: bool = false;       // announces this step as the next anchor point, counted from 0
  offers: i32[] = [];         // the earlier anchor points that may be picked, ascending
  mask: bool[] = [];          // of a choice: false forbids an option; empty allows all
  state: string = "";         // promises that equal states are followed by equal steps; empty: no promise
  any: bool = false;          // promises that the step after this one is the same for every answer
  constructor(public kind: string, public name: string) {}
}

// The reply to one decision.
export class Answer {
  pick: i32 = -1;           // the option of a choice, or the anchor point of a pointer
  set: i32[] | null = null; // the anchor points of a set, ascending
  anchors(): i32[] { return this.set!; }
}

// What a network is to be built for; input is the shape of one example.
export class Task {
  constructor(public type: string, public input: i32[], public classes: i32) {}
}

// A network. Ops and attributes are those of Espalier's network format.
export class Network {
  nodes: Json = Json.list();
  output: string = ""; // the node that yields the logits

  // add adds a node and returns it, for its attributes.
  add(name: string, op: string, inputs: string[]): Json {
    const n = Json.object().set("name", Json.text(name)).set("op", Json.text(op)).set("inputs", Json.texts(inputs));
    this.nodes.add(n);
    return n;
  }
}

// A shaper turns what was measured of a trial into a reward, as a function of its
// arguments only.
export abstract class Shaper {
  abstract reward(m: Metrics): Reward;
}

export class Metrics {
  epochs: Epoch[] = [];
  params: f64 = 0;         // learned numbers
  macs: f64 = 0;           // multiply-accumulates of one example
  latencySeconds: f64 = 0; // of one example; 0: not measured
  failed: bool = false;
}

// What was measured after one epoch of training. Accuracies are fractions, losses
// are in nats; what was not measured is NaN.
export class Epoch {
  trainLoss: f64 = NaN;
  trainAccuracy: f64 = NaN;
  validLoss: f64 = NaN;
  validAccuracy: f64 = NaN;
}

// A verdict, which is finite; the parts explain it to people.
export class Reward {
  parts: Json = Json.object();
  constructor(public reward: f64) {}
  part(name: string, value: f64): Reward { this.parts.set(name, Json.number(value)); return this; }
}

// refusal is why the call under way is refused; null: it is not.
let refusal: Json | null = null;

function refuse(code: string, msg: string, at: i32 = -1): void {
  if (refusal) return; // the first reason counts
  const f = Json.object().set("code", Json.text(code)).set("msg", Json.text(msg));
  if (at >= 0) f.set("at", Json.number(at));
  refusal = f;
}

// call answers an operation of the plugin interface: payload and answer are JSON.
export function call(m: Module, op: u32, payload: string): string {
  refusal = null;
  const value = serve(m, op, payload);
  const why = refusal;
  return (why ? Json.object().set("err", why) : Json.object().set("ok", value)).toString();
}

function serve(m: Module, op: u32, payload: string): Json {
  const nothing = new Json();
  const request = parse(payload);
  if (op < 1 || op > 4) {
    refuse("unsupported", "there is no operation " + op.toString());
    return nothing;
  }
  if (!request || request.type != Type.Object) {
    refuse("unsupported", "the payload is not a JSON object");
    return nothing;
  }
  const space = request.get("space"), shaper = request.get("shaper");
  if (op == 1 && space.type == Type.Null && shaper.type == Type.Null) return Json.object().set("manifest", manifest(m));
  if (op == 4 || op == 1 && space.type == Type.Null) {
    for (let i = 0; i < m.shapers.length; i++) {
      const o = m.shapers[i];
      if (o.name != shaper.content) continue;
      const params = readParams(o.params, request.get("params"));
      if (refusal) return nothing;
      return op == 1 ? named(o.name, m).set("params", params.json()) : reward(o.open(params), request.get("metrics"));
    }
    refuse("unsupported", "there is no shaper " + shaper.content);
    return nothing;
  }
  for (let i = 0; i < m.spaces.length; i++) {
    const o = m.spaces[i];
    if (o.name != space.content) continue;
    const params = readParams(o.params, request.get("params"));
    if (refusal) return nothing;
    if (op == 1) return describe(m, o, params);
    const answers = readAnswers(request.get("prefix"));
    if (refusal) return nothing;
    return op == 2 ? next(o.open(params), answers) : build(o, o.open(params), answers, request.get("task"));
  }
  refuse("unsupported", "there is no space " + space.content);
  return nothing;
}

function readParams(declared: Param[], given: Json): Params {
  const p = new Params(declared, []);
  for (let i = 0; i < declared.length; i++) p.values.push(declared[i].value);
  if (given.type != Type.Null && given.type != Type.Object) refuse("bad_params", "the params are not an object");
  for (let i = 0; i < given.names.length; i++) {
    const name = given.names[i], v = given.items[i];
    if (v.type == Type.Null) continue; // it means absent
    const at = find(declared, name);
    if (at < 0) {
      refuse("bad_params", "there is no param " + name);
      continue;
    }
    const d = declared[at];
    if (v.type != Type.Number || !(v.value >= d.min && v.value <= d.max) || d.integer && v.value != Math.floor(v.value)) {
      refuse("bad_params", name + " must be " + (d.integer ? "an integer" : "a number") + " from " + d.min.toString() + " to " + d.max.toString());
    }
    p.values[at] = v.value;
  }
  return p;
}

function named(name: string, m: Module): Json {
  return Json.object().set("name", Json.text(name)).set("version", Json.text(m.version));
}

function manifest(m: Module): Json {
  const spaces = Json.list(), shapers = Json.list();
  for (let i = 0; i < m.spaces.length; i++) {
    const o = m.spaces[i];
    spaces.add(offer(o.name, o.summary, o.params).set("task", Json.text(o.task)));
  }
  for (let i = 0; i < m.shapers.length; i++) {
    const o = m.shapers[i];
    shapers.add(offer(o.name, o.summary, o.params));
  }
  return Json.object().set("abi", Json.text("1.0")).set("name", Json.text(m.name)).set("version", Json.text(m.version))
    .set("summary", Json.text(m.summary)).set("spaces", spaces).set("shapers", shapers);
}

function offer(name: string, summary: string, declared: Param[]): Json {
  const params = Json.list();
  for (let i = 0; i < declared.length; i++) {
    const p = declared[i];
    params.add(Json.object().set("name", Json.text(p.name)).set("type", Json.text(p.integer ? "int" : "float"))
      .set("default", Json.number(p.value)).set("summary", Json.text(p.summary))
      .set("min", Json.number(p.min)).set("max", Json.number(p.max)));
  }
  return Json.object().set("name", Json.text(name)).set("summary", Json.text(summary)).set("params", params);
}

function describe(m: Module, o: SpaceOffer, params: Params): Json {
  const space = o.open(params), declared = space.kinds(), kinds = Json.list();
  for (let i = 0; i < declared.length; i++) {
    const k = declared[i], form = k.form == Form.Choice ? "choice" : k.form == Form.Anchors ? "anchors" : "pointer";
    const j = Json.object().set("id", Json.text(k.id)).set("type", Json.text(form));
    if (k.form == Form.Choice) j.set("options", Json.texts(k.options));
    kinds.add(j);
  }
  return named(o.name, m).set("task", Json.text(o.task)).set("max_steps", Json.number(space.maxSteps()))
    .set("kinds", kinds).set("params", params.json());
}

function readAnswers(prefix: Json): Answer[] {
  const list: Answer[] = [];
  if (prefix.type != Type.List && prefix.type != Type.Null) refuse("bad_prefix", "the prefix is not an array", 0);
  for (let i = 0; i < prefix.items.length; i++) {
    const j = prefix.items[i], a = new Answer();
    a.set = j.ints();
    if (j.isInt()) a.pick = j.value as i32;
    else if (!a.set) refuse("bad_prefix", "an answer is an integer or an array of integers", i);
    list.push(a);
  }
  return list;
}

function kindOf(space: Space, q: Decision): Kind {
  const kinds = space.kinds();
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i].id == q.kind) return kinds[i];
  }
  assert(false, "a decision of a kind that is not declared");
  return kinds[0];
}

// fits says whether an answer is one to a decision.
function fits(k: Kind, q: Decision, a: Answer): bool {
  const set = a.set;
  if (k.form != Form.Anchors) {
    if (set) return false;
    if (k.form == Form.Pointer) return q.offers.includes(a.pick);
    return a.pick >= 0 && a.pick < k.options.length && (q.mask.length == 0 || q.mask[a.pick]);
  }
  if (!set) return false;
  for (let i = 0; i < set.length; i++) {
    if (!q.offers.includes(set[i]) || i > 0 && set[i] <= set[i - 1]) return false;
  }
  return true;
}

// follow checks every answer against the decision that it replies to, and returns
// what follows the last.
function follow(space: Space, answers: Answer[]): Decision | null {
  for (let i = 0; i < answers.length; i++) {
    const q = space.next(answers.slice(0, i));
    if (!q) refuse("bad_prefix", "the episode ends after " + i.toString() + " answers", i);
    else if (!fits(kindOf(space, q), q, answers[i])) refuse("bad_prefix", "this is no answer to the decision " + q.name, i);
    if (refusal) return null;
  }
  return space.next(answers);
}

function next(space: Space, answers: Answer[]): Json {
  const q = follow(space, answers);
  if (!q) return Json.object().set("done", Json.bool(true));
  const decision = Json.object().set("kind", Json.text(q.kind)).set("name", Json.text(q.name));
  if (q.anchor) decision.set("anchor", Json.bool(true));
  if (kindOf(space, q).form != Form.Choice) {
    decision.set("anchors", Json.numbers(q.offers));
  } else if (q.mask.length > 0) {
    const mask = Json.list();
    for (let i = 0; i < q.mask.length; i++) mask.add(Json.bool(q.mask[i]));
    decision.set("mask", mask);
  }
  const step = Json.object().set("decision", decision);
  if (q.state != "") step.set("state", Json.text(q.state));
  if (q.any) step.set("any", Json.bool(true));
  return step;
}

function build(o: SpaceOffer, space: Space, answers: Answer[], given: Json): Json {
  if (follow(space, answers)) refuse("bad_prefix", "the episode is not over", answers.length);
  const input = given.get("input").ints(), classes = given.get("classes");
  if (given.get("type").content != o.task || !input || input.length != (o.task == "image" ? 3 : 1) || !classes.isInt()) {
    refuse("unsupported", "the space " + o.name + " is for tasks of type " + o.task);
  }
  if (refusal) return new Json();
  const n = space.build(answers, new Task(o.task, input!, classes.value as i32));
  return Json.object().set("network", Json.object().set("version", Json.number(1)).set("task", given)
    .set("nodes", n.nodes).set("output", Json.text(n.output)));
}

function reward(shaper: Shaper, given: Json): Json {
  const m = new Metrics(), epochs = given.get("epochs");
  m.params = given.get("params").or(0);
  m.macs = given.get("macs").or(0);
  m.latencySeconds = given.get("latency_seconds").or(0);
  m.failed = given.get("failed").truth;
  for (let i = 0; i < epochs.items.length; i++) {
    const e = new Epoch(), j = epochs.items[i];
    e.trainLoss = j.get("train_loss").or(NaN);
    e.trainAccuracy = j.get("train_accuracy").or(NaN);
    e.validLoss = j.get("valid_loss").or(NaN);
    e.validAccuracy = j.get("valid_accuracy").or(NaN);
    m.epochs.push(e);
  }
  const r = shaper.reward(m);
  return Json.object().set("reward", Json.number(r.reward)).set("parts", r.parts);
}

// The exports of the module; plugin.ts hands them on.

let registered: Module | null = null;
let answer: ArrayBuffer = new ArrayBuffer(0); // stays valid until the next call

export function register(m: Module): void { registered = m; }

export function esp_abi(): u32 { return 1 << 16; }

// The payload's memory lies outside of the collected heap, since nothing in here
// refers to it.
export function esp_alloc(size: u32): usize { return heap.alloc(size); }

export function esp_free(address: usize, size: u32): void { heap.free(address); }

export function esp_call(op: u32, address: usize, size: u32): u64 {
  answer = String.UTF8.encode(call(registered!, op, String.UTF8.decodeUnsafe(address, size)));
  return (changetype<usize>(answer) as u64) << 32 | (answer.byteLength as u64);
}

// @ts-ignore: decorator
@external("esp", "log")
declare function esp_log(level: i32, address: usize, size: u32): void;

// log hands a message to the host: level 0 debug, 1 info, 2 warning, 3 error.
export function log(level: i32, msg: string): void {
  const text = String.UTF8.encode(msg);
  esp_log(level, changetype<usize>(text), text.byteLength);
}
