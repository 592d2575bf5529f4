// A plugin of Espalier: a search space, from which a search proposes networks,
// and a reward shaper, which says how good a trained one is. README.md says how
// to build, test and use it; espalier.ts explains the types.

import {
  Answer, Decision, Form, Kind, Metrics, Module, Network, Param, Params, Reward, Shaper, ShaperOffer, Space, SpaceOffer, Task, register,
} from "./espalier";
import { Json } from "./json";

// What the host calls.
export { esp_abi, esp_alloc, esp_call, esp_free } from "./espalier";

// What a layer can be. An answer is the position of an option.
const FILTERS = [4, 8, 16];
const KERNELS = [1, 3, 5];

// The kinds of decision, in the order in which a layer asks them. Decisions of
// one kind share what the controller learns, so a kind has the same options
// wherever it is asked.
const KINDS = [
  new Kind("filters", Form.Choice, FILTERS.map<string>(v => v.toString())),
  new Kind("kernel", Form.Choice, KERNELS.map<string>(v => v.toString())),
  new Kind("reads", Form.Anchors, []),
];

// Convolutions, each of which reads the one before and any of the earlier ones.
class Stack extends Space {
  constructor(private layers: i32) { super(); }

  kinds(): Kind[] { return KINDS; }

  maxSteps(): i32 { return this.layers * KINDS.length; }

  next(answers: Answer[]): Decision | null {
    const position = answers.length;
    if (position == this.maxSteps()) return null;
    const layer = position / KINDS.length, kind = KINDS[position % KINDS.length];
    const q = new Decision(kind.id, layerName(layer) + "/" + kind.id);
    if (kind.form == Form.Anchors) {
      q.anchor = true; // this layer is the next anchor point, so that later layers can pick it
      for (let earlier = 0; earlier < layer - 1; earlier++) q.offers.push(earlier);
    }
    // Two promises that let the host save calls: what follows depends on the
    // position alone, and not on the answer to this question.
    q.state = position.toString();
    q.any = true;
    return q;
  }

  // Every layer is a convolution, batch normalization and ReLU; the first halves
  // the image.
  build(answers: Answer[], task: Task): Network {
    const n = new Network();
    let last = "input"; // what the next layer reads
    for (let layer = 0; layer < this.layers; layer++) {
      const name = layerName(layer), picked = answers.slice(layer * KINDS.length);
      const earlier = picked[2].anchors();
      if (earlier.length > 0) {
        const inputs = [last];
        for (let i = 0; i < earlier.length; i++) inputs.push(layerName(earlier[i]) + "/relu");
        n.add(name + "/join", "concat", inputs);
        last = name + "/join";
      }
      const size = KERNELS[picked[1].pick];
      const conv = n.add(name + "/conv", "conv2d", [last]);
      conv.set("filters", Json.number(FILTERS[picked[0].pick])).set("kernel", Json.numbers([size, size]));
      if (layer == 0) conv.set("stride", Json.numbers([2, 2]));
      n.add(name + "/norm", "batchnorm", [name + "/conv"]);
      n.add(name + "/relu", "activation", [name + "/norm"]).set("func", Json.text("relu"));
      last = name + "/relu";
    }
    n.add("pool", "global_avgpool", [last]);
    n.add("logits", "dense", ["pool"]).set("units", Json.number(task.classes)).set("bias", Json.bool(true));
    n.output = "logits";
    return n;
  }
}

function layerName(layer: i32): string { return "layer" + (layer + 1).toString(); }

// accuracy * halfAt / (halfAt + params), where accuracy is the best that was
// measured on validation images. It is 0 for a trial that failed.
class Thrifty extends Shaper {
  constructor(private halfAt: f64) { super(); }

  reward(m: Metrics): Reward {
    let accuracy: f64 = 0;
    for (let i = 0; i < m.epochs.length && !m.failed; i++) {
      const measured = m.epochs[i].validAccuracy;
      if (measured > accuracy) accuracy = measured; // never true for NaN, which stands for "not measured"
    }
    const thrift = this.halfAt / (this.halfAt + m.params);
    return new Reward(accuracy * thrift).part("accuracy", accuracy).part("thrift", thrift);
  }
}

// All that the plugin offers. A space or shaper is picked by name, as in
// --space ./sapling.wasm:stack, and its params are set by --params '{"layers": 5}'.
export const plugin = new Module("sapling", "0.1.0", "A plugin to start from.");

plugin.spaces.push(new SpaceOffer(
  "stack", "Convolutions, each of which reads the one before and any of the earlier ones.", "image",
  [new Param("layers", "convolutions", true, 3, 1, 16)],
  (p: Params): Space => new Stack(p.get("layers") as i32),
));

plugin.shapers.push(new ShaperOffer(
  "thrifty", "Best validation accuracy, reduced for networks with many parameters.",
  [new Param("half_at", "learned numbers that halve the reward", true, 100000, 1, 1000000000)],
  (p: Params): Shaper => new Thrifty(p.get("half_at")),
));

register(plugin);
