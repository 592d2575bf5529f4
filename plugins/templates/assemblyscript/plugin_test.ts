// Tests of plugin.ts: each sends what a host would send, and looks at the answer.
// npm test compiles this file and calls its functions.

import { call } from "./espalier";
import { Json, parse } from "./json";
import { plugin } from "./plugin";

function answer(op: u32, payload: string): Json { return parse(call(plugin, op, payload))!; }

function next(prefix: string): Json {
  return answer(2, `{"space":"stack","params":{"layers":3},"prefix":${prefix}}`);
}

function build(prefix: string): Json {
  return answer(3, `{"space":"stack","params":{"layers":3},"prefix":${prefix},"task":{"type":"image","input":[16,16,3],"classes":10}}`);
}

function reward(metrics: string): Json {
  return answer(4, `{"shaper":"thrifty","params":{"half_at":1000},"metrics":${metrics}}`).get("ok");
}

function equal(got: string, want: string): void { assert(got == want, "got " + got + ", want " + want); }

export function questions(): void {
  equal(next("[]").get("ok").get("decision").toString(), `{"kind":"filters","name":"layer1/filters"}`);
  const last = next("[0,0,[],0,0,[],0,0]").get("ok");
  equal(last.get("decision").toString(), `{"kind":"reads","name":"layer3/reads","anchor":true,"anchors":[0]}`);
  equal(last.get("state").toString(), `"8"`);
  equal(next("[0,0,[],0,0,[],0,0,[0]]").toString(), `{"ok":{"done":true}}`);
}

function refused(prefix: string, at: i32): void {
  const err = next(prefix).get("err");
  equal(err.get("code").content, "bad_prefix");
  equal(err.get("at").toString(), at.toString());
}

export function wrongAnswers(): void {
  refused("[3]", 0);
  refused("[0,[]]", 1);
  refused("[0,0,[0]]", 2);
  refused("[0,0,[],0,0,[],0,0,[0],0]", 9);
  equal(build("[0,0]").get("err").get("code").content, "bad_prefix");
}

export function network(): void {
  const nodes = build("[0,1,[],1,0,[],2,2,[0]]").get("ok").get("network").get("nodes");
  equal(nodes.items.length.toString(), "12");
  equal(nodes.items[6].toString(), `{"name":"layer3/join","op":"concat","inputs":["layer2/relu","layer1/relu"]}`);
  equal(nodes.items[7].toString(), `{"name":"layer3/conv","op":"conv2d","inputs":["layer3/join"],"filters":16,"kernel":[5,5]}`);
}

export function rewards(): void {
  const epochs = `"epochs":[{"epoch":1,"valid_accuracy":0.5},{"epoch":2},{"epoch":3,"valid_accuracy":0.25}]`;
  equal(reward(`{${epochs}}`).get("reward").toString(), "0.5");
  equal(reward(`{${epochs},"params":1000}`).toString(), `{"reward":0.25,"parts":{"accuracy":0.5,"thrift":0.5}}`);
  equal(reward(`{${epochs},"failed":true}`).get("reward").toString(), "0");
}
